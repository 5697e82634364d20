"""The report: the one thing that outputs get. Its JSON form is its literal form."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from readycheck.model import Collected, Counterpart, Finding, Location, Outcome, Place, Resource, Severity, Status

SOON_DAYS = 14
"""How many days ahead the end of an exemption is told."""


SOFT = "of a soft rule"
"""Why what the configuration only wants to be told is tolerated."""


class ExitCode(IntEnum):
    """What the process says to the shell. Lower ones win, but for READY."""

    READY = 0
    VIOLATIONS = 1
    USAGE = 2
    INCOMPLETE = 3
    EXPIRED_EXEMPTION = 4


class ExemptionStatus(IntEnum):
    """Whether an exemption exempts."""

    ACTIVE = 0
    UNUSED = 1
    EXPIRED = 2
    INVALID = 3


class ExemptionUse(Struct, frozen=True):
    """An exemption as it was met in this scan."""

    where: str
    """`file:line` or `cluster object` where it is written."""
    rules: tuple[str, ...]
    status: ExemptionStatus
    reason: str
    owner: str
    until: str
    problem: str
    """Why it does not exempt, in words; "" where it does."""
    count: int = 0
    """How many failures it exempted."""
    days_left: int | None = None
    """How many days it still exempts after today; None where it does not exempt."""

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to mend what it exempts, or to agree on another date."""
        return self.days_left is not None and self.days_left <= SOON_DAYS

    @property
    def word(self) -> str:
        """What became of it, in a word; of what ends soon, when."""
        if self.ends_soon:
            return "ends today" if not self.days_left else f"ends in {self.days_left} d"
        return self.status.name.lower()


class Gate(Struct, frozen=True):
    """Whether the build may go on, and every reason in words."""

    exit_code: ExitCode
    reasons: tuple[str, ...]
    lenient: bool = False
    """Whether the process ends with 0 all the same, as was asked for."""


class Provenance(Struct, frozen=True):
    """Which tree was scanned.

    Args:
        project: the address of its repository, or its path.
        commit: the git commit that is checked out; "" where it is not known.
        narrowed_to: the paths that the command line narrowed the scan to, from the project's folder; "" where it did
            not.
        counted: what the configuration counts to the environment, in a form of its own.
    """

    project: str = ""
    commit: str = ""
    narrowed_to: str = ""
    counted: str = ""

    @property
    def scope(self) -> str:
        """What changes with what the configuration counts to the environment; "" where nothing was scanned."""
        from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and the terminal shows no scope

        return sha256(self.counted.encode()).hexdigest()[:12] if self.counted else ""


class Bar(Protocol):
    """What a rule that ran asks: `version` changes with its code and its options."""

    @property
    def version(self) -> str:
        """Worked out where somebody asks: it takes the rule's file."""
        ...

    @property
    def severity(self) -> Severity:
        """How much it weighs that the rule does not hold."""
        ...


class Checkout(Struct, frozen=True):
    """Where the scanned tree lies on this machine: what turns places of a report into paths from the repository's top.

    Args:
        root: the absolute folder that uris of files start at, without links.
        repository: the absolute folder of the repository that holds it, without links; `root` where none does.
        configuration: the file of the configuration, as a path that opens it, and the line that names the environment;
            no uri where there is no configuration.
        scanned: the paths that were scanned, from the repository's top; "" for all of it.
    """

    root: str = ""
    repository: str = ""
    configuration: Location = Location("")
    scanned: tuple[str, ...] = ("",)

    def path_of(self, uri: str) -> str:
        """The path from the repository's top of what reports call `uri`; "" for what is no file."""
        if not uri or "://" in uri:
            return ""
        path = os.path.relpath(Path(self.root, uri), self.repository or self.root or ".")
        return path.replace(os.sep, "/")

    def covers(self, path: str) -> bool:
        """Whether what stands at a path from the repository's top was scanned, if it is there at all."""
        return any(path == scanned or path.startswith(f"{scanned}/".lstrip("/")) for scanned in self.scanned)


class Patch(Struct, frozen=True):
    """What would mend one finding, in the forms that can be had.

    Args:
        diff: the unified diff as `git apply` takes it, with paths from the repository's root; "" for what stands in no
            file.
        safe: whether the meaning is kept and there is nothing to decide.
        title: what it does, in a few words.
        note: what whoever reviews it should know; "" where that is nothing.
        kustomize: the same as `patches` of a kustomization; "" where it is no patch of objects.
        kubectl: the same as commands for the cluster.
    """

    diff: str
    safe: bool
    title: str
    note: str = ""
    kustomize: str = ""
    kubectl: str = ""


