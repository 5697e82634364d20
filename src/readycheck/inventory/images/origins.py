"""What images are built from: the Dockerfiles of the tree that pipelines, compose files and names lead to."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.core import mapping_at
from readycheck.inventory.delivery.deeds import Deed, Deeds
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Unresolved
from readycheck.pipelines.acts import Build
from readycheck.pipelines.model import Occasion


class Composed(Struct, frozen=True):
    """An image that a compose file builds.

    Args:
        names: what the service and its image are called.
        dockerfile: the uri of the Dockerfile.
        context: the folder that it is built from.
        file: the compose file.
    """

    names: tuple[str, ...]
    dockerfile: str
    context: str
    file: str


class ImageOrigin(Struct, frozen=True):
    """What an image is built from.

    Args:
        dockerfile: the uri of the Dockerfile.
        how: what shows that.
        path: the folder of the code in it.
    """

    dockerfile: str
    how: str
    path: str


class Origins(Deeds):
    """The relations from images to the Dockerfiles that they are built from."""

    def origin_of(self, image: ImageReference, called: str) -> ImageOrigin | None:
        """What an image is built from; None where that does not show.

        Args:
            image: the image.
            called: the name of what runs it; "" where it has none.
        """
        if image.name is None:
            return None
        return self._built_by_pipeline(image) or self._built_by_compose(image) or self._built_by_name(image, called)

    def _built_by_pipeline(self, image: ImageReference) -> ImageOrigin | None:
        for reference, dockerfile, deed in self._built_images.get(str(image.name), ()):
            if _alike(reference, image):
                how = f"its image {_shown(image)} is built from {dockerfile} ({deed.named})"
                return ImageOrigin(dockerfile, how, _context(deed.act, dockerfile))
        return None

    def _built_by_compose(self, image: ImageReference) -> ImageOrigin | None:
        origin = self._composed.get(str(image.name))
        if origin is None:
            return None
        dockerfile, context, file = origin
        return ImageOrigin(dockerfile, f"its image {_shown(image)} is built from {dockerfile} (in {file})", context)

    def _built_by_name(self, image: ImageReference, called: str) -> ImageOrigin | None:
        name = str(image.name)
        for dockerfile in self._dockerfiles_by_name.get(name, ()):
            how = f"its image {_shown(image)} is built from {dockerfile}, going by the name"
            return ImageOrigin(dockerfile, how, posixpath.dirname(dockerfile))
        if called != name and called in _words(name):
            for dockerfile in self._dockerfiles_by_name.get(called, ()):
                how = f"it is called like {dockerfile}, and so is a part of its image {_shown(image)}"
                return ImageOrigin(dockerfile, how, posixpath.dirname(dockerfile))
        return None

    @cached_property
    def _dockerfiles_by_name(self) -> Mapping[str, Sequence[str]]:
        """The uris of Dockerfiles, by what they or the folders that they stand in are called; the nearest first."""
        names: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for dockerfile in self.of("Dockerfile"):
            for distance, name in enumerate(dockerfile_names(dockerfile.name)):
                names[name].append((distance, dockerfile.name))
        return {name: [uri for _, uri in sorted(found)] for name, found in names.items()}

    @cached_property
    def _built_images(self) -> Mapping[str, Sequence[tuple[ImageReference, str, Deed[Build]]]]:
        """The images that pipelines build, by the last part of their names, each with its Dockerfile."""
        found: dict[str, list[tuple[ImageReference, str, Deed[Build]]]] = defaultdict(list)
        for deed in self.done(Build, *Occasion):
            dockerfile = self._dockerfile_of(deed.act)
            for image in deed.act.images if dockerfile else ():
                reference = ImageReference.of(Unresolved(image, "holds a variable") if "$" in image else image)
                if reference is not None and reference.name is not None:
                    found[reference.name].append((reference, dockerfile, deed))
        return found

    def _dockerfile_of(self, build: Build) -> str:
        """The uri of the Dockerfile that a build reads; "" where it is none of the tree."""
        context = build.context or ""
        written = build.dockerfile
        candidates = [written, posixpath.join(context, written)] if written else [posixpath.join(context, "Dockerfile")]
        found = (posixpath.normpath(candidate) for candidate in candidates)
        return next((uri for uri in found if self.file(uri) is not None), "")

    def builds_of(self, dockerfile: str) -> tuple[Deed[Build], ...]:
        """Where pipelines build from a Dockerfile.

        Args:
            dockerfile: its uri.
        """
        return tuple(self._builds_by_dockerfile.get(dockerfile, ()))

    @cached_property
    def _builds_by_dockerfile(self) -> Mapping[str, Sequence[Deed[Build]]]:
        builds: dict[str, list[Deed[Build]]] = defaultdict(list)
        for deed in self.done(Build, *Occasion):
            dockerfile = self._dockerfile_of(deed.act)
            if dockerfile:
                builds[dockerfile].append(deed)
        return builds

    @cached_property
    def composed_builds(self) -> Sequence[Composed]:
        """What compose files build."""
        found: list[Composed] = []
        for compose in self.of("Compose"):
            for name in mapping_at(compose, "services"):
                service = mapping_at(compose, ("services", name))
                build = service.get("build")
                context, dockerfile = (build, None) if isinstance(build, str) else _told(build)
                if context is None or isinstance(context, Unresolved) or isinstance(dockerfile, Unresolved):
                    continue
                folder = posixpath.normpath(posixpath.join(posixpath.dirname(compose.name), str(context)))
                uri = posixpath.normpath(posixpath.join(folder, dockerfile or "Dockerfile"))
                if self.file(uri) is None:
                    continue
                image = service.get("image")
                told = image if isinstance(image, str) and not isinstance(image, Unresolved) else None
                reference = ImageReference.of(told) if told is not None else None
                names = (name, reference.name) if reference and reference.name else (name,)
                found.append(Composed(names, uri, "" if folder == "." else folder, compose.name))
        return found

    @cached_property
    def _composed(self) -> Mapping[str, tuple[str, str, str]]:
        """What compose files build: by the name of the service or its image, the Dockerfile, the context, the file."""
        found: dict[str, tuple[str, str, str]] = {}
        for composed in self.composed_builds:
            for called in composed.names:
                found.setdefault(called, (composed.dockerfile, composed.context, composed.file))
        return found


def _told(build: object) -> tuple[object, str | None]:
    if not isinstance(build, Mapping):
        return None, None
    dockerfile = build.get("dockerfile")
    return build.get("context", "."), dockerfile if isinstance(dockerfile, str) else None


def _context(build: Build, dockerfile: str) -> str:
    """The folder of a service's code: that of its Dockerfile where it is built from the root."""
    return build.context or posixpath.dirname(dockerfile)


