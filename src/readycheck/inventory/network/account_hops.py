"""What an account shows of the ways that requests take: the load balancer of a Service, its listeners, who names it.

A load balancer is a Service's by the address that the cluster was given, else by the tags that its maker leaves on it
(AWS Load Balancer Controller and cloud-provider-aws, tags of load balancers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from readycheck.inventory.core import remembered
from readycheck.inventory.network.hosted_zones import HostedZones
from readycheck.model import Resource, Unjudged
from readycheck.terraform.certificates import CERTIFICATE
from readycheck.terraform.load_balancers import LISTENER_CERTIFICATE, LISTENERS, LOAD_BALANCERS
from readycheck.terraform.names import RECORD, ZONE, targets_of

ON_THE_WAY = (*LOAD_BALANCERS, *LISTENERS, LISTENER_CERTIFICATE, CERTIFICATE, ZONE, RECORD)
"""The kinds of what stands on the ways of requests in an account."""

_TAGS = {
    "service.k8s.aws/stack": "Service",
    "kubernetes.io/service-name": "Service",
    "ingress.k8s.aws/stack": "Ingress",
}
"""What a load balancer is tagged with: the namespace and name of what it is made for, by the kind of that."""


class AccountHops(HostedZones):
    """The relations of what a cluster or a tree holds to what an account shows beside it."""

    @remembered
    def balancer_in_account(self, asking: Resource) -> Resource | None:
        """The load balancer that was made for something; None where none is seen, or several may be it.

        Args:
            asking: a Service, or the Ingress of an Application Load Balancer.
        """
        try:
            addresses = [str(each.get("hostname")).lower() for each in asking.mappings("status.loadBalancer.ingress")]
        except Unjudged:
            addresses = []
        found = [
            self._balancers_by_address[each]
            for each in addresses
            if type(each) is str and each in self._balancers_by_address
        ]
        if not found and asking.scope and type(asking.name) is str:
            found = self._balancers_by_asking.get((asking.kind, f"{asking.scope}/{asking.name}"), [])
        return found[0] if len(found) == 1 else None

    @cached_property
    def _balancers_by_address(self) -> Mapping[str, Resource]:
        return {str(each.body.get("dns_name")).lower(): each for each in self.in_account(*LOAD_BALANCERS)}

    @cached_property
    def _balancers_by_asking(self) -> Mapping[tuple[str, str], list[Resource]]:
        found: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        for each in self.in_account(*LOAD_BALANCERS):
            tags = each.glimpse("tags")
            named = {(kind, str(tags[key])) for key, kind in _TAGS.items() if key in tags} if type(tags) is dict else ()
            for asking in named:
                found[asking].append(each)
        return found

    def listener_in_account(self, balancer: Resource, port: int) -> Resource | None:
        """What listens to a port of a load balancer; None where nothing is seen to.

        Args:
            balancer: an `aws_lb` of the account.
            port: the port.
        """
        return self._listeners_in_account.get((str(balancer.body.get("arn")), port))

    @cached_property
    def _listeners_in_account(self) -> Mapping[tuple[str, object], Resource]:
        return {
            (str(each.body.get("load_balancer_arn")), each.body.get("port")): each
            for each in self.in_account(*LISTENERS)
            if type(each.body.get("port")) is int
        }

    def certificates_presented(self, listener: Resource) -> Sequence[Resource] | None:
        """The certificates that a listener presents, its own first; None where one of them was not read.

        Args:
            listener: an `aws_lb_listener` of the account.
        """
        others = self._presented_beside.get(str(listener.body.get("arn")), ())
        arns = [listener.glimpse("certificate_arn"), *(each.glimpse("certificate_arn") for each in others)]
        found = [self._certificates_in_account.get(arn) if type(arn) is str else None for arn in arns]
        known = [each for each in found if each is not None]
        return known if len(known) == len(found) else None

    @cached_property
    def _presented_beside(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for each in self.in_account(LISTENER_CERTIFICATE):
            found[str(each.body.get("listener_arn"))].append(each)
        return found

    @cached_property
    def _certificates_in_account(self) -> Mapping[str, Resource]:
        return {str(each.body.get("arn")): each for each in self.in_account(CERTIFICATE)}

    def names_in_account(self, balancer: Resource) -> Sequence[Resource]:
        """The records that lead to a load balancer.

        Args:
            balancer: an `aws_lb` of the account.
        """
        return self._records_by_target.get(str(balancer.body.get("dns_name")).lower(), ())

    @cached_property
    def _records_by_target(self) -> Mapping[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for record in self.in_account(RECORD):
            for target in targets_of(record):
                found[target].append(record)
        return found
