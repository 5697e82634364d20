"""Which account of AWS is asked for."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace


class AwsRequest(Struct, frozen=True):
    """Which account to read and how.

    Args:
        profile: a profile of the AWS configuration; "" for what the environment says.
        regions: the regions to read; empty for the profile's own and those of the clusters that are read.
        role_arn: a role to assume first.
        external_id: what the role's owner wants to hear then.
        endpoint_url: where to send every call instead of to AWS.
        deadline_seconds: how long one service of a region may take.
        concurrency: how many calls are on their way at once.
    """

    profile: str = ""
    regions: tuple[str, ...] = ()
    role_arn: str = ""
    external_id: str = ""
    endpoint_url: str = ""
    deadline_seconds: int = 120
    concurrency: int = 16

    @property
    def named(self) -> str:
        """What the account is called as long as it has not told its number."""
        return self.role_arn or self.profile or "default credentials"


class Named(Struct, frozen=True):
    """What the other sources name of an account: it is asked for by name, as nothing else would be looked at.

    Args:
        regions: the regions that clusters name, each with the account's number, "" where that is not told.
        keys: ARNs of KMS keys and aliases.
        states: the states in buckets, each by region, bucket and key; "" for a region that is not told.
        lock_tables: the tables that lock states, each by region and name, likewise.
        images: images of ECR, as they are written in manifests.
        types: the types that rules ask for; None for all.
    """

    regions: tuple[tuple[str, str], ...] = ()
    keys: tuple[str, ...] = ()
    states: tuple[tuple[str, str, str], ...] = ()
    lock_tables: tuple[tuple[str, str], ...] = ()
    images: tuple[str, ...] = ()
    types: frozenset[str] | None = None

    def wants(self, *types: str) -> bool:
        """Whether any of some types is asked for."""
        return self.types is None or not self.types.isdisjoint(types)

    def at_home(self, region: str) -> Named:
        """The same with a region for what has none.

        Args:
            region: the region.
        """
        return replace(
            self,
            states=tuple((told or region, bucket, key) for told, bucket, key in self.states),
            lock_tables=tuple((told or region, name) for told, name in self.lock_tables),
        )
