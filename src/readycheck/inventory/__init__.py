"""Everything that a scan read, indexed, and how one thing relates to another.

Each relation is an index built once, at the first question: no rule walks a list for each of its subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from readycheck.clusters import eks
from readycheck.inventory.absence import Absence
from readycheck.inventory.beside import beside
from readycheck.inventory.clusters import CLUSTER, Clusters
from readycheck.inventory.delivery.flow import FLOW_SUBJECT, Flow
from readycheck.inventory.delivery.following import Following
from readycheck.inventory.delivery.installations import CHART_INSTALLER, Installations
from readycheck.inventory.delivery.managed import Managed
from readycheck.inventory.delivery.services import DELIVERED_SERVICE
from readycheck.inventory.images.building import Building
from readycheck.inventory.images.dockerfiles import Images
from readycheck.inventory.images.registries import Registries
from readycheck.inventory.images.scanning import Scanning
from readycheck.inventory.images.vulnerabilities import UNUSED_REPORT, Vulnerabilities
from readycheck.inventory.network.answering import Answering
from readycheck.inventory.network.certification import HAND_MADE_CERTIFICATE
from readycheck.inventory.network.content_delivery import STATIC_SITE, ContentDelivery
from readycheck.inventory.network.controllers import INGRESS_CONTROLLER
from readycheck.inventory.network.load_balancers import ENTRANCE_INSTALLER
from readycheck.inventory.network.meshes import NAMESPACE, Meshes
from readycheck.inventory.network.request_paths import RequestPaths
from readycheck.inventory.nowhere import NOWHERE
from readycheck.inventory.observability.routing import AlertRouting
from readycheck.inventory.observability.stack import Observability
from readycheck.inventory.secrets.encryption import Secrets
from readycheck.inventory.secrets.keys import KEY_IN_USE, Keys
from readycheck.inventory.secrets.vault import VAULT_PARTY, VAULT_SERVER, VaultServers
from readycheck.inventory.terraform.drifting import DRIFTING, Drifting
from readycheck.inventory.terraform.environments import TEMPLATE_FOLDER
from readycheck.inventory.terraform.infrastructure import ENVIRONMENT_FOLDER, ROOT_MODULE, SHARED_CONFIGURATION
from readycheck.inventory.terraform.kept_states import STATE_IN_ACCOUNT, KeptStates
from readycheck.inventory.terraform.operations import Operations
from readycheck.inventory.terraform.states import PLANNED, RECORDED, STATE_KEEPER, STATE_OR_PLAN
from readycheck.inventory.workloads.draining import Draining
from readycheck.inventory.workloads.scaling import AUTOSCALERS, Scaling
from readycheck.inventory.workloads.selection import Selection
from readycheck.inventory.workloads.simulations import ZONE_LOST
from readycheck.inventory.workloads.spot import SPOT_SERVICE, Spot
from readycheck.model import Collected, ServiceNaming

__all__ = [
    "AUTOSCALERS",
    "CHART_INSTALLER",
    "CLUSTER",
    "DELIVERED_SERVICE",
    "DRIFTING",
    "ENTRANCE_INSTALLER",
    "ENVIRONMENT_FOLDER",
    "FLOW_SUBJECT",
    "HAND_MADE_CERTIFICATE",
    "INGRESS_CONTROLLER",
    "KEY_IN_USE",
    "NAMESPACE",
    "NOWHERE",
    "PLANNED",
    "RECORDED",
    "ROOT_MODULE",
    "SHARED_CONFIGURATION",
    "SPOT_SERVICE",
    "STATE_IN_ACCOUNT",
    "STATE_KEEPER",
    "STATE_OR_PLAN",
    "STATIC_SITE",
    "TEMPLATE_FOLDER",
    "UNUSED_REPORT",
    "VAULT_PARTY",
    "VAULT_SERVER",
    "ZONE_LOST",
    "Inventory",
]


class Inventory(
    Drifting,
    VaultServers,
    Draining,
    Spot,
    AlertRouting,
    ContentDelivery,
    Meshes,
    RequestPaths,
    Answering,
    Vulnerabilities,
    Selection,
    Absence,
    Building,
    Secrets,
    Flow,
    Following,
    Images,
    Scanning,
    Operations,
    Observability,
    Scaling,
    Keys,
    KeptStates,
    Clusters,
    Registries,
    Installations,
    Managed,
):
    """The resources of one environment, and every relation between them that rules ask about.

    Args:
        collected: what each source read.
        environment: the environment's name; "" where none was named.
        now: the moment that ages and dates are judged at, in seconds since the epoch.
        services: what the user says of services.
        beside: what another side holds and tells of this one too: a report on an image is about it wherever it runs.
    """

    derived: ClassVar = {
        DELIVERED_SERVICE: "service_subjects",
        FLOW_SUBJECT: "flow_subjects",
        UNUSED_REPORT: "unused_reports",
        ROOT_MODULE: "root_modules",
        STATE_KEEPER: "state_keepers",
        STATE_IN_ACCOUNT: "states_in_account",
        STATE_OR_PLAN: "secret_keepers",
        PLANNED: "planned_subjects",
        RECORDED: "recorded_subjects",
        DRIFTING: "drifting_subjects",
        ENVIRONMENT_FOLDER: "environment_folders",
        SHARED_CONFIGURATION: "shared_configuration",
        TEMPLATE_FOLDER: "template_subjects",
        VAULT_SERVER: "vault_server_subjects",
        VAULT_PARTY: "vault_parties",
        STATIC_SITE: "static_sites",
        CHART_INSTALLER: "chart_installers",
        CLUSTER: "cluster_subjects",
        ENTRANCE_INSTALLER: "entrance_installers",
        ZONE_LOST: "zone_subjects",
        SPOT_SERVICE: "spot_services",
        INGRESS_CONTROLLER: "ingress_controllers",
        NAMESPACE: "namespaces_in_use",
        HAND_MADE_CERTIFICATE: "hand_made_certificates",
        KEY_IN_USE: "keys_in_use",
    }

    bases: ClassVar = {CLUSTER: eks.CLUSTER, KEY_IN_USE: eks.CLUSTER}

    @classmethod
    def sides(
        cls,
        collected: Sequence[Collected],
        *,
        environment: str = "",
        now: float = 0.0,
        services: Iterable[ServiceNaming] = (),
    ) -> Sequence[Inventory]:
        """An inventory of each side: what is declared and what runs are judged each for itself.

        Args:
            collected: what the source of each side read.
            environment: the environment's name; "" where none was named.
            now: the moment that ages and dates are judged at, in seconds since the epoch.
            services: what the user says of services.
        """
        sides = [
            cls((side,), environment=environment, now=now, services=services, beside=told)
            for side, told in zip(collected, beside(collected), strict=True)
        ]
        for side in sides:
            side.others = [other for other in sides if other is not side]
        return sides
