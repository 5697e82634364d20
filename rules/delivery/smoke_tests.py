"""Run tests on pull requests.

A change that breaks the service should show before it is merged, not after. What counts is a test in a pipeline that
runs on pull requests, or on pushes to every branch, whose failure fails the pipeline. Linting is no test.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.inventory.delivery.deeds import Deed
from readycheck.model import Resource, Severity, Verdict
from readycheck.pipelines.acts import Breadth, Test
from readycheck.pipelines.model import Occasion
from readycheck.rule import rule
from readycheck.scope import nothing_to_build, pipelines_out_of_sight

_BEFORE_MERGE = (Occasion.PULL_REQUEST, Occasion.BRANCH)


@rule("Environment", severity=Severity.MEDIUM, unless=nothing_to_build, needs=pipelines_out_of_sight)
def smoke_tests(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    tests = inventory.done(Test, *_BEFORE_MERGE)
    counting = [test for test in tests if not test.powerless]
    sure = [test for test in counting if not test.unsure or _for_some_branch(test)]
    hidden = inventory.hidden_on(*_BEFORE_MERGE)
    if sure:
        if all(test.act.breadth is Breadth.UNIT for test in sure):
            yield environment.note(f"{sure[0].named} tests; no smoke test goes by that name", at=sure[0].act.place)
    elif counting:
        yield environment.unknown(
            f"whether {counting[0].named} tests depends on {counting[0].unsure}", at=counting[0].act.place
        )
    elif hidden is not None:
        yield environment.unknown(f"{hidden.reason}: whether it tests cannot be told", at=hidden.place)
    elif tests:
        yield environment.finding(
            f"the failure of {tests[0].named} stops nothing: {tests[0].powerless}", at=tests[0].act.place
        )
    elif elsewhere := inventory.surest(Test, *Occasion):
        yield environment.finding(
            f"{elsewhere.named} tests on {elsewhere.occasions} only: nothing tests pull requests",
            at=elsewhere.act.place,
        )
    else:
        yield environment.finding(f"{inventory.what_is_read_of_pipelines}: nothing tests pull requests")


def _for_some_branch(test: Deed[Test]) -> bool:
    """Whether pull requests into a named branch run a test, whichever the main branch is."""
    return any(run.occasion is Occasion.PULL_REQUEST and run.unsure.startswith("branches: ") for run in test.runs)
