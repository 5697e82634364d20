"""The configuration as a plan tells it: which modules are called, and which providers in which versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readycheck.model import Path, Place, Resource
from readycheck.terraform.sources import is_local


class Called(Struct, frozen=True, eq=False):
    """A module that a configuration calls, or a provider that it takes.

    Args:
        name: what the configuration calls it.
        source: where it is taken from.
        constraint: the versions that are wanted; None where nothing is said.
        place: where that stands in the plan.
    """

    name: str
    source: str
    constraint: str | None
    place: Place


class Plan(Struct, frozen=True, eq=False):
    """A plan.

    Args:
        resource: the plan as it was read.
    """

    resource: Resource

    def providers(self) -> Iterator[Called]:
        """The providers of the root module, but those that are a part of Terraform."""
        path: Path = ("configuration", "provider_config")
        for key, each in self.resource.mapping(path).items():
            full = str(each.get("full_name", ""))
            if not each.get("module_address") and not full.startswith("terraform.io/builtin/"):
                place = self.resource.at((*path, key))
                yield Called(str(each.get("name", key)), full, each.get("version_constraint"), place)

    def calls(self) -> Iterator[Called]:
        """The modules that the root module calls, and those that its own local modules call."""
        root: Path = ("configuration", "root_module")
        yield from self._calls(self.resource.mapping(root), root)

    def _calls(self, module: Mapping[str, Any], path: Path) -> Iterator[Called]:
        for name, call in module.get("module_calls", {}).items():
            here = (*path, "module_calls", name)
            source = str(call.get("source", ""))
            yield Called(name, source, call.get("version_constraint"), self.resource.at(here))
            if is_local(source):
                yield from self._calls(call.get("module", {}), (*here, "module"))
