"""Reading accounts from end to end: who asks, each service of each region side by side, and what was not told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from queue import SimpleQueue
from threading import Event, Thread

from msgspec import Struct

from readycheck.aws.calls import CALLS
from readycheck.aws.policies import iam_policy
from readycheck.model import Collected, Problem, Resource, first_of
from readycheck.sources.aws.asking import Area, Asker, Gap
from readycheck.sources.aws.faults import NOTHING, AwsFault, CallFault, Cause, broken
from readycheck.sources.aws.readers import GLOBAL, KEYS, OF_DISTRIBUTIONS, REGIONAL, STATES, Reader
from readycheck.sources.aws.request import AwsRequest, Named
from readycheck.sources.aws.session import Account
from readycheck.terraform.types import TYPES

_SOURCE = "aws"
_MOST_SUBJECTS = 5


def read(requests: Sequence[AwsRequest], named: Named, progress: Callable[[str], None]) -> Collected:
    """Read accounts.

    Args:
        requests: which accounts.
        named: what other sources name of them.
        progress: told what is being done.
    """
    collected = _Collected()
    collected.leave([kind for kind in TYPES if not named.wants(kind)])
    for request in requests:
        progress(f"aws {request.named}: connecting")
        try:
            account = Account(request)
            regions = _regions(request, account, named)
        except AwsFault as fault:
            collected.miss(f"aws://{request.named}", str(fault))
            continue
        asker = Asker.of(account, request, named.at_home(regions[0]))
        plans = [
            plan for plan in _plans(asker, regions, is_first=not collected.accounts) if collected.is_new(plan.area)
        ]
        try:
            for reader, area in _read_all(plans):
                count = sum(len(plan.area.resources) for plan in plans)
                progress(f"aws {account.number}/{area.label}: {reader.service}, {count} things so far")
        finally:
            asker.close()
        collected.take(plans)
    return collected.whole()


class _Plan(Struct, frozen=True):
    """What is read where.

    Args:
        area: where.
        readers: what.
    """

    area: Area
    readers: tuple[Reader, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all that there is there is asked for, and not only what something names."""
        return REGIONAL[0] in self.readers or GLOBAL[0] in self.readers

    @classmethod
    def of(cls, area: Area, readers: Iterable[Reader]) -> _Plan:
        """Those readers that tell of something that is asked for."""
        return cls(area, tuple(reader for reader in readers if area.named.wants(*_types(reader.service))))

    @property
    def types(self) -> Iterator[str]:
        """The types that are told of there."""
        return (kind for reader in self.readers for kind in _types(reader.service))


def _types(service: str) -> Iterator[str]:
    return (kind for call in CALLS.values() if call.service == service for kind in call.gives)


def _plans(asker: Asker, regions: Sequence[str], *, is_first: bool) -> Iterator[_Plan]:
    """What is read of an account: regions as a whole, and what is named of others.

    Args:
        asker: asks the account.
        regions: the regions that are read as a whole.
        is_first: whether it is the account that states are asked for by.
    """
    account, named = asker.account, asker.named
    # A partition without a region of its own for it has no CloudFront.
    everywhere = _GLOBAL_REGIONS.get(account.partition, regions[0])
    of_states = {region for region, *_ in (*named.states, *named.lock_tables)} if is_first else set()
    for region in regions:
        readers = tuple(reader for reader in REGIONAL if account.has(reader.service, region))
        yield _Plan.of(Area(asker, region), readers + (STATES if region in of_states else ()))
    of_certificates = () if everywhere in regions else (OF_DISTRIBUTIONS,)
    yield _Plan.of(Area(asker, everywhere, "global"), GLOBAL + of_certificates)
    of_keys = {arn.split(":")[3] for arn in named.keys if arn.split(":")[4] == account.number}
    for region in sorted((of_keys | of_states) - set(regions)):
        keys, states = KEYS if region in of_keys else (), STATES if region in of_states else ()
        yield _Plan.of(Area(asker, region), keys + states)


_GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}
"""Where services are asked that stand in no region, and where the certificates of CloudFront are."""


def _regions(request: AwsRequest, account: Account, named: Named) -> Sequence[str]:
    """Which regions of an account are read.

    Raises:
        AwsFault: none is named anywhere.
    """
    own = request.regions or tuple(filter(None, [account.default_region]))
    of_clusters = (region for number, region in named.regions if number in ("", account.number))
    regions = tuple(dict.fromkeys((*own, *of_clusters)))
    if not regions:
        raise AwsFault(
            f"no region is named for the account {account.number}: list them as `regions` in readycheck.yaml, or set"
            " AWS_REGION"
        )
    return regions