class Report(Struct, frozen=True, eq=False, dict=True):
    """Everything that one scan found.

    Args:
        version: readycheck's own.
        environment: the environment's name; "" where none was named.
        taken_at: when, as an RFC 3339 UTC time.
        sources: what each source read.
        outcomes: one per rule and thing.
        exemptions: what exempts, and what was meant to.
        gate: the exit code and why.
        rules: titles and why-lines of the rules that ran, by ID.
        managed: the namespaces that come with the cluster or that its maker manages; pages keep them apart.
        counterparts: what the other side of the environment shows of a finding's object, by the finding's identity.
        provenance: which tree was scanned.
        ruleset: the bar that each rule sets which ran, by ID.
        seconds: how long it took, by phase.
        checkout: where the scanned tree lies on this machine.
        tolerated: why the gate lets a finding pass whatever its severity, by the finding's identity.
        patches: what would mend a finding, by the finding's identity, where that was asked for.
        reopened: why a finding counts that was known before, by the finding's identity.
    """

    version: str
    environment: str
    taken_at: str
    sources: Sequence[Collected]
    outcomes: Sequence[Outcome]
    exemptions: Sequence[ExemptionUse]
    gate: Gate
    rules: Mapping[str, tuple[str, str]]
    managed: frozenset[str] = frozenset()
    counterparts: Mapping[int, Counterpart] = field(default_factory=dict)
    provenance: Provenance = Provenance()
    ruleset: Mapping[str, Bar] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    checkout: Checkout = Checkout()
    tolerated: Mapping[int, str] = field(default_factory=dict)
    patches: Mapping[int, Patch] = field(default_factory=dict)
    reopened: Mapping[int, str] = field(default_factory=dict)

    def weighed(self, gate: Gate, tolerated: Mapping[int, str], reopened: Mapping[int, str]) -> Report:
        """The same with what the gate says of it; what was worked out is of the outcomes, and stays."""
        weighed = replace(self, gate=gate, tolerated=tolerated, reopened=reopened)
        vars(weighed).update(vars(self))
        return weighed

    @cached_property
    def by_status(self) -> Mapping[Status, list[Outcome]]:
        """The outcomes of each status, as the rules and the tree have them."""
        by_status: dict[Status, list[Outcome]] = {status: [] for status in Status}
        for outcome in self.outcomes:
            by_status[outcome.status].append(outcome)
        return by_status

    @cached_property
    def failed(self) -> list[Outcome]:
        """The outcomes that failed: the most severe first, then as the rules and the tree have them."""
        return sorted(self.by_status[Status.FAIL], key=lambda outcome: outcome.severity.rank)

    @cached_property
    def findings(self) -> list[tuple[Outcome, Finding]]:
        """Each finding with its outcome, in the order of `failed`."""
        return [(outcome, finding) for outcome in self.failed for finding in outcome.findings]

    def place_of(self, finding: Finding) -> Place:
        """Where a finding is mended: in git, where a live one's object is declared there; else where it points."""
        counterpart = self.counterparts.get(id(finding))
        live = finding.resource.root.origin.source == "cluster"
        if live and counterpart is not None and counterpart.place is not None:
            return counterpart.place
        return finding.place

    def location_of(self, finding: Finding) -> Location:
        """The location of the place where a finding is mended."""
        return self.place_of(finding).location

    @cached_property
    def tally(self) -> Mapping[tuple[str, Status, Severity], int]:
        """How many outcomes there are of each rule, status and severity."""
        return Counter((outcome.rule, outcome.status, outcome.severity) for outcome in self.outcomes)

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """How many outcomes there are of each status."""
        return {status: len(outcomes) for status, outcomes in self.by_status.items()}

    @cached_property
    def severities(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity."""
        return Counter(outcome.severity_of(finding) for outcome, finding in self.findings)

    @cached_property
    def score(self) -> float | None:
        """The share of what passed in what was judged, weighted by severity, in percent; None where nothing was.

        Unknown, exempt and not-applicable outcomes stand beside it, never inside.
        """
        weights: Counter[Status] = Counter()
        for (_, status, severity), number in self.tally.items():
            weights[status] += number * severity.weight
        passed, failed = weights[Status.PASS], weights[Status.FAIL]
        return round(100 * passed / (passed + failed), 1) if passed + failed else None


def sort_key(outcome: Outcome) -> tuple[int, str, str, str, str, str]:
    """The order of outcomes in files, which does not depend on the order of the scan: severity, rule, thing."""
    resource = outcome.resource
    return (
        outcome.severity.rank,
        outcome.rule,
        resource.root.scope,
        resource.root.kind,
        resource.root.name,
        resource.name if resource.whole else "",
    )


def fingerprint(rule: str, environment: str, finding: Finding) -> str:
    """What names a finding for good: never a line, an index, a message or a version.

    Without a named environment, the overlay or chart that a thing was rendered from tells two environments of one
    repository apart.
    """
    resource = finding.resource
    root = resource.root
    path = finding.place.path
    if finding.place.resource.root is root and resource.whole is not None and finding.place.resource.whole is None:
        path = path[len(resource.path) :] if path[: len(resource.path)] == resource.path else path
    field = ".".join(step for step in path if isinstance(step, str))
    parts = (
        rule,
        environment or root.origin.world,
        root.kind,
        root.scope,
        root.name,
        container_name(resource) or "",
        field,
    )
    from hashlib import sha256  # noqa: PLC0415 - it loads OpenSSL, and the terminal shows no fingerprints

    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def container_name(resource: Resource) -> str | None:
    """The name of the container that was judged; None where the thing judged is a whole object."""
    return resource.name if resource.whole is not None else None
