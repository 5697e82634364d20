"""Where pipelines build the images of services, also by files that say what is built."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from readycheck.inventory.delivery.deeds import Deed
from readycheck.inventory.delivery.services import Service, Services
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Resource, Unjudged
from readycheck.pipelines.acts import Build
from readycheck.pipelines.globs import pattern_of
from readycheck.pipelines.model import Occasion, Run


class Building(Services):
    """The relations from services to what builds their images."""

    @cached_property
    def _builds(self) -> Sequence[Deed[Build]]:
        return self.done(Build, *Occasion)

    def image_builds(self, service: Service) -> Sequence[Deed[Build]]:
        """Where pipelines build a service's image, on any occasion.

        Args:
            service: the service.
        """
        direct = {id(deed.act) for deed in service.builds}
        candidates = set(self._told_otherwise)
        candidates.update(index for index, deed in self._numbered(service) if id(deed.act) in direct)
        if not service.dockerfile:
            for image in service.images:
                candidates.update(self._builds_by_image.get(image.name or "", ()))
        return [
            deed
            for index in sorted(candidates)
            for deed in (self._builds[index],)
            if id(deed.act) in direct or self._makes(deed.act, service)
        ]

    def _numbered(self, service: Service) -> Iterator[tuple[int, Deed[Build]]]:
        for deed in service.builds:
            yield self._numbers[id(deed.act)], deed

    @cached_property
    def _numbers(self) -> Mapping[int, int]:
        return {id(deed.act): index for index, deed in enumerate(self._builds)}

    @cached_property
    def _told_otherwise(self) -> Sequence[int]:
        """The builds that are told by more than the name of an image: a file, a variable in a path, the code itself."""
        return [
            index
            for index, deed in enumerate(self._builds)
            if deed.act.definition
            or deed.act.what.startswith("docker compose")
            or deed.act.from_code
            or _VARIABLE.search(f"{deed.act.context}/{deed.act.dockerfile}")
        ]

    @cached_property
    def _builds_by_image(self) -> Mapping[str, Sequence[int]]:
        numbers: dict[str, list[int]] = defaultdict(list)
        for index, deed in enumerate(self._builds):
            for image in deed.act.images:
                reference = ImageReference.of(image)
                if reference is not None and reference.name:
                    numbers[reference.name].append(index)
        return numbers

    def _makes(self, build: Build, service: Service) -> bool:
        if build.definition or build.what.startswith("docker compose"):
            return any(self._defined(build, service))
        names = {image.name for image in service.images if image.name}
        references = (ImageReference.of(image) for image in build.images)
        # An image that is named after a variable (`$IMAGE`) is told by its Dockerfile alone.
        if not service.dockerfile:
            return any(reference is not None and reference.name in names for reference in references)
        return _reads(build, service.dockerfile) or (build.from_code and build.context == service.path)

    # Files that say what is built ----------------------------------------------------------------------------------

    def _defined(self, build: Build, service: Service) -> Iterator[bool]:
        """For each thing that such a file builds, whether it is a service's image."""
        name = posixpath.basename(build.definition)
        if build.what.startswith("docker compose"):
            for composed in self.composed_builds:
                here = build.definition in (composed.file, posixpath.dirname(composed.file))
                asked = not build.parts or not set(composed.names).isdisjoint(build.parts)
                yield here and asked and composed.dockerfile == service.dockerfile
        elif build.what.startswith("skaffold"):
            for artifact, folder in self._artifacts(build.definition):
                docker = artifact.get("docker")
                named = docker.get("dockerfile") if isinstance(docker, dict) else None
                path = posixpath.join(folder, str(artifact.get("context", ".")), str(named or "Dockerfile"))
                yield posixpath.normpath(path) == service.dockerfile
        elif name:
            # Bake and Cloud Build files are not read: they may build whatever stands below them.
            below = service.dockerfile.startswith(posixpath.dirname(build.definition))
            yield below and bool(service.dockerfile) and (not build.parts or service.name in build.parts)

    def _artifacts(self, definition: str) -> Iterator[tuple[Mapping[str, Any], str]]:
        """What a skaffold file and those that it requires build, each with the folder that its paths start from."""
        waiting, seen = [definition], {definition}
        while waiting:
            uri = waiting.pop()
            folder = posixpath.dirname(uri)
            for config in self._skaffold_configs:
                if config.origin.file != uri:
                    continue
                profiles = range(len(_mappings(config, "profiles")))
                for path in ("build.artifacts", *(f"profiles[{index}].build.artifacts" for index in profiles)):
                    yield from ((artifact, folder) for artifact in _mappings(config, path))
                required = [str(each.get("path", "")) for each in _mappings(config, "requires")]
                paths = {posixpath.normpath(posixpath.join(folder, path)) for path in required if path}
                waiting += paths - seen
                seen |= paths

    @cached_property
    def _skaffold_configs(self) -> Sequence[Resource]:
        return [config for config in self.of("Config") if config.api_version.startswith("skaffold/")]

    # Changes -------------------------------------------------------------------------------------------------------

    def runs_for(self, service: Service, run: Run) -> bool:
        """Whether a pipeline runs when the code of a service has changed.

        Args:
            service: the service.
            run: when the pipeline runs.
        """
        if not run.paths:
            return True
        patterns = [pattern for glob in run.paths if (pattern := pattern_of(glob))]
        own = [entry.uri for entry in self.listing.below(service.path or "")]
        return any(pattern.match(uri) for pattern in patterns for uri in (service.dockerfile, *own))


def _mappings(config: Resource, path: str) -> Sequence[Mapping[str, Any]]:
    """The mappings at a path; none where it cannot be read."""
    try:
        return config.mappings(path)
    except Unjudged:
        return ()


def _reads(build: Build, dockerfile: str) -> bool:
    """Whether a build whose paths hold variables (`services/$SERVICE`) may read a Dockerfile."""
    if build.context is None:
        return False
    written = build.dockerfile or posixpath.join(build.context, "Dockerfile")
    if build.from_code or not _VARIABLE.search(written):
        return False
    parts = _VARIABLE.split(written)
    pattern = "[^/]+(?:/[^/]+)?".join(re.escape(part) for part in parts)
    return re.fullmatch(pattern, dockerfile) is not None


_VARIABLE = re.compile(r"\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([^)]*\)|\$\w+")
