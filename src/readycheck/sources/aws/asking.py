"""An account in one region: its services, asked in time, and what they gave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from msgspec import Struct, field

from readycheck.aws.calls import CALLS, Call
from readycheck.model import Resource, Unresolved
from readycheck.sources.aws.faults import NOTHING, CallFault, Cause, sorted_out
from readycheck.sources.aws.origin import AwsOrigin
from readycheck.sources.aws.request import AwsRequest, Named
from readycheck.sources.aws.session import Account
from readycheck.sources.aws.shapes import present
from readycheck.terraform.types import TYPES

Thing = TypeVar("Thing")
Told = TypeVar("Told")


class Gap(Struct, frozen=True):
    """Something that was asked and not told.

    Args:
        fault: why.
        region: where.
        types: the types that are not known at all for it.
        subject: the thing that is known in part for it; "" where a whole list is missing.
    """

    fault: CallFault
    region: str
    types: tuple[str, ...] = ()
    subject: str = ""


class Asker(Struct, eq=False):
    """What all regions of an account share.

    Args:
        account: who answers.
        request: how to ask.
        named: what other sources name.
        calls: how many calls may be on their way at once.
        workers: who makes calls side by side.
    """

    account: Account
    request: AwsRequest
    named: Named
    calls: threading.Semaphore
    workers: ThreadPoolExecutor
    stopped: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def of(cls, account: Account, request: AwsRequest, named: Named) -> Asker:
        """What asks an account."""
        size = request.concurrency
        return cls(account, request, named, threading.Semaphore(size), ThreadPoolExecutor(size, "readycheck-aws"))

    def close(self) -> None:
        """Ask nothing more."""
        self.stopped.set()
        self.workers.shutdown(wait=False, cancel_futures=True)


class Area:
    """An account in one region, and what was read of it.

    Args:
        asker: what asks the account.
        region: the region; for services without regions, the one that answers for them.
        label: what the region is called where people read it.
    """

    def __init__(self, asker: Asker, region: str, label: str = "") -> None:
        self.asker = asker
        self.region = region
        self.label = label or region
        self.gaps: list[Gap] = []
        self.off: CallFault | None = None
        """Why the region cannot be asked at all; None as long as it can."""
        self.answered = False
        """Whether at least one call gave something."""
        self._found: dict[str, list[Resource]] = {}

    @property
    def named(self) -> Named:
        """What other sources name."""
        return self.asker.named

    @property
    def account(self) -> str:
        """The account's number."""
        return self.asker.account.number

    @property
    def partition(self) -> str:
        """The part of AWS that the account is in: `aws`, `aws-cn`."""
        return self.asker.account.partition

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something of the account in this region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def service(self, name: str) -> Service:
        """A service of this region, with its own time."""
        return Service(self, name, time.monotonic() + self.asker.request.deadline_seconds)

    def add(self, kind: str, name: str, /, **values: Any) -> None:
        """Keep a thing.

        Args:
            kind: its type.
            name: its ARN, else its id.
            values: its attributes, as Terraform has them; what AWS leaves out is left out.
        """
        if not self.named.wants(kind):
            return
        body = present(**{"region": self.region, **values})
        self._found.setdefault(kind, []).append(Resource(kind, name, "", body, AwsOrigin(name)))

    def add_unread(self, kind: str, name: str, why: Unresolved, /, **values: Any) -> None:
        """Keep a thing of which no more is known than some attributes.

        Args:
            kind: its type.
            name: its ARN, else its id.
            why: why the other attributes are not known.
            values: the attributes that are.
        """
        self.add(kind, name, **{**dict.fromkeys(TYPES[kind].attributes, why), **values})

    def things(self, kind: str) -> Sequence[Mapping[str, Any]]:
        """What was read of a type so far."""
        return [resource.body for resource in self._found.get(kind, ())]

    @property
    def resources(self) -> list[Resource]:
        """Everything that was read."""
        return [resource for found in self._found.values() for resource in found]


