"""What follows the main branch of the tree's own repository, so that a merge is a deploy."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from readycheck.inventory.delivery.gitops import GitOps
from readycheck.kubernetes import argo, flux
from readycheck.model import Opaque, Place, Resource, Unjudged
from readycheck.pipelines.acts.words import names, segments
from readycheck.pipelines.values import MAIN_BRANCHES


class Following(GitOps):
    """The relations from merges to what Flux and Argo CD make of them."""

    @cached_property
    def _followers(self) -> Sequence[Resource]:
        """What applies something by itself, wherever that stands."""
        return [applier for applier in self.appliers if _applies_by_itself(applier)]

    @cached_property
    def follower_of_main(self) -> Resource | None:
        """A Flux or Argo CD object that applies files of the tree whenever they change on its main branch."""
        return next((each for each in self._appliers_of_tree if not self._revision_but_main(each)), None)

    @cached_property
    def follower_of_another(self) -> Place | None:
        """Where it says which branch, tag or commit is applied in place of the main branch; None where none is."""
        revisions = map(self._revision_but_main, self._appliers_of_tree)
        return next((revision for revision in revisions if isinstance(revision, Place)), None)

    @cached_property
    def _appliers_of_tree(self) -> Sequence[Resource]:
        return [each for each in self._followers if self.applied_files(each).files]

    def _revision_but_main(self, applier: Resource) -> Place | str:
        """What an object follows that is not the main branch, or why that cannot be told; "" where it is that."""
        try:
            revisions = [(place, place.resource.string(place.path)) for place in self.revisions_of(applier)]
        except Unjudged as unjudged:
            return unjudged.reason
        if not revisions or any(revision.removeprefix("refs/heads/") in _MAIN for _, revision in revisions):
            return ""
        place, revision = revisions[0]
        return f"it follows {revision}" if "{{" in revision else place

    @cached_property
    def possible_follower(self) -> Opaque | None:
        """What may apply files of the tree: an object of which that cannot be told, or Argo CD or Flux not rendered."""
        unsure = (Opaque(each, reason) for each in self._followers if (reason := self._doubt_about(each)))
        hidden = (opaque for opaque in self.opaque if segments(opaque.resource.name) & _INSTALLERS)
        return next(chain(unsure, hidden), None)

    def _doubt_about(self, applier: Resource) -> str:
        """Why it cannot be told whether an object applies files of the main branch; "" where it can."""
        revision = self._revision_but_main(applier)
        if isinstance(revision, Place):
            return ""
        return self.applied_files(applier).unknown or revision


_MAIN = (*MAIN_BRANCHES, "HEAD")
"""What the main branch is called by those who follow it."""
_INSTALLERS = names("argocd argo flux flux2")
"""What charts are called that may bring objects which follow a repository."""


def _applies_by_itself(applier: Resource) -> bool:
    try:
        return argo.automated(applier) if applier.kind in argo.KINDS else not flux.suspended(applier)
    except Unjudged:
        return False
