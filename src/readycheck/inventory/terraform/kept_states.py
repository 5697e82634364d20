"""The states that accounts keep in buckets, and what the account tells of those buckets and of locks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.inventory.nowhere import Nowhere
from readycheck.model import Resource
from readycheck.terraform.kept_states import KEPT_STATE

STATE_IN_ACCOUNT = "state in a bucket"
"""The kind that rules on backends judge in an account: folders of root modules, the environment for other states."""
_LOCK_TABLE = "aws_dynamodb_table"


class KeptStates(Core):
    """The relations of states to the buckets and tables that keep and lock them."""

    @cached_property
    def states_in_account(self) -> Sequence[Resource]:
        """What stands for the states whose buckets an account may tell of."""
        return [subject for subject, _ in self._kept.values()]

    def states_kept(self, subject: Resource) -> Sequence[Resource]:
        """The states that one of `states_in_account` stands for.

        Args:
            subject: one of them.
        """
        return next((states for each, states in self._kept.values() if each is subject), ())

    @cached_property
    def _kept(self) -> Mapping[str, tuple[Resource, Sequence[Resource]]]:
        """By folder: what is judged, and its states. What an initialised root module uses counts more than its code."""
        folders: dict[str, list[Resource]] = defaultdict(list)
        for state in self.read_of(KEPT_STATE):
            folders[str(state.body["folder"])].append(state)
        named = {state.name for folder, states in folders.items() if folder for state in states}
        loose = [state for state in folders.pop("", ()) if state.name not in named]
        kept: dict[str, tuple[Resource, Sequence[Resource]]] = {}
        for folder, states in sorted(folders.items()):
            state = next((each for each in states if each.body["used"]), states[0])
            origin = Nowhere("aws", uri=f"arn:aws:s3:::{state.body['bucket']}")
            kept[folder] = Resource("Folder", folder, "", {}, origin), [state]
        return {**kept, **({"": (self.environment, loose)} if loose else {})}

    def bucket_fact(self, kind: str, state: Resource) -> Resource | None:
        """What the account tells of the bucket of a state; None where no account told.

        Args:
            kind: `aws_s3_bucket_versioning`, ...
            state: the state.
        """
        return self._facts.get((kind, state.string("bucket")))

    def lock_trace(self, state: Resource) -> Resource | None:
        """What locks have left beside a state; None where that was not told."""
        found = self.read_of("aws_s3_state_lock")
        wanted = (state.body["bucket"], state.body["key"])
        return next((each for each in found if (each.body.get("bucket"), each.body.get("key")) == wanted), None)

    def lock_table(self, state: Resource) -> Resource | None:
        """The table that locks a state; None where none is named, or no account told of it."""
        return self._facts.get((_LOCK_TABLE, str(state.glimpse("table") or "")))

    @cached_property
    def _facts(self) -> Mapping[tuple[str, str], Resource]:
        buckets = [kind for kind in self._by_kind if kind.startswith("aws_s3_bucket_")]
        facts = {(kind, str(each.body.get("bucket"))): each for kind in buckets for each in self.read_of(kind)}
        return {**facts, **{(_LOCK_TABLE, str(each.body.get("name"))): each for each in self.read_of(_LOCK_TABLE)}}