def _read_all(plans: Iterable[_Plan]) -> Iterator[tuple[Reader, Area]]:
    """Read every service of every region side by side; gives each as it is done."""
    done = SimpleQueue[tuple[Reader, Area]]()
    waiting = 0
    for plan in plans:
        ends = {reader.service: Event() for reader in plan.readers}
        for reader in plan.readers:
            # Daemons: neither who is refused nor who interrupts waits for calls that are on their way.
            Thread(target=_work, args=(reader, plan.area, ends, done), daemon=True).start()
            waiting += 1
    for _ in range(waiting):
        yield done.get()


def _work(reader: Reader, area: Area, ends: Mapping[str, Event], done: SimpleQueue[tuple[Reader, Area]]) -> None:
    for before in reader.after:
        if before in ends:
            ends[before].wait()
    try:
        reader.read(area)
    except CallFault as fault:
        if fault.cause not in NOTHING:
            area.gaps.append(Gap(fault, area.region, fault.call.gives))
    except Exception as error:  # noqa: BLE001 - an answer of another shape than its service promises
        call = next(call for call in CALLS.values() if call.service == reader.service)
        types = tuple(sorted(set(_types(reader.service))))
        area.gaps.append(Gap(broken(error, call, area.region), area.region, types))
    finally:
        ends[reader.service].set()
        done.put((reader, area))


class _Collected:
    """What accounts gave so far, and what they did not."""

    def __init__(self) -> None:
        self.accounts: set[str] = set()
        self._resources: list[Resource] = []
        self._problems: list[Problem] = []
        self._unread: dict[str, list[str]] = defaultdict(list)
        self._denied: set[str] = set()
        self._asked: set[tuple[str, str]] = set()
        self._answered = False
        self._areas: list[str] = []
        self._targets: set[str] = set()

    def is_new(self, area: Area) -> bool:
        """Whether a region of an account is asked for the first time: two roles may lead to one account."""
        new = (area.account, area.label) not in self._asked
        self._asked.add((area.account, area.label))
        return new

    def leave(self, types: Iterable[str]) -> None:
        """Nothing is asked of some types: whether there are such things is unknown."""
        for kind in types:
            self._unread[kind].append("not asked: no rule that is on looks at it")

    def miss(self, uri: str, reason: str, types: Iterable[str] = TYPES) -> None:
        """Nothing of an account, or of a region, is known."""
        self._problems.append(Problem(uri, reason))
        for kind in types:
            self._unread[kind].append(reason)

    def take(self, plans: Iterable[_Plan]) -> None:
        """Keep what was read of some regions, and what was not."""
        for plan in plans:
            area = plan.area
            self.accounts.add(area.account)
            uri = f"aws://{area.account}/{area.label}"
            if area.off is not None:
                self.miss(uri, area.off.reason, plan.types)
                continue
            self._resources += area.resources
            # Who is asked nothing has not refused.
            self._answered |= area.answered or not plan.readers
            if area.answered:
                self._targets.add(f"{area.account}/{area.label}")
            if plan.is_whole:
                self._areas.append(f"{area.account}/{area.label}")
            for gap in area.gaps:
                for kind in gap.types:
                    self._unread[kind].append(gap.fault.reason)
                if gap.fault.cause is Cause.DENIED:
                    self._denied.add(gap.fault.call.action)
            self._problems += _problems_of(area.gaps, uri)

    def whole(self) -> Collected:
        """All of it."""
        return Collected(
            _SOURCE,
            sorted(self._resources, key=lambda each: (each.kind, each.name)),
            problems=sorted(self._problems, key=lambda each: (each.uri, each.reason)),
            failed=not self._answered,
            areas=sorted(self._areas),
            targets=sorted(self._targets),
            unread={kind: "; ".join(dict.fromkeys(reasons)) for kind, reasons in sorted(self._unread.items())},
            # Under the usual name it would take away what was granted before.
            remedy=iam_policy(self._denied, sid="ReadycheckMissing") if self._denied else "",
        )


class _Kind(Struct, frozen=True):
    """What gaps have in common that are one problem."""

    service: str
    reason: str


def _problems_of(gaps: Iterable[Gap], uri: str) -> Iterator[Problem]:
    """The gaps of a region, those of one reason together, with what stays open for them."""
    subjects: dict[_Kind, dict[str, None]] = defaultdict(dict)
    for gap in gaps:
        subjects[_Kind(gap.fault.call.service, gap.fault.reason)].update(dict.fromkeys((*gap.types, gap.subject)))
    for kind, named in subjects.items():
        left = first_of([each for each in named if each], _MOST_SUBJECTS)
        yield Problem(f"{uri}/{kind.service}", f"{kind.reason}; left open: {left}" if left else kind.reason)
