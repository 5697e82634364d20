"""What is built from which Dockerfile, and how."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.images.bases import weight_of
from readycheck.images.dockerfile import KIND, Dockerfile, Stage
from readycheck.inventory.delivery.services import Services
from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.workload import Role, Workload
from readycheck.model import Place, Resource, Unjudged
from readycheck.pipelines.acts import Build

# Targets that people build for themselves, not for production.
_OF_ONE_S_OWN = ("dev", "debug", "local", "test", "lint", "base", "build", "ci")


class Images(Services):
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
        targets = self._targets.get(dockerfile.name, ())
        # Where the last stage is for people themselves, what they name is what they use.
        spare = dockerfile.final.name.lower().startswith(_OF_ONE_S_OWN)
        named = {target for target in targets if spare or not target.lower().startswith(_OF_ONE_S_OWN)}
        if len(named) == 1:
            stage = dockerfile.stage_called(named.pop())
            if stage is not None:
                return stage
        return dockerfile.final

    @cached_property
    def _makers(self) -> Mapping[str, Dockerfile]:
        """The Dockerfiles that images of the tree are built from, by what a build or a stage is called.

        Who builds a stage by itself gives the image the stage's name more often than not.
        """
        makers: dict[str, Dockerfile] = {}
        dockerfiles = [each for each in self.of(KIND) if isinstance(each, Dockerfile)]
        for dockerfile in dockerfiles:
            for stage in dockerfile.stages:
                makers.setdefault(f"library/{stage.name.lower()}", dockerfile)
        named = {dockerfile.name: dockerfile for dockerfile in dockerfiles}
        for deed in self.done(Build):
            build = deed.act
            uri = build.dockerfile or posixpath.join(build.context or "", "Dockerfile")
            references = filter(None, map(ImageReference.of, build.images))
            if uri.removeprefix("./") in named:
                makers.update({reference.path: named[uri.removeprefix("./")] for reference in references})
        return makers

    def maker_of(self, image: ImageReference, user: Dockerfile) -> Dockerfile | None:
        """The Dockerfile of this tree that an image is built from, where another one starts from it.

        Args:
            image: the image.
            user: what starts from it.
        """
        maker = self._makers.get(image.path)
        # `FROM node AS node` makes no other image called node.
        return maker if maker is not user and weight_of(image) is None else None

    @cached_property
    def _workloads_by_dockerfile(self) -> Mapping[str, Sequence[Workload]]:
        found: dict[str, list[Workload]] = defaultdict(list)
        for service in self.services:
            if service.dockerfile and service.workload is not None:
                found[service.dockerfile].append(service.workload)
        return found

    def runs_otherwise(self, dockerfile: Dockerfile) -> Place | None:
        """Where the workloads that run an image set a user of their own other than root, if each of them does."""
        users = [_user_of(workload) for workload in self._workloads_by_dockerfile.get(dockerfile.name, ())]
        return users[0] if users and all(users) else None

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


def _user_of(workload: Workload) -> Place | None:
    """Where a workload says the user of its containers; None where it does not, where that is root or a variable."""
    path = ("securityContext", "runAsUser")
    try:
        containers = [container for container in workload.containers if container.role is Role.MAIN]
        said = [container.at(path) for container in containers if container.get(path) is not None]
        if len(said) < len(containers):
            said.append(workload.pod.at(path))
        users = [place.resource.integer(place.path, 0) for place in said]
    except Unjudged:
        return None
    return said[0] if said and all(users) else None
