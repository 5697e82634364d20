"""Run no image with known vulnerabilities that an update would mend.

A vulnerability with a fixed version is work that is left undone, and attackers read the same lists. What is in an
image says a report on it: Trivy's JSON or SARIF in the tree or named in the configuration, or a VulnerabilityReport of
the Trivy operator, in the tree or in a live cluster; and what ECR found, where its account was asked. A report is
joined to containers by what it was made for, by digest, else by name and tag. Vulnerabilities count once for each
package, those without a fixed version not at all, and neither do those that `.trivyignore` or a VEX document waives,
as long as the waiver lasts.

A report on an image that no workload runs is judged itself where there are no workloads at all.

Options:
    critical: how many critical vulnerabilities an image may have that can be fixed
    high: how many high ones
    days: how old a report may be
"""

from collections.abc import Iterator, Mapping, Sequence

from readycheck.images.ecr import SCAN_FINDINGS
from readycheck.images.vulnerability import Assessment, Vulnerability
from readycheck.images.waivers import Waiver
from readycheck.inventory import UNUSED_REPORT, Inventory
from readycheck.kubernetes.workload import Container
from readycheck.model import Place, Resource, Severity, Verdict, first_of
from readycheck.rule import FILES_AND_CLUSTER, apart, rule
from readycheck.scope import unscanned

_DAY = 24 * 3600
_MOST_NAMED = 5


@rule(
    "Container",
    UNUSED_REPORT,
    severity=Severity.CRITICAL,
    sources=(*FILES_AND_CLUSTER, "aws"),
    needs=unscanned,
    asks=("aws_ecr_image_scan_findings",),
)
def vulnerabilities(
    subject: Resource, inventory: Inventory, *, critical: int = 0, high: int = 10, days: int = 30
) -> Iterator[Verdict]:
    allowed = {"CRITICAL": critical, "HIGH": high}
    if isinstance(subject, Container):
        yield from _of_container(subject, inventory, allowed, days)
    else:
        yield from _of_report(subject, inventory, allowed, days)


def _of_container(container: Container, inventory: Inventory, allowed: dict[str, int], days: int) -> Iterator[Verdict]:
    if container.injected and container.body.get("image") == "auto":
        yield container.not_applicable("what injects the proxy sets its image")
        return
    image = container.image
    # A digest tells the image even where a variable stands before it; without one, every part has to be decided.
    shown = str(container.body["image"]) if image.digest else container.string("image")
    found = inventory.assessments_of(container)
    if not found:
        yield container.unknown(f"no report on its image {shown} was read", at="image")
        return
    newest = found[0]
    if image.digest and newest.digests and image.digest not in newest.digests:
        yield container.unknown(
            f"the report on {newest.name} is on another digest than the image that it runs",
            at="image",
            also=[newest.place],
        )
        return
    yield from _judge(container, container.at("image"), newest, inventory, allowed, days)


def _of_report(report: Resource, inventory: Inventory, allowed: dict[str, int], days: int) -> Iterator[Verdict]:
    parts = inventory.assessments_in(report)
    if not parts:
        yield report.not_applicable("says nothing about the packages of an image")
    elif all(part.no_image and not part.doubtful for part in parts):
        yield report.not_applicable(parts[0].no_image)
    elif inventory.workloads or inventory.opaque:
        yield report.not_applicable(f"no workload of the {inventory.extent} runs its image")
    else:
        yield from apart(report, *(_judge(report, part.place, part, inventory, allowed, days) for part in parts))


def _judge(
    subject: Resource, at: Place, assessment: Assessment, inventory: Inventory, allowed: dict[str, int], days: int
) -> Iterator[Verdict]:
    also = [] if at.resource is assessment.report else [assessment.place]
    why_not = _unreliable(assessment, inventory.now, days)
    if why_not:
        yield subject.unknown(why_not, at=at, also=also)
        return
    tally = inventory.tally(assessment)
    fixable = {severity: tally.fixable.get(severity, ()) for severity in allowed}
    over = [severity for severity, most in allowed.items() if len(fixable[severity]) > most]
    lapsed = [_lapsed(waiver) for waiver in tally.lapsed]
    if over and assessment.adds_up > 1:
        yield subject.unknown(
            f"the report adds up {assessment.adds_up} images, and its {_counts(fixable)} may be any one's",
            at=at,
            also=also,
        )
    elif over and not assessment.fixes_told:
        yield subject.unknown(
            f"the scan of {assessment.name} found {_counts(fixable)} ones, and tells of no fixes",
            at=at,
            also=also,
        )
    elif over:
        worst = [each for severity in over for each in fixable[severity]]
        wanted = " and ".join(f"{most} {severity.lower()}" for severity, most in allowed.items())
        said = (
            f"image {assessment.name} has {_counts(fixable)} vulnerabilities that can be fixed "
            f"where at most {wanted} are wanted: {_named(worst)}"
        )
        yield subject.finding(
            "; ".join((said, *lapsed)),
            at=at,
            also=[*also, *(assessment.report.at(each.path) for each in worst[:_MOST_NAMED])],
        )
    else:
        if assessment.obsolete:
            said = f"its system, {assessment.obsolete}, gets no security updates any more"
            yield subject.note(said, at=at, also=also)
        if tally.waived:
            yield subject.note(f"{len(tally.waived)} waived: {_named(tally.waived)}", at=at, also=also)
        for waiver, said in zip(tally.lapsed, lapsed, strict=True):
            yield subject.note(said, at=waiver.place)


def _unreliable(assessment: Assessment, now: float, days: int) -> str:
    """Why a report cannot be relied on; "" where it can."""
    if assessment.no_image:
        return f"the report {assessment.no_image}"
    if assessment.error and assessment.report.kind == SCAN_FINDINGS:
        return f"{assessment.name}: {assessment.error}"
    if assessment.error:
        return f"the report on {assessment.name} cannot be relied on: {assessment.error}"
    age = int((now - assessment.taken) // _DAY) if assessment.taken is not None else 0
    if age > days:
        return f"the report on {assessment.name} is {age} days old where at most {days} are wanted"
    if not assessment.analysed:
        return f"the report on {assessment.name} names no packages: nothing in it could be analysed"
    return ""


def _counts(fixable: Mapping[str, Sequence[Vulnerability]]) -> str:
    return " and ".join(f"{len(found)} {severity.lower()}" for severity, found in fixable.items())


def _named(found: Sequence[Vulnerability]) -> str:
    """The first few by name, each with its package."""
    named = (f"{each.id} in {each.package} {each.version}" if each.package else each.id for each in found)
    return first_of(list(named), _MOST_NAMED)


def _lapsed(waiver: Waiver) -> str:
    return f"its waiver of {waiver.id} in {waiver.place.resource.name} has expired"