class Service:
    """A service of a region.

    Args:
        area: the region.
        name: the service as botocore calls it.
        deadline: when it must be done, on the monotonic clock.
    """

    def __init__(self, area: Area, name: str, deadline: float) -> None:
        self._area = area
        self._asker = area.asker
        self._name = name
        self._deadline = deadline

    def ask(self, operation: str, /, **parameters: Any) -> Mapping[str, Any]:
        """What an operation answers.

        Args:
            operation: the method of botocore's client.
            parameters: its parameters.

        Raises:
            CallFault: it gives none.
        """
        call = CALLS[self._name, operation]
        client = self._asker.account.client(self._name, self._area.region)
        answer: Mapping[str, Any] = self._made(call, lambda: getattr(client, operation)(**parameters))
        return answer

    def listed(self, operation: str, key: str, /, **parameters: Any) -> list[Any]:
        """Everything that an operation lists, page by page where it has pages.

        Args:
            operation: the method of botocore's client.
            key: where the items stand in the answer.
            parameters: its parameters.

        Raises:
            CallFault: a page is missing.
        """
        items: list[Any] = []
        for page in self.pages(operation, **parameters):
            found: Any = page
            for step in key.split("."):
                found = (found or {}).get(step)
            items += found or ()
        return items

    def pages(self, operation: str, /, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """The pages of what an operation answers, as large as they may be.

        Raises:
            CallFault: a page is missing.
        """
        call = CALLS[self._name, operation]
        client = self._asker.account.client(self._name, self._area.region)
        if not client.can_paginate(operation):
            yield self.ask(operation, **parameters)
            return
        size = {"PageSize": call.page} if call.page else {}
        pages = iter(client.get_paginator(operation).paginate(**parameters, PaginationConfig=size))
        while (page := self._made(call, lambda: next(pages, None))) is not None:
            yield page

    def listed_if_told(self, operation: str, key: str, /, **parameters: Any) -> list[Any]:
        """The same as `listed`; what cannot be listed leaves its types unread, and is an empty list here."""
        try:
            return self.listed(operation, key, **parameters)
        except CallFault as fault:
            if fault.cause not in NOTHING:
                self._area.gaps.append(Gap(fault, self._area.region, fault.call.gives))
            return []

    def detail(self, operation: str, subject: str, /, **parameters: Any) -> Mapping[str, Any] | Unresolved:
        """What an operation answers about one thing: nothing where there is none, and why not where it is not told.

        Args:
            operation: the method of botocore's client.
            subject: what the thing is called.
            parameters: its parameters.
        """
        return self._told(subject, lambda: self.ask(operation, **parameters), {})

    def listed_of(self, operation: str, key: str, subject: str, /, **parameters: Any) -> list[Any] | Unresolved:
        """The same as `detail` for what an operation lists of one thing.

        Args:
            operation: the method of botocore's client.
            key: where the items stand in the answer.
            subject: what the thing is called.
            parameters: its parameters.
        """
        return self._told(subject, lambda: self.listed(operation, key, **parameters), [])

    def pages_of(self, operation: str, subject: str, /, **parameters: Any) -> list[Mapping[str, Any]] | Unresolved:
        """The same as `detail` for an answer in pages.

        Args:
            operation: the method of botocore's client.
            subject: what the thing is called.
            parameters: its parameters.
        """
        return self._told(subject, lambda: list(self.pages(operation, **parameters)), [])

    def _told(self, subject: str, ask: Callable[[], Told], nothing: Told) -> Told | Unresolved:
        try:
            return ask()
        except CallFault as fault:
            if fault.cause in NOTHING:
                return nothing
            self._area.gaps.append(Gap(fault, self._area.region, subject=subject))
            return Unresolved(subject, f"is not known: {fault.reason}", same=False)

    def each(self, question: Callable[[Thing], Told], things: Iterable[Thing]) -> list[Told]:
        """Ask a question of each thing, side by side.

        Args:
            question: asks; it must not ask others side by side itself.
            things: of what.
        """
        return list(self._asker.workers.map(question, things))

    def _made(self, call: Call, make: Callable[[], Any]) -> Any:
        area = self._area
        if not area.named.wants(*call.gives):
            raise CallFault(call, Cause.UNASKED, f"{call.action} tells of nothing that a rule asks for")
        if area.off is not None:
            raise CallFault(call, area.off.cause, area.off.reason)
        if self._asker.stopped.is_set() or time.monotonic() > self._deadline:
            seconds = self._asker.request.deadline_seconds
            raise CallFault(call, Cause.LATE, f"{call.service} in {area.region} was not done within {seconds} seconds")
        with self._asker.calls:
            try:
                made = make()
            except Exception as error:
                raise self._sorted(error, call) from error
        area.answered = True
        return made

    def _sorted(self, error: Exception, call: Call) -> CallFault:
        fault = sorted_out(error, call, self._area.region)
        if fault.cause is Cause.REGION_OFF:
            self._area.off = fault
        self._area.answered |= fault.cause is Cause.ABSENT
        return fault
