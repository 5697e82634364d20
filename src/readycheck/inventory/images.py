"""What is built from which Dockerfile, and how."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property

from readycheck.images.dockerfile import Dockerfile, Stage
from readycheck.inventory.deeds import Deeds
from readycheck.model import Resource, Unjudged
from readycheck.pipelines.acts import Build

# Targets that people build for themselves, not for production.
_OF_ONE_S_OWN = ("dev", "debug", "local", "test", "lint", "base", "build", "ci")


class Images(Deeds):
    """The relations between Dockerfiles and what builds them."""

    @cached_property
    def _targets(self) -> Mapping[str, set[str]]:
        """The stages that compose files and pipelines build, by the uri of the Dockerfile; "" for the last one."""
        targets: dict[str, set[str]] = defaultdict(set)
        for compose in self.of("Compose"):
            for uri, target in _compose_targets(compose):
                targets[uri].add(target)
        for deed in self.done(Build):
            build = deed.act
            if build.dockerfile is not None or build.context is not None:
                uri = build.dockerfile or posixpath.join(build.context or "", "Dockerfile")
                targets[uri.removeprefix("./")].add(build.target)
        return targets

    def built_stage(self, dockerfile: Dockerfile) -> Stage:
        """The stage whose image is put into use: the last one, or the one that every build in the tree names.

        Raises:
            Unjudged: the Dockerfile has no stages.
        """
        named = {
            target for target in self._targets.get(dockerfile.name, ()) if not target.lower().startswith(_OF_ONE_S_OWN)
        }
        if len(named) == 1:
            stage = dockerfile.stage_called(named.pop())
            if stage is not None:
                return stage
        return dockerfile.final

    def beside(self, dockerfile: Dockerfile) -> Collection[str]:
        """The names that stand in the folder of a Dockerfile, which is the context of its build most of the time."""
        return self.listing.folders.get(dockerfile.folder, ())


def _compose_targets(compose: Resource) -> Iterator[tuple[str, str]]:
    folder = compose.name.rpartition("/")[0]
    try:
        services = compose.mapping("services")
    except Unjudged:
        return
    for service in services.values():
        build = service.get("build") if isinstance(service, Mapping) else None
        if isinstance(build, str):
            build = {"context": build}
        if isinstance(build, Mapping):
            context = posixpath.join(folder, str(build.get("context", ".")))
            uri = posixpath.normpath(posixpath.join(context, str(build.get("dockerfile", "Dockerfile"))))
            yield uri, str(build.get("target", ""))
