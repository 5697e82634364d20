"""What stands behind Services and routes, and who may bring it where it is missing."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.inventory.absence import Absence
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.workloads.selection import Selection
from readycheck.kubernetes.chart import CHART
from readycheck.kubernetes.endpoint_slice import SERVICE_NAME
from readycheck.kubernetes.operated import is_custom, runs_services, services_named_by
from readycheck.kubernetes.platform import is_installed_apart, is_of_the_cluster
from readycheck.kubernetes.selector import Selector
from readycheck.kubernetes.service_port import DeclaredPorts
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of
from readycheck.terraform.releases import reaches_clusters, runs_on_cluster
from readycheck.terraform.sources import is_git

_MAKING = ("resource", "module", "provider")
_TEMPLATE = re.compile(r".+\.ya?ml\.(?:tmpl|tpl|tftpl|gotmpl|template|j2|jinja2?|erb|mustache|in)")
"""How the templates of manifests are called that something else than Helm fills in before they are applied."""


class Endpoints(Selection, Absence):
    """The relations from Services to addresses and from routes to Services."""

    @remembered
    def declared_ports(self, workload: Workload) -> DeclaredPorts:
        """The ports that a workload's containers declare.

        Raises:
            Unjudged: one of them is not decided yet.
        """
        return DeclaredPorts.of(workload)

    @cached_property
    def _addresses(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        # A live cluster mirrors what somebody writes as Endpoints into EndpointSlices.
        for endpoints in () if self.live else self.of("Endpoints"):
            found[endpoints.scope, endpoints.name].append(endpoints)
        for endpoint_slice in self.of("EndpointSlice"):
            name = str(mapping_at(endpoint_slice, "metadata.labels").get(SERVICE_NAME))
            found[endpoint_slice.scope, name].append(endpoint_slice)
        return found

    def addresses_of(self, service: Resource) -> list[Resource]:
        """The Endpoints and EndpointSlices of a Service: those that somebody wrote, of a live one all.

        Raises:
            Unjudged: they could not be read.
        """
        return [each for each in self._addresses.get((service.scope, service.name), ()) if self.together(service, each)]

    def services_called(self, name: str, namespace: str, near: Resource) -> list[Resource]:
        """The Services of a name in a namespace: several where variants of one stand in the tree.

        Raises:
            Unjudged: Services could not be read.
        """
        if "Service" in self.unread:
            raise Unjudged(self.unread["Service"])
        return [each for each in self._by_name.get(("Service", namespace, name), ()) if self.together(near, each)]

    # What may bring a Service that is missing --------------------------------------------------------------------

    @cached_property
    def _by_any_namespace(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for service in self.of("Service"):
            found[service.name].append(service)
        return found

    def service_elsewhere(self, name: str, near: Resource) -> Resource | None:
        """A Service of a name in whichever namespace."""
        return next((each for each in self._by_any_namespace.get(name, ()) if self.together(near, each)), None)

    @cached_property
    def _service_makers(self) -> Mapping[tuple[str, str], list[Resource]]:
        """Custom resources whose operators make Services, by namespace and what those are called or begin with."""
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for resources in self._by_kind.values():
            for resource in resources:
                if is_custom(resource) or (isinstance(resource, Workload) and resource.custom):
                    for name in services_named_by(resource) if runs_services(resource) else ():
                        found[resource.scope, name].append(resource)
        return found

    def may_bring(self, name: str, namespace: str, near: Resource) -> str:
        """What may bring a Service that was not read, in words; "" where nothing is known that may.

        What a live cluster lacks is missing there.

        Args:
            name: the name of the Service.
            namespace: its namespace.
            near: what names it.
        """
        if self.live:
            return ""
        for beginning in _beginnings(name):
            for maker in self._service_makers.get((namespace, beginning), ()):
                if self.together(near, maker):
                    return f"the operator of {maker.kind} {maker.name}"
            if beginning in self._opaque_names.get(namespace, ()):
                return self._opaque_names[namespace][beginning]
        return (
            self.may_hold(namespace, near)
            or self._from_elsewhere(namespace, (name,))
            or self.installed_beside_its_chart(near)
            or self._template_beside(near)
        )

    def _template_beside(self, near: Resource) -> str:
        """A template of a manifest in the folder of one that stands for itself, in words; "" where there is none."""
        if near.origin.world:
            return ""
        return self._templates.get(posixpath.dirname(near.origin.file), "")

    @cached_property
    def _templates(self) -> Mapping[str, str]:
        """The template of each folder that has one, in words."""
        return {
            entry.parent: f"the template {entry.uri}"
            for entry in self.listing.entries.values()
            if _TEMPLATE.fullmatch(entry.name)
        }

    def installed_beside_its_chart(self, near: Resource) -> str:
        """What may bring what a chart leads to that makes no Service itself: a chart of routes or Gateways alone.

        Such a chart is installed beside that of its services. Only one that was rendered with its own values is meant:
        what installs a chart with others is in the tree, and so is what it stands with.

        Args:
            near: what was rendered.
        """
        world = near.origin.world
        return f"what is installed beside the chart {world}" if world in self._charts_without_services else ""

    @cached_property
    def _charts_without_services(self) -> frozenset[str]:
        with_services = frozenset(service.origin.world for service in self.of("Service"))
        return frozenset(chart.name for chart in self.of(CHART)) - with_services

    def may_run(self, selector: Selector, service: Resource) -> str:
        """What may run the pods that a Service selects, in words, where none were read; "" where nothing is known.

        Args:
            selector: the Service's selector.
            service: the Service.
        """
        if self.live:
            return ""
        unlabelled = self.unlabelled(service)
        if unlabelled is not None:
            return f"{unlabelled.kind} {unlabelled.name}"
        operated = self.operated_for(selector, service)
        if operated is not None:
            return f"the operator of {operated.kind} {operated.name}"
        wanted = [value for _, value in selector.anchors]
        return (
            self.may_hold(service.scope, service)
            or self._from_elsewhere(service.scope, wanted)
            or self._template_beside(service)
        )

    @cached_property
    def _opaque_names(self) -> Mapping[str | None, Mapping[str, str]]:
        """What is not at hand, in words, by the namespace that it installs into and its name."""
        found: dict[str | None, dict[str, str]] = defaultdict(dict)
        for opaque in self.not_at_hand:
            found[opaque.namespace][opaque.resource.name] = opaque.named
        return found

    def may_hold(self, namespace: str, near: Resource) -> str:
        """What is not at hand and may hold what is missing in a namespace, in words; "" where nothing is.

        What a live cluster lacks is missing there, and asking for a kind that could not be read says so by itself.
        """
        if self.live:
            return ""
        opaque = self.may_come_from(namespace, near)
        return opaque.named if opaque is not None else ""

    def _from_elsewhere(self, namespace: str, names: Iterable[str]) -> str:
        """What stands in no manifest and may be called so."""
        for name in names:
            if is_of_the_cluster(namespace, name):
                return "the cluster itself"
            if is_installed_apart(name):
                return "what is installed apart"
        return self._terraform_for(namespace)

    @cached_property
    def _terraform(self) -> Sequence[tuple[str, str]]:
        """What Terraform puts into clusters, each with its namespace; "" where that may be any."""
        blocks = [block for file in self.of(TERRAFORM_FILE) for block in blocks_of(file, *_MAKING)]
        made = filter(runs_on_cluster, blocks)
        found = [(block.decided("namespace"), f"Terraform's {block.labels[0]} {block.labels[-1]}") for block in made]
        if any(map(reaches_clusters, blocks)):
            modules = (block for block in blocks if block.type == "module" and is_git(block.decided("source")))
            found += (("", f"Terraform's module {' '.join(block.labels)}") for block in modules)
        return found

    def _terraform_for(self, namespace: str) -> str:
        return next((named for into, named in self._terraform if into in ("", namespace)), "")

    # Leave to refer to another namespace -------------------------------------------------------------------------

    @cached_property
    def _grants(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for grant in self.of("ReferenceGrant"):
            found[grant.scope].append(grant)
        return found

    def grant_for(self, route: Resource, namespace: str, name: str, kind: str = "Service") -> Resource | None:
        """The ReferenceGrant that lets something of the Gateway API name a Service or Secret of another namespace.

        Raises:
            Unjudged: whether one does is not decided yet.
        """
        for grant in self._grants.get(namespace, ()):
            allowed = any(
                origin.get("kind") == route.kind and origin.get("namespace") == route.scope
                for origin in grant.mappings("spec.from")
            )
            named = any(
                target.get("kind") == kind and target.get("name") in (None, "", name)
                for target in grant.mappings("spec.to")
            )
            if allowed and named and self.together(route, grant):
                return grant
        return None


def _beginnings(name: str) -> Iterator[str]:
    """A name and what it begins with, up to each of its hyphens: the longest first."""
    while name:
        yield name
        name = name.rpartition("-")[0]
