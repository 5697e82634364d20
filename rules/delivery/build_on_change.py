"""Build a service's image whenever its code changes.

An image that is built by hand, or only for a release, holds whatever stood on somebody's machine that day, and a change
that no longer builds shows late. Each service is judged whose image is built from the tree: by its workload where there
is one, else by its Dockerfile. An image that comes from elsewhere is out of scope.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.inventory.delivery.services import DELIVERED_SERVICE, Service
from readycheck.model import Resource, Severity, Verdict
from readycheck.pipelines.model import Occasion
from readycheck.rule import rule
from readycheck.scope import nothing_to_build, only_an_example, pipelines_out_of_sight

_CHANGES = (Occasion.PULL_REQUEST, Occasion.BRANCH, Occasion.MAIN)
_HELPERS = frozenset(
    [
        *(
            "dev",
            "devel",
            "development",
            "devcontainer",
            "local",
            "debug",
            "tilt",
            "make",
            "test",
            "tests",
            "testing",
            "e2e",
            "ci",
        ),
        *("example", "examples", "sample", "samples", "fixtures", "docs", "hack", "tools", "scripts"),
        *("bench", "benchmark", "benchmarks"),
    ]
)
"""What Dockerfiles are called, or stand in, that make no service."""


@rule(
    DELIVERED_SERVICE,
    severity=Severity.MEDIUM,
    unless=(nothing_to_build, only_an_example),
    needs=pipelines_out_of_sight,
)
def build_on_change(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    service = inventory.service_of(subject)
    builds = inventory.image_builds(service)
    changes = [build.on(*_CHANGES) for build in builds]
    on_change = [build for build in changes if build is not None]
    counting = [build for build in on_change if any(inventory.runs_for(service, run) for run in build.runs)]
    sure = [build for build in counting if not build.unsure and not build.manual]
    hidden = inventory.hidden_on(*_CHANGES)
    if sure:
        yield subject.note(f"{sure[0].named} builds it", at=sure[0].act.place)
    elif not builds and not service.dockerfile:
        yield subject.not_applicable("nothing in the tree builds its image: it comes from elsewhere")
    elif not builds and (word := _helper(service)):
        yield subject.not_applicable(f"a Dockerfile for {word} is no service's")
    elif hidden is not None:
        yield subject.unknown(f"{hidden.reason}: whether it builds its image cannot be told", at=hidden.place)
    elif any(build.unsure for build in counting):
        unsure = next(build for build in counting if build.unsure)
        yield subject.unknown(f"whether {unsure.named} builds it depends on {unsure.unsure}", at=unsure.act.place)
    elif counting:
        yield subject.finding(
            f"{counting[0].named} builds it only after somebody starts it", also=[counting[0].act.place]
        )
    elif on_change:
        paths = ", ".join(dict.fromkeys(path for run in on_change[0].runs for path in run.paths))
        yield subject.finding(
            f"{on_change[0].named} builds it when {paths} changes, and none of that is its code",
            also=[on_change[0].act.place],
        )
    elif builds:
        yield subject.finding(f"{builds[0].named} builds it on {builds[0].occasions} only", also=[builds[0].act.place])
    else:
        yield subject.finding(
            f"{inventory.what_is_read_of_pipelines}: nothing builds its image from {service.dockerfile}"
        )


def _helper(service: Service) -> str:
    """The word by which a Dockerfile is known to make no service."""
    parts = service.dockerfile.lower().replace(".", "/").replace("-", "/").replace("_", "/").split("/")
    return next((part for part in parts if part in _HELPERS), "")
