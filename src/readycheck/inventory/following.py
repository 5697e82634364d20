"""What follows the main branch of the tree's own repository, so that a merge is a deploy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from readycheck.inventory.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.model import Opaque, Resource, Unjudged
from readycheck.pipelines.acts.words import names, segments


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
    def possible_follower(self) -> Opaque | None:
        """What may apply files of the tree: an object of which that cannot be told, or Argo CD or Flux not rendered."""
        unsure = (Opaque(each, reason) for each in self._followers if (reason := self.applied_files(each).unknown))
        hidden = (opaque for opaque in self.opaque if segments(opaque.resource.name) & _INSTALLERS)
        return next(chain(unsure, hidden), None)


_INSTALLERS = names("argocd argo flux flux2")
"""What charts are called that may bring objects which follow a repository."""


def _applies_by_itself(applier: Resource) -> bool:
    try:
        return argo.automated(applier) if applier.kind in argo.KINDS else not flux.suspended(applier)
    except Unjudged:
        return False
