"""Where a state is kept, and how: what a bucket tells of itself (Terraform documentation: S3 backend)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from readycheck.model import Place, Resource


class Store(Struct, frozen=True, eq=False):
    """The bucket that a state was fetched from.

    Args:
        state: the state.
    """

    state: Resource

    @property
    def address(self) -> str:
        """Where the state is: `s3://BUCKET/KEY`."""
        return self.state.name

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.state.string("store.bucket")

    def at(self, name: str) -> Place:
        """The place of a fact."""
        return self.state.at(("store", name))

    @property
    def keeps_versions(self) -> bool:
        """Whether the bucket keeps what is written over.

        Raises:
            Unjudged: that may not be asked.
        """
        return self.state.string("store.versioning") == "Enabled"

    @property
    def encrypts(self) -> bool:
        """Whether the bucket encrypts what is written into it.

        Raises:
            Unjudged: that may not be asked.
        """
        return bool(self.state.string("store.encryption"))

    @property
    def is_closed_to_the_public(self) -> bool:
        """Whether the bucket refuses to be opened to everybody, in each of the ways there are.

        Raises:
            Unjudged: that may not be asked.
        """
        return self.state.get("store.public_access_blocked") is True

    @property
    def was_locked(self) -> bool:
        """Whether a run has ever locked the state with an object beside it.

        Raises:
            Unjudged: that may not be asked.
        """
        return self.state.get("store.lock_seen") is True


def store_of(state: Resource) -> Store | None:
    """Where a state is kept; None for a file, which may be a copy of one that is kept anywhere.

    Args:
        state: the state.
    """
    return Store(state) if state.body.get("store") else None


def state_address(backend: Resource) -> str:
    """The address of the state that a backend keeps for its default workspace; "" for what is not in S3.

    Args:
        backend: the backend of an initialised root module.
    """
    config: Any = backend.body.get("config", {})
    return f"s3://{config.get('bucket')}/{config.get('key')}" if backend.body.get("type") == "s3" else ""
