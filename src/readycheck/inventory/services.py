"""Services: what runs, the image that it runs, what that is built from, and the chart that installs it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from readycheck.inventory.core import mapping_at
from readycheck.inventory.deeds import Deed, Deeds
from readycheck.kubernetes.chart import CHART, Chart
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import HELM_HOOK, Role, Workload
from readycheck.model import Resource, ServiceNaming, Unjudged, Unresolved
from readycheck.pipelines.acts import Build
from readycheck.pipelines.model import Occasion

DELIVERED_SERVICE = "service"
"""The kind that rules about services judge: what each is named by, its workload, its installer or its Dockerfile."""

_INSTALLERS = ("HelmRelease", "Application")


@dataclass(frozen=True, slots=True)
class Join:
    """A part that was found to belong to a service.

    Args:
        part: the part: the uri of a Dockerfile, the folder of a chart, the uri of a pipeline.
        how: what shows that it belongs there, to follow "is its part:": "its image acme/basket is built from ...".
    """

    part: str
    how: str


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """A service with the parts of it that are to be seen in the tree.

    Args:
        name: what people call it.
        subject: what an outcome about it names: its workload, else what installs it, else its Dockerfile or folder.
        workload: what runs it; None where that is not to be seen.
        images: the images that it runs, those of sidecars and init containers last.
        dockerfile: the uri of the Dockerfile that its image is built from; "" where none is known.
        path: the folder of its code; None where that cannot be told.
        chart: the folder of the chart that installs it; None where none of the tree does.
        builds: where pipelines build its image.
        joins: how its parts were found to belong together.
    """

    name: str
    subject: Resource
    workload: Workload | None = None
    images: tuple[ImageReference, ...] = ()
    dockerfile: str = ""
    path: str | None = None
    chart: str | None = None
    builds: tuple[Deed[Build], ...] = ()
    joins: tuple[Join, ...] = ()

    def why(self, part: str | None) -> str:
        """How a part was found to belong to it; "" where it does not."""
        return next((join.how for join in self.joins if join.part == part), "")


@dataclass(frozen=True, slots=True)
class Composed:
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


@dataclass(frozen=True, slots=True)
class _Origin:
    """A Dockerfile, and why an image is built from it."""

    dockerfile: str
    how: str
    path: str


class Services(Deeds):
    """The relations that make services of workloads, images, Dockerfiles, charts and pipelines.

    What belongs together shows by image references, paths and names; `services` of the configuration says the rest.
    """

    @cached_property
    def services(self) -> Sequence[Service]:
        """Every service of the tree: what runs first, then what is only installed or built."""
        found = [self._running(workload) for workload in self.workloads if self._is_service(workload)]
        found += [self._installed(opaque.resource) for opaque in self.opaque if opaque.resource.kind in _INSTALLERS]
        built = {service.dockerfile for service in found}
        named = {naming.dockerfile: naming for naming in self.naming.values() if naming.dockerfile}
        for dockerfile in self.of("Dockerfile"):
            if dockerfile.name not in built:
                found.append(self._built(dockerfile, named.get(dockerfile.name)))
        charted = {service.chart for service in found}
        found += [
            Service(chart.title, chart.as_folder, path=folder, chart=folder)
            for folder, chart in self._charts.items()
            if folder not in charted and chart.broken
        ]
        return found

    @property
    def service_subjects(self) -> Sequence[Resource]:
        """What outcomes about services name."""
        return list(dict.fromkeys(service.subject for service in self.services))

    @cached_property
    def _services_by_subject(self) -> Mapping[int, Service]:
        return {id(service.subject): service for service in self.services}

    def service_of(self, subject: Resource) -> Service:
        """The service that a resource stands for.

        Args:
            subject: one of `service_subjects`.
        """
        return self._services_by_subject[id(subject)]

    def _is_service(self, workload: Workload) -> bool:
        hook = HELM_HOOK in mapping_at(workload, "metadata.annotations")
        return workload.kind in SERVICES and not hook and self.run_by(workload) is None

    # What makes a service ----------------------------------------------------------------------------------------

    def _running(self, workload: Workload) -> Service:
        naming = self._naming_of(workload)
        images = _images_of(workload)
        origin = self._origin_of(naming, images, workload)
        chart, how = self._chart_of(workload, naming)
        joins = [Join(origin.dockerfile, origin.how)] if origin else []
        joins += [Join(chart, how)] if chart is not None else []
        builds = self._builds_of(origin.dockerfile if origin else "")
        joins += [Join(build.pipeline.name, f"{build.named} builds its image") for build in builds]
        path = (naming.path if naming else "") or (origin.path if origin else None)
        dockerfile = origin.dockerfile if origin else ""
        name = naming.name if naming else workload.name
        return Service(name, workload, workload, images, dockerfile, path, chart, builds, tuple(joins))

    def _installed(self, installer: Resource) -> Service:
        naming = self._naming_of(installer)
        origin = self._origin_of(naming, (), None)
        chart = naming.chart or None if naming else None
        joins = [Join(origin.dockerfile, origin.how)] if origin else []
        joins += [Join(chart, "configuration says so")] if chart else []
        return Service(
            naming.name if naming else installer.name,
            installer,
            dockerfile=origin.dockerfile if origin else "",
            path=(naming.path if naming else "") or (origin.path if origin else None),
            chart=chart,
            builds=self._builds_of(origin.dockerfile) if origin else (),
            joins=tuple(joins),
        )

    def _built(self, dockerfile: Resource, naming: ServiceNaming | None) -> Service:
        builds = self._builds_of(dockerfile.name)
        name = naming.name if naming else next(iter(_names_of(dockerfile.name)), dockerfile.name)
        chart = (naming.chart if naming else "") or self._charts_by_name.get(name)
        joins = [Join(build.pipeline.name, f"{build.named} builds it") for build in builds]
        joins += (
            [Join(chart, "configuration says so" if naming else f"the chart is called {name} too")] if chart else []
        )
        path = (naming.path if naming else "") or posixpath.dirname(dockerfile.name)
        return Service(
            name, dockerfile, dockerfile=dockerfile.name, path=path, chart=chart, builds=builds, joins=tuple(joins)
        )

    def _naming_of(self, resource: Resource) -> ServiceNaming | None:
        """What configuration says of the service that a resource stands for."""
        named = self._naming_by_workload.get(resource.name)
        return named or self.naming.get(resource.name)

    @cached_property
    def _naming_by_workload(self) -> Mapping[str, ServiceNaming]:
        return {naming.workload: naming for naming in self.naming.values() if naming.workload}

    # What an image is built from ---------------------------------------------------------------------------------

    def _origin_of(
        self, naming: ServiceNaming | None, images: Sequence[ImageReference], workload: Workload | None
    ) -> _Origin | None:
        if naming and (naming.dockerfile or naming.path):
            dockerfile = naming.dockerfile or posixpath.join(naming.path, "Dockerfile")
            if self.file(dockerfile) is not None:
                return _Origin(dockerfile, "configuration says so", naming.path or posixpath.dirname(dockerfile))
        for image in images:
            if image.name is None:
                continue
            found = self._built_by_pipeline(image) or self._built_by_compose(image)
            if found or (found := self._built_by_name(image, workload)):
                return found
        return None

    def _built_by_pipeline(self, image: ImageReference) -> _Origin | None:
        for reference, dockerfile, deed in self._built_images:
            if reference.name == image.name and _alike(reference, image):
                how = f"its image {_shown(image)} is built from {dockerfile} ({deed.named})"
                return _Origin(dockerfile, how, _context(deed.act, dockerfile))
        return None

    def _built_by_compose(self, image: ImageReference) -> _Origin | None:
        origin = self._composed.get(str(image.name))
        if origin is None:
            return None
        dockerfile, context, file = origin
        return _Origin(dockerfile, f"its image {_shown(image)} is built from {dockerfile} (in {file})", context)

    def _built_by_name(self, image: ImageReference, workload: Workload | None) -> _Origin | None:
        name = str(image.name)
        for dockerfile in self._dockerfiles_by_name.get(name, ()):
            how = f"its image {_shown(image)} is built from {dockerfile}, going by the name"
            return _Origin(dockerfile, how, posixpath.dirname(dockerfile))
        if workload is not None and workload.name != name and workload.name in _words(name):
            for dockerfile in self._dockerfiles_by_name.get(workload.name, ()):
                how = f"it is called like {dockerfile}, and so is a part of its image {_shown(image)}"
                return _Origin(dockerfile, how, posixpath.dirname(dockerfile))
        return None

    @cached_property
    def _dockerfiles_by_name(self) -> Mapping[str, Sequence[str]]:
        """The uris of Dockerfiles, by what they or the folders that they stand in are called; the nearest first."""
        names: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for dockerfile in self.of("Dockerfile"):
            for distance, name in enumerate(_names_of(dockerfile.name)):
                names[name].append((distance, dockerfile.name))
        return {name: [uri for _, uri in sorted(found)] for name, found in names.items()}

    @cached_property
    def _built_images(self) -> Sequence[tuple[ImageReference, str, Deed[Build]]]:
        """The images that pipelines build, each with its Dockerfile."""
        found = []
        for deed in self.done(Build, *Occasion):
            dockerfile = self._dockerfile_of(deed.act)
            for image in deed.act.images if dockerfile else ():
                reference = ImageReference.of(Unresolved(image, "holds a variable") if "$" in image else image)
                if reference is not None:
                    found.append((reference, dockerfile, deed))
        return found

    def _dockerfile_of(self, build: Build) -> str:
        """The uri of the Dockerfile that a build reads; "" where it is none of the tree."""
        context = build.context or ""
        written = build.dockerfile
        candidates = [written, posixpath.join(context, written)] if written else [posixpath.join(context, "Dockerfile")]
        found = (posixpath.normpath(candidate) for candidate in candidates)
        return next((uri for uri in found if self.file(uri) is not None), "")

    def _builds_of(self, dockerfile: str) -> tuple[Deed[Build], ...]:
        """Where pipelines build from a Dockerfile."""
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

    # Charts ------------------------------------------------------------------------------------------------------

    def _chart_of(self, workload: Workload, naming: ServiceNaming | None) -> tuple[str | None, str]:
        """The folder of the chart that installs a workload, and how that shows; None where none does."""
        if naming and naming.chart:
            return naming.chart, "configuration says so"
        folder = self.chart_holding(workload.origin.file)
        if folder is not None and workload.origin.world:
            return folder, "it is a template of the chart"
        rendering = self._charts_by_workload.get((workload.kind, workload.name))
        if rendering is not None:
            return rendering, f"the chart renders a {workload.kind} {workload.name} too"
        return self._charts_by_name.get(workload.name), f"the chart is called {workload.name} too"

    @cached_property
    def _charts_by_workload(self) -> Mapping[tuple[str, str], str]:
        """The folders of charts, by the kinds and names of the workloads that they render."""
        return {
            (workload.kind, workload.name): folder
            for workload in reversed(self.workloads)
            if workload.origin.world and (folder := self.chart_holding(workload.origin.file)) is not None
        }

    def chart_holding(self, uri: str) -> str | None:
        """The folder of the chart that a file is a part of, not that of a chart within it; None where it is none's."""
        folder = posixpath.dirname(uri)
        while folder and folder not in self._charts:
            folder = posixpath.dirname(folder)
        return folder if folder in self._charts else None

    @cached_property
    def _charts(self) -> Mapping[str, Chart]:
        return {chart.folder: chart for chart in self.of(CHART) if isinstance(chart, Chart)}

    def chart_at(self, folder: str) -> Chart | None:
        """The chart of a folder, with what became of it; None where none was tried there: a part of another one."""
        return self._charts.get(folder)

    @cached_property
    def _charts_by_name(self) -> Mapping[str, str]:
        """The folders of charts, by what they call themselves and by the name of the folder."""
        names: dict[str, str] = {}
        for folder, chart in sorted(self._charts.items()):
            for name in (str(chart.body.get("name", "")), posixpath.basename(folder)):
                names.setdefault(name, folder)
        return names


def _told(build: object) -> tuple[object, str | None]:
    if not isinstance(build, Mapping):
        return None, None
    dockerfile = build.get("dockerfile")
    return build.get("context", "."), dockerfile if isinstance(dockerfile, str) else None


def _context(build: Build, dockerfile: str) -> str:
    """The folder of a service's code: that of its Dockerfile where it is built from the root."""
    return build.context or posixpath.dirname(dockerfile)


def _names_of(dockerfile: str) -> Iterator[str]:
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


def _images_of(workload: Workload) -> tuple[ImageReference, ...]:
    """The images that a workload runs, those of its sidecars and init containers last."""
    found = []
    try:
        for container in sorted(workload.containers, key=lambda each: each.role is not Role.MAIN):
            found.append(container.image)  # noqa: PERF401 - what comes before one that cannot be read counts
    except Unjudged:
        pass
    return tuple(found)
