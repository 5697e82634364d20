"""Services: what runs, the image that it runs, what that is built from, and the chart that installs it."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from readycheck.inventory.core import mapping_at
from readycheck.inventory.delivery.charts import Charts
from readycheck.inventory.delivery.deeds import Deed
from readycheck.inventory.images.origins import ImageOrigin, Origins, dockerfile_names
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.kinds import SERVICES
from readycheck.kubernetes.workload import HELM_HOOK, Role, Workload
from readycheck.model import Resource, ServiceNaming, Unjudged
from readycheck.pipelines.acts import Build

DELIVERED_SERVICE = "service"
"""The kind that rules about services judge: what each is named by, its workload, its installer or its Dockerfile."""

_INSTALLERS = ("HelmRelease", "Application")


class Join(Struct, frozen=True):
    """A part that was found to belong to a service.

    Args:
        part: the part: the uri of a Dockerfile, the folder of a chart, the uri of a pipeline.
        how: what shows that it belongs there, to follow "is its part:": "its image acme/basket is built from ...".
    """

    part: str
    how: str


class Service(Struct, frozen=True, eq=False):
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


class Services(Origins, Charts):
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
            for folder, chart in self.charts.items()
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
        origin = self._origin_of(naming, images, workload.name)
        chart, how = self._chart_of(workload, naming)
        joins = [Join(origin.dockerfile, origin.how)] if origin else []
        joins += [Join(chart, how)] if chart is not None else []
        builds = self.builds_of(origin.dockerfile if origin else "")
        joins += [Join(build.pipeline.name, f"{build.named} builds its image") for build in builds]
        path = (naming.path if naming else "") or (origin.path if origin else None)
        dockerfile = origin.dockerfile if origin else ""
        name = naming.name if naming else workload.name
        return Service(name, workload, workload, images, dockerfile, path, chart, builds, tuple(joins))

    def _installed(self, installer: Resource) -> Service:
        naming = self._naming_of(installer)
        origin = self._origin_of(naming, (), "")
        chart = naming.chart or None if naming else None
        joins = [Join(origin.dockerfile, origin.how)] if origin else []
        joins += [Join(chart, "configuration says so")] if chart else []
        return Service(
            naming.name if naming else installer.name,
            installer,
            dockerfile=origin.dockerfile if origin else "",
            path=(naming.path if naming else "") or (origin.path if origin else None),
            chart=chart,
            builds=self.builds_of(origin.dockerfile) if origin else (),
            joins=tuple(joins),
        )

    def _built(self, dockerfile: Resource, naming: ServiceNaming | None) -> Service:
        builds = self.builds_of(dockerfile.name)
        name = naming.name if naming else next(iter(dockerfile_names(dockerfile.name)), dockerfile.name)
        chart = (naming.chart if naming else "") or self.charts_by_name.get(name)
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

    def _origin_of(
        self, naming: ServiceNaming | None, images: Sequence[ImageReference], called: str
    ) -> ImageOrigin | None:
        """The Dockerfile that one of a service's images is built from; None where that does not show."""
        if naming and (naming.dockerfile or naming.path):
            dockerfile = naming.dockerfile or posixpath.join(naming.path, "Dockerfile")
            if self.file(dockerfile) is not None:
                return ImageOrigin(dockerfile, "configuration says so", naming.path or posixpath.dirname(dockerfile))
        return next((found for image in images if (found := self.origin_of(image, called))), None)

    def _chart_of(self, workload: Workload, naming: ServiceNaming | None) -> tuple[str | None, str]:
        """The folder of the chart that installs a workload, and how that shows; None where none does."""
        if naming and naming.chart:
            return naming.chart, "configuration says so"
        folder = self.chart_holding(workload.origin.file)
        if folder is not None and workload.origin.world:
            return folder, "it is a template of the chart"
        rendering = self.charts_by_workload.get((workload.kind, workload.name))
        if rendering is not None:
            return rendering, f"the chart renders a {workload.kind} {workload.name} too"
        return self.charts_by_name.get(workload.name), f"the chart is called {workload.name} too"


def _images_of(workload: Workload) -> tuple[ImageReference, ...]:
    """The images that a workload runs, those of its sidecars and init containers last."""
    found = []
    try:
        for container in sorted(workload.containers, key=lambda each: each.role is not Role.MAIN):
            found.append(container.image)  # noqa: PERF401 - what comes before one that cannot be read counts
    except Unjudged:
        pass
    return tuple(found)