def dockerfile_names(dockerfile: str) -> Iterator[str]:
    """What a Dockerfile is called: `web` for `Dockerfile.web`, and the folders that it stands in, nearest first."""
    folder, name = posixpath.split(dockerfile)
    for affix in ("Dockerfile.", "Containerfile."):
        if name.startswith(affix):
            yield name.removeprefix(affix)
    stem, _, ending = name.rpartition(".")
    if stem and ending.lower() in {"dockerfile", "containerfile"}:
        yield stem
    yield from reversed(folder.split("/")) if folder else ()


def _words(name: str) -> set[str]:
    """The parts of a name that hyphens set apart: `basket` and `shop-basket` for `shop-basket`."""
    parts = name.split("-")
    return {"-".join(parts[start:end]) for start in range(len(parts)) for end in range(start + 1, len(parts) + 1)}


def _alike(one: ImageReference, other: ImageReference) -> bool:
    """Whether two references of one name may mean one image: where both are decided, their paths end alike."""
    if one.path == other.path:
        return True
    decided = [str(part.path).split("/") for part in (one, other)]
    return any(part[0] == "library" or "$" in part[0] or len(part) == 1 for part in decided) or (
        decided[0][-2:] == decided[1][-2:]
    )


def _shown(image: ImageReference) -> str:
    return str(image.path).removeprefix("library/")
