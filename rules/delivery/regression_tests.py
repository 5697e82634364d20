"""Let every deploy wait for tests.

A deploy that starts whether or not the tests succeed brings what is broken to production as fast as what is not. What
counts is a test that the deploy's job waits for: an earlier step, a job that it needs, directly or not, or a pipeline
after whose success it runs. A test in another pipeline that the same merge starts holds up nothing. Where a pipeline
deploys to a test environment first and to production later, the later deploy is judged.
"""

import re
from collections.abc import Collection, Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.inventory.delivery.deeds import Deed
from readycheck.model import Resource, Severity, Verdict
from readycheck.pipelines.acts import Breadth, Deploy
from readycheck.pipelines.model import Occasion
from readycheck.rule import apart, rule
from readycheck.scope import nothing_to_build, pipelines_out_of_sight

_LATER = (Occasion.TAG, Occasion.MANUAL, Occasion.SCHEDULE, Occasion.BRANCH)


@rule("Environment", severity=Severity.MEDIUM, unless=nothing_to_build, needs=pipelines_out_of_sight)
def regression_tests(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    deploys = inventory.done(Deploy, Occasion.MAIN)
    hidden = inventory.hidden_on(Occasion.MAIN)
    if not deploys and hidden is None:
        deploys = inventory.done(Deploy, *_LATER)
        hidden = inventory.hidden_on(*_LATER)
    judged = _standing_for_all([each for each in deploys if not each.rehearsal] or deploys)
    if judged:
        yield from apart(environment, *(_held_up(deploy, environment, inventory) for deploy in judged))
    elif not inventory.pipelines:
        yield environment.finding(f"{inventory.what_is_read_of_pipelines}: no deploy waits for a test")
    elif hidden is not None:
        yield environment.unknown(f"{hidden.reason}: whether it deploys cannot be told", at=hidden.place)
    elif inventory.follower_of_main is not None:
        yield environment.unknown(
            f"{inventory.follower_of_main.kind} {inventory.follower_of_main.name} applies what is merged: whether a "
            "merge waits for tests is a setting of the repository's host"
        )
    else:
        yield environment.not_applicable("no pipeline deploys: delivery/deploy-on-main says so")


def _standing_for_all(deploys: Sequence[Deed[Deploy]]) -> Collection[Deed[Deploy]]:
    """Of a job its first deploy, and of the jobs of a matrix the first."""
    first: dict[tuple[str, str], Deed[Deploy]] = {}
    for deploy in deploys:
        first.setdefault((deploy.pipeline.name, _MATRIX.sub("", deploy.job.id)), deploy)
    return first.values()


_MATRIX = re.compile(r" \(.*\)$|: \[.*\]$")


def _held_up(deploy: Deed[Deploy], environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    awaited = inventory.test_before(deploy)
    hidden = inventory.hidden_before(deploy)
    test = awaited.test
    if test is not None:
        if test.act.breadth is not Breadth.WIDE:
            said = f"{deploy.named} waits for {test.named}; no wider suite goes by that name"
            yield environment.note(said, at=test.act.place)
    elif hidden is not None:
        said = f"{hidden.reason}: whether {deploy.named} waits for a test cannot be told"
        yield environment.unknown(said, at=hidden.place)
    elif deploy.unsure:
        yield environment.unknown(
            f"whether {deploy.named} deploys depends on {deploy.unsure}; it waits for no test", at=deploy.act.place
        )
    elif awaited.condition:
        yield environment.unknown(
            f"whether {deploy.named} waits for a test cannot be told: {awaited.why}", at=deploy.act.place
        )
    else:
        why = f": {awaited.why}" if awaited.why else ""
        yield environment.finding(
            f"{deploy.named} waits for no test{why}", at=deploy.act.place, also=(deploy.job.place,)
        )
