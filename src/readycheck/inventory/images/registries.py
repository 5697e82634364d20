"""How the registries of images scan what their repositories hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.terraform.provisioned import Provisioned
from readycheck.model import Resource, Unjudged
from readycheck.terraform.identities import in_one_scope, scope_of
from readycheck.terraform.registries import ENABLER, REPOSITORY, SCANNING, is_enhanced, is_of_registry, region_of


class Registries(Provisioned):
    """The relations of repositories to their registry."""

    def scanning_of(self, repository: Resource) -> Resource | None:
        """How the registry of a repository scans; None where that was not read.

        Raises:
            Unjudged: it could not be read.
        """
        own = [each for each in self.provisioned(SCANNING) if is_of_registry(each, repository)]
        found = own or [each for each in self.in_account(SCANNING) if is_of_registry(each, repository)]
        if len(found) > 1:
            raise Unjudged(f"{found[0].name} and {found[1].name} both say how its registry scans", found[0].at(()))
        if not found:
            return None
        if not region_of(found[0]) and len(self._regions.get(scope_of(repository), ())) > 1:
            raise Unjudged(f"which region {found[0].name} is for is not told", found[0].at(()))
        return found[0]

    @cached_property
    def _regions(self) -> Mapping[str | None, set[str]]:
        """The regions of the repositories of each state."""
        found: dict[str | None, set[str]] = defaultdict(set)
        for repository in self.provisioned(REPOSITORY):
            found[scope_of(repository)].add(region_of(repository))
        return found

    def is_inspected(self, repository: Resource) -> bool:
        """Whether Amazon Inspector is seen to scan for the registry of a repository."""
        try:
            scanning = self.scanning_of(repository)
            return scanning is not None and is_enhanced(scanning)
        except Unjudged:
            return False

    def inspected_by(self, repository: Resource) -> Resource | None:
        """What turns Amazon Inspector on for the registry of a repository; None where nothing that was read does."""
        found: Sequence[Resource] = () if ENABLER in self.unread else self.provisioned(ENABLER)
        return next((each for each in found if in_one_scope(each, repository) and _is_for_images(each)), None)


def _is_for_images(enabler: Resource) -> bool:
    kinds = enabler.glimpse("resource_types")
    return isinstance(kinds, list) and any(str.__str__(each) == "ECR" for each in kinds if isinstance(each, str))
