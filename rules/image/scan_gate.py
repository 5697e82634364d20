"""Scan every image before it is pushed, and stop where a critical vulnerability is found.

Trivy exits with 0 whatever it finds unless it is told otherwise, and a scan whose failure nothing waits for is a report
that nobody reads. What counts is a scan of the image itself, or of an archive or a package list made from it, which
fails for critical vulnerabilities and which the push waits for. An image may be pushed before, under a name of its
commit, where what puts it into use waits for the scan. Grype, Snyk and Docker Scout are as good where they fail.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.inventory.images.scanning import Hold, Publication
from readycheck.model import Fix, Resource, Severity, Verdict
from readycheck.pipelines.pipeline import Pipeline
from readycheck.rule import apart, rule
from readycheck.scope import nothing_to_build, pipelines_out_of_sight

# Which step it has to be, and in which job, differs with each pipeline: people write it.
_SCANNED = Fix("scan it first: trivy image --exit-code 1 --severity CRITICAL IMAGE", (), safe=False)
_HELD = Fix("let the scan come first, fail on CRITICAL, and let its failure stop the push", (), safe=False)


@rule("Pipeline", severity=Severity.HIGH, unless=nothing_to_build, needs=pipelines_out_of_sight)
def scan_gate(pipeline: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if not isinstance(pipeline, Pipeline):
        yield pipeline.not_applicable("another kind of object that is called Pipeline too")
        return
    if pipeline.flow.called_only:
        yield pipeline.not_applicable("only other pipelines start it: its jobs are judged there")
        return
    publications = inventory.publications_of(pipeline)
    if inventory.only_copies(pipeline):
        yield pipeline.not_applicable("only copies images that lie in a registry already")
    elif not publications:
        hidden = inventory.hidden_around(pipeline)
        if hidden is not None:
            yield pipeline.unknown(f"{hidden.reason}: whether it pushes images cannot be told", at=hidden.place)
        else:
            yield pipeline.not_applicable("pushes no image and deploys none that it builds")
    else:
        holds = [(publication, inventory.hold_on(publication)) for publication in publications]
        yield from apart(pipeline, *(_said(pipeline, *each, inventory) for each in _spokesmen(holds)))


def _spokesmen(holds: list[tuple[Publication, Hold]]) -> Iterator[tuple[Publication, Hold]]:
    """Of each job and command the first publication that nothing holds up; one for each scan that holds some up."""
    seen: set[object] = set()
    for publication, hold in sorted(holds, key=lambda each: each[1].holds):
        # Of a matrix, one job speaks for all, and of a script that several jobs call.
        own = (publication.job.place.location, publication.act.place.location)
        keys: set[object] = {hold.scan} if hold.holds else set(own)
        if not keys & seen:
            yield publication, hold
        seen |= keys


def _said(pipeline: Pipeline, publication: Publication, hold: Hold, inventory: Inventory) -> Iterator[Verdict]:
    at = publication.act.place
    scan = hold.scan
    hidden = None if hold.holds else inventory.hidden_around(pipeline, publication)
    if hidden is not None:
        said = f"{hidden.reason}: whether {publication.named} waits for a scan cannot be told"
        yield pipeline.unknown(said, at=hidden.place, also=[at])
    elif not hold.holds and inventory.may_stay_here(publication):
        said = f"{publication.named} may push into the cluster that the job makes: where to is a variable"
        yield pipeline.unknown(said, at=at)
    elif scan is None:
        yield pipeline.finding(f"{publication.named} waits for no scan of the image", at=at, fix=_SCANNED)
    elif hold.why:
        said = f"{publication.named} waits for no scan: {hold.why}"
        yield pipeline.finding(said, at=at, also=[scan.act.place], fix=_HELD)
    elif hold.unsure:
        yield pipeline.unknown(f"{scan.named}: {hold.unsure}", at=scan.act.place)
    else:
        if hold.promoted:
            said = f"{publication.named} comes before {scan.named}, which what puts the image into use waits for"
            yield pipeline.note(said, at=at, also=[scan.act.place])
        if scan.act.remark:
            yield pipeline.note(f"{scan.named} {scan.act.remark}", at=scan.act.place)
