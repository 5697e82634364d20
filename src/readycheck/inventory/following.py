"""What follows the main branch of the tree's own repository, so that a merge is a deploy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from readycheck.inventory.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.model import Resource, Unjudged


class Following(GitOps):
    """The relations from merges to what Flux and Argo CD make of them."""

    @cached_property
    def _followers(self) -> Sequence[Resource]:
        """What applies something by itself, wherever that stands."""
        return [applier for applier in self.appliers if _applies_by_itself(applier)]

    @cached_property
    def follower_of_main(self) -> Resource | None:
        """A Flux or Argo CD object that applies files of the tree whenever they change in git."""
        return next((each for each in self._followers if self.applied_files(each).files), None)

    @cached_property
    def possible_follower(self) -> Resource | None:
        """A Flux or Argo CD object that may apply files of the tree: which ones, or whose, cannot be told."""
        return next((each for each in self._followers if self.applied_files(each).unknown), None)


def _applies_by_itself(applier: Resource) -> bool:
    try:
        return argo.automated(applier) if applier.kind in argo.KINDS else not flux.suspended(applier)
    except Unjudged:
        return False
