"""What the zones of Route 53 hold, as far as they were read: which records there are of a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.inventory.terraform.provisioned import Provisioned
from readycheck.model import Place, Resource, Unresolved
from readycheck.terraform.certificates import validation_records
from readycheck.terraform.names import RECORD, ZONE


class HostedZones(Provisioned):
    """The relations from names to their records in the zones of an account."""

    def records_of(self, name: str) -> Sequence[Resource] | None:
        """The records of a name in the zone that holds it; None where that was not read, or lies elsewhere.

        Args:
            name: the name, without a dot at its end.
        """
        if not self._zones:
            return None
        wanted = name.lower()
        for domain in _domains(wanted):
            if domain in self._zones:
                zones = [str(zone.body.get("zone_id")) for zone in self._zones[domain]]
                if any(zone in self._unread_zones or (zone, domain) not in self._records for zone in zones):
                    # What was read of a zone has at least what says whose it is.
                    return None
                return [record for zone in zones for record in self._records.get((zone, wanted), ())]
            if any(record.body.get("type") == "NS" for record in self._all_records.get(domain, ())):
                # Its names are told by somebody else.
                return None
        return None

    @cached_property
    def _zones(self) -> Mapping[str, list[Resource]]:
        """The public zones, by name."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for zone in () if {ZONE, RECORD} & self.unread.keys() else self.in_account(ZONE):
            if zone.glimpse("private") is False:
                found[zone.string("name").rstrip(".").lower()].append(zone)
        return found

    @cached_property
    def _unread_zones(self) -> frozenset[str]:
        records = self.in_account(RECORD)
        return frozenset(
            str(each.body.get("zone_id")) for each in records if isinstance(each.body.get("name"), Unresolved)
        )

    @cached_property
    def _records(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for record in self.in_account(RECORD):
            name = record.body.get("name")
            if isinstance(name, str) and not isinstance(name, Unresolved):
                found[str(record.body.get("zone_id")), name.rstrip(".").lower()].append(record)
        return found

    @cached_property
    def _all_records(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for (_, name), records in self._records.items():
            found[name] += records
        return found

    def validation_gone(self, certificate: Resource) -> Iterator[Place]:
        """The records by which ACM sees whose domain a certificate is for, that its zone does not hold any more.

        Args:
            certificate: an `aws_acm_certificate`.

        Raises:
            Unjudged: its records could not be read.
        """
        for record in validation_records(certificate):
            held = self.records_of(record.name)
            if held is not None and not any(_leads_to(each, record.value) for each in held):
                yield record.place


def _domains(name: str) -> Iterator[str]:
    """A name, and the domains that it lies in, the closest first."""
    while name:
        yield name
        name = name.partition(".")[2]


def _leads_to(record: Resource, value: str) -> bool:
    values = record.glimpse("records")
    return record.glimpse("type") == "CNAME" and any(
        str(each).rstrip(".").lower() == value for each in (values if isinstance(values, list) else ())
    )
