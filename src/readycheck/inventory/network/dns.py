"""Which names are made records of: the external-dns of the tree, and where else a name is given."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.charts.external_dns import BITNAMI, CHART, external_dns_of
from readycheck.inventory.core import mapping_at, remembered
from readycheck.inventory.network.endpoints import Endpoints
from readycheck.inventory.network.load_balancers import LoadBalancers
from readycheck.kubernetes.audience import given_internally, why_internal
from readycheck.kubernetes.dns_annotations import PREFIXES, annotated, annotated_hosts, hosts_asked
from readycheck.kubernetes.exposure import ENTRIES, GATEWAY_ROUTES
from readycheck.kubernetes.external_dns import ExternalDns, Ignored
from readycheck.kubernetes.hosts import hosts_of
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.load_balancer import SCHEME, Design, annotation
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged, Unresolved

_HOSTING = (*ENTRIES, "Gateway.networking.istio.io")
_NAMING = ("DNSEndpoint", "Service", *_HOSTING)
_INTERNET_FACING = "internet-facing"


class Dns(Endpoints, LoadBalancers):
    """The relations from names to what makes records of them."""

    @cached_property
    def _external_dns(self) -> Sequence[ExternalDns]:
        running = (ExternalDns.of(workload) for workload in self.workloads)
        return [*filter(None, running), *self._external_dns_of_charts]

    @cached_property
    def _external_dns_of_charts(self) -> Sequence[ExternalDns]:
        """Those that releases of charts run; of one whose chart is not known, only that it runs."""
        released = self.installations(CHART, BITNAMI)
        known = {id(release.resource) for release in released}
        unknown = (
            opaque.resource
            for opaque in self.opaque
            if id(opaque.resource) not in known and CHART in (opaque.resource.name, *_charts_of(opaque.resource))
        )
        unread = (ExternalDns(resource, unread="its chart is not at hand") for resource in unknown)
        return [*map(external_dns_of, released), *unread]

    @remembered
    def external_dns_for(self, near: Resource) -> Sequence[ExternalDns]:
        """Every external-dns that may see a thing."""
        folder = posixpath.dirname(near.origin.file)
        found = self._external_dns_by_folder.get(folder)
        if found is None:
            found = self._external_dns_by_folder[folder] = self._near(folder)
        return [each for each in found if self.together(near, each.resource)]

    @cached_property
    def _external_dns_by_folder(self) -> dict[str, Sequence[ExternalDns]]:
        return {}

    def _near(self, folder: str) -> Sequence[ExternalDns]:
        """Those of the cluster that a folder belongs to.

        Two of one name show that the tree holds several clusters: then the nearest in the tree are the cluster's own,
        and what is no nearer to one than to another has none that is known.
        """
        names = Counter((each.resource.kind, each.resource.scope, each.resource.name) for each in self._external_dns)
        folders = {posixpath.dirname(each.resource.origin.file) for each in self._external_dns}
        if len(folders) < 2 or max(names.values()) < 2:  # noqa: PLR2004 - several are more than one
            return self._external_dns
        common = _depth(*folders)
        closeness = [_depth(folder, posixpath.dirname(each.resource.origin.file)) for each in self._external_dns]
        nearest = max(closeness)
        if nearest <= common:
            return ()
        return [each for each, close in zip(self._external_dns, closeness, strict=True) if close == nearest]

    @cached_property
    def dns_prefixes(self) -> Sequence[str]:
        """What annotations for external-dns may begin with: either prefix, and those that one of the tree is told."""
        told = [prefix for each in self._external_dns for prefix in each.values("annotation-prefix")]
        return list(dict.fromkeys((*PREFIXES, *map(str.__str__, told))))

    def why_internal(self, entry: Resource) -> str:
        """Why a load balancer or Ingress can be reached from a network of one's own only; "" where nothing says so.

        Args:
            entry: a Service, an Ingress or a route.

        Raises:
            Unjudged: its address, or what it becomes, is not decided yet.
        """
        given = given_internally(entry) if self.live else ""
        if given:
            return given
        said = why_internal(entry)
        if said:
            return "" if self._faces_the_internet(entry) else said
        if entry.kind != "Service":
            return ""
        made = self.load_balancer_of(entry)
        return "what the AWS load balancer controller makes by default" if made and made.internal else ""

    def _faces_the_internet(self, entry: Resource) -> bool:
        """Whether a load balancer of AWS is reached from everywhere, by an annotation that counts more than others."""
        made = self.load_balancer_of(entry) if entry.kind == "Service" else None
        if made is None or made.design is Design.OTHER:
            return False
        if made.internal is None and annotation(entry, SCHEME) == _INTERNET_FACING:
            place = entry.at(("metadata", "annotations", SCHEME))
            raise Unjudged("its annotations contradict each other on who may reach it", place)
        return made.internal is False

    # Names given elsewhere -----------------------------------------------------------------------------------------

    @cached_property
    def _namers(self) -> Mapping[str, list[Resource]]:
        """What gives a name by itself, by the name: a DNSEndpoint, or an annotation."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for resource in self.of(*_NAMING):
            for name in _names_given(resource):
                found[str.__str__(name).lower().rstrip(".")].append(resource)
        return found

    @cached_property
    def _endpoints_by_namespace(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for endpoint in self.of("DNSEndpoint"):
            found[endpoint.scope].append(endpoint)
        return found

    def endpoint_beside(self, entry: Resource) -> Resource | None:
        """A DNSEndpoint of the namespace of what names no host: it may name the address that this is reached at."""
        found = self._endpoints_by_namespace.get(entry.scope, ())
        return next((each for each in found if self.together(entry, each)), None)

    def namers_of(self, host: str, near: Resource) -> list[Resource]:
        """What else gives a host's name, or a wildcard that answers for it."""
        text = str.__str__(host).lower().rstrip(".")
        names, domain = [text], text
        while "." in domain:
            domain = domain.partition(".")[2]
            names.append(f"*.{domain}")
        return [
            each
            for name in names
            for each in self._namers.get(name, ())
            if each is not near and self.together(near, each)
        ]

    def given_elsewhere(self, hosts: Sequence[str], near: Resource) -> list[Resource]:
        """What gives all of some hosts in place of what asks for them; nothing where one of them is given by nothing.

        Args:
            hosts: the hosts.
            near: what asks for them.
        """
        controllers = self.external_dns_for(near)
        found = []
        for host in hosts:
            read = (
                each
                for each in self.namers_of(host, near)
                if any(controller.reads_kind(qualified_kind(each)) for controller in controllers)
            )
            giver = next(read, None)
            if giver is None:
                return []
            found.append(giver)
        return found

    # Records -------------------------------------------------------------------------------------------------------

    def records_asked(self, resource: Resource, hosts: Sequence[str]) -> list[str]:
        """The names that something asks records for.

        Args:
            resource: a Service, an Ingress or a route.
            hosts: the names in its spec, or of what it is attached to.

        Raises:
            Unjudged: which annotations count is not decided yet.
        """
        # Of annotations that contradict each other those count that are read.
        read = {prefix for controller in self.external_dns_for(resource) for prefix in controller.prefixes}
        carried = {prefix for prefix, _ in annotated(resource, self.dns_prefixes)}
        counting = carried & read or carried
        return hosts_asked(resource, hosts, [prefix for prefix in self.dns_prefixes if prefix in counting])

    def records_left_out(
        self, resource: Resource, hosts: Sequence[str], asked: Sequence[str]
    ) -> tuple[list[str], list[Ignored]]:
        """The names that no external-dns of the tree makes records of, and why.

        Args:
            resource: what asks for them.
            hosts: the names in its spec, or of what it is attached to.
            asked: all the names that it asks for.

        Raises:
            Unjudged: what one of them reads is not decided yet.
        """
        gateways = self.gateways_of(resource) if resource.kind in GATEWAY_ROUTES else ()
        parents = [each for each in gateways if each is not None]
        left = {str.__str__(host): host for host in asked}
        ignored: list[Ignored] = []
        for controller in self.external_dns_for(resource):
            reason = self._idle(controller) or controller.ignores(resource, parents)
            if reason is not None:
                ignored.append(reason)
                continue
            for host in controller.hosts_read(resource, hosts):
                refused = controller.refuses(host)
                if refused is None:
                    left.pop(str.__str__(host), None)
                else:
                    ignored.append(refused)
        return list(left.values()), ignored

    def _idle(self, controller: ExternalDns) -> Ignored | None:
        """Why an external-dns does nothing at all; None where it runs."""
        workload = controller.resource
        if not isinstance(workload, Workload):
            return None
        if workload.integer("spec.replicas", 1) == 0:
            reason = f"{controller.named} runs 0 replicas: nothing makes its record"
            return Ignored(reason, place=workload.at("spec.replicas"))
        if self.live and not workload.ready_pods:
            reason = f"{controller.named} has no ready pod: nothing makes its record"
            return Ignored(reason, place=workload.at("status"))
        return None

    # Routes and what they hang on ----------------------------------------------------------------------------------

    @cached_property
    def _hosting(self) -> Sequence[Resource]:
        return [entry for entry in self.of(*_HOSTING) if _names_host(entry)]

    @property
    def has_entries(self) -> bool:
        """Whether any Ingress or route was read."""
        return bool(self.of(*_HOSTING))

    def host_giver(self, near: Resource) -> Resource | None:
        """Some Ingress or route that names a host."""
        return next((entry for entry in self._hosting if self.together(near, entry)), None)

    def entries_to(self, service: Resource) -> Iterator[Resource]:
        """The Ingresses and routes that send requests to a Service."""
        for entry, _ in self._backends.get((service.scope, service.name), ()):
            if self.together(service, entry):
                yield entry

    @remembered
    def gateways_of(self, route: Resource) -> Sequence[Resource | None]:
        """The Gateways that a route of the Gateway API is attached to; None for one that was not read."""
        found: list[Resource | None] = []
        for parent in route.mappings("spec.parentRefs"):
            kind = parent.get("kind") or "Gateway"
            namespace = parent.get("namespace")
            if kind == "Gateway":
                found.append(self.find("Gateway", str(parent.get("name")), route, namespace=namespace))
            elif kind != "Service":
                found.append(None)
        return found

    @cached_property
    def _routes_by_gateway(self) -> Mapping[int, list[Resource]]:
        found: dict[int, list[Resource]] = defaultdict(list)
        for route in self.of(*GATEWAY_ROUTES):
            try:
                gateways = self.gateways_of(route)
            except Unjudged:
                continue
            for gateway in filter(None, gateways):
                found[id(gateway)].append(route)
        return found

    def routes_of(self, gateway: Resource) -> Sequence[Resource]:
        """The routes that are attached to a Gateway."""
        return self._routes_by_gateway.get(id(gateway), ())


def _depth(*folders: str) -> int:
    """How many folders some paths have in common."""
    shared = posixpath.commonpath([f"/{folder}" for folder in folders])
    return len([part for part in shared.split("/") if part])


def _charts_of(resource: Resource) -> Iterator[str]:
    for path in ("spec.chart.spec.chart", "spec.chartRef.name", "spec.source.chart"):
        parent, _, field = path.rpartition(".")
        chart = mapping_at(resource, parent).get(field)
        if isinstance(chart, str) and not isinstance(chart, Unresolved):
            yield chart.rpartition("/")[2]


def _names_given(resource: Resource) -> Sequence[str]:
    try:
        return hosts_of(resource) if resource.kind == "DNSEndpoint" else annotated_hosts(resource, PREFIXES)
    except Unjudged:
        return ()


def _names_host(entry: Resource) -> bool:
    try:
        return bool(hosts_of(entry) or annotated_hosts(entry, PREFIXES))
    except Unjudged:
        # Which one is not decided: that it names one is what counts.
        return True
