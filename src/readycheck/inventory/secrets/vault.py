"""The servers of Vault and OpenBao in the tree, and who stands there with a token of one in plain text."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from readycheck.inventory.delivery.installations import Installations
from readycheck.inventory.terraform.configurations import Configurations
from readycheck.inventory.workloads.scaling import Scaling
from readycheck.inventory.workloads.selection import Selection
from readycheck.kubernetes.budget import Budget
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Unjudged, thing_in
from readycheck.terraform.blocks import RECORDED_BLOCKS, TERRAFORM_FILE, Block, blocks_of
from readycheck.vault.containers import container_in, count_of, mounted_in, replicas_of, services_in, uploaded_to
from readycheck.vault.pods import server_in, variables_of
from readycheck.vault.releases import CHARTS, ReleaseServer
from readycheck.vault.server import ProcessServer, Replicas, Server, Token, token_at, tokens_in
from readycheck.vault.storage import Storage, storage_of_file

VAULT_SERVER = "Vault server"
"""The kind that rules about servers judge: the workload, the release, the compose service or the address."""
VAULT_PARTY = "Vault server or user"
"""The kind that rules about tokens judge: the servers, the `vault` providers, and who holds a token in plain text."""


class VaultServers(Selection, Scaling, Configurations, Installations):
    """The relations of Vault."""

    @cached_property
    def vault_server_subjects(self) -> Sequence[Resource]:
        """What outcomes about servers name."""
        return list(dict.fromkeys(server.subject for server in self._servers))

    @cached_property
    def vault_parties(self) -> Sequence[Resource]:
        """What outcomes about tokens name."""
        return list(dict.fromkeys((*self.vault_server_subjects, *(subject for subject, _ in self._users))))

    @cached_property
    def _servers_by_subject(self) -> Mapping[int, Server]:
        return {id(server.subject): server for server in reversed(self._servers)}

    def vault_server(self, subject: Resource) -> Server | None:
        """The server that a resource stands for; None where it only uses one."""
        return self._servers_by_subject.get(id(subject))

    @cached_property
    def _tokens_by_subject(self) -> Mapping[int, Sequence[Token]]:
        return {id(subject): tokens for subject, tokens in self._users}

    def vault_tokens_of(self, subject: Resource) -> Sequence[Token]:
        """The tokens that stand in plain text in something that uses a server."""
        return self._tokens_by_subject.get(id(subject), ())

    @cached_property
    def _servers(self) -> Sequence[Server]:
        return [
            *self._pod_servers(),
            *self._composed_servers,
            *self._container_servers,
            *map(ReleaseServer, self.installations(*CHARTS)),
        ]

    # Workloads -----------------------------------------------------------------------------------------------------

    def _pod_servers(self) -> Iterator[Server]:
        for workload in self.workloads:
            try:
                server = server_in(workload, self._replicas_of, self.find)
            except Unjudged:
                # Its containers are not at hand: the rules on workloads say so.
                continue
            if server is not None:
                yield server

    def _replicas_of(self, workload: Workload) -> Replicas:
        if workload.kind == "DaemonSet":
            raise Unjudged("runs as many servers as there are nodes", workload.at("kind"))
        floor = self.replica_floor(workload)
        for budget in self.budgets_of(workload):
            demand = Budget.of(budget)
            if floor.count > 1 and demand.disruptions(floor.count) == 0:
                conflict = (
                    f"PodDisruptionBudget {budget.name} ({demand}) lets none of them go, so no node can be drained"
                )
                return Replicas(floor.count, floor.place, conflict, (demand.place,))
        return Replicas(floor.count, floor.place)

    # Docker --------------------------------------------------------------------------------------------------------

    @cached_property
    def _composed_servers(self) -> Sequence[Server]:
        found: list[Server] = []
        for compose in self.of("Compose"):
            services = [(service, process) for service, process in services_in(compose) if process.serves]
            for service, process in services:
                found.append(
                    ProcessServer(
                        service,
                        process,
                        service.at("image"),
                        lambda service=service, services=services: Replicas(  # type: ignore[misc]
                            sum(replicas_of(each) for each, _ in services), service.at("deploy.replicas")
                        ),
                        lambda service=service, compose=compose: self._mounted(service, compose),  # type: ignore[misc]
                    )
                )
        return found

    def _mounted(self, service: Resource, compose: Resource) -> Iterator[Storage | None]:
        """The storages that the files of HCL name which a service has mounted."""
        for path in mounted_in(service, posixpath.dirname(compose.name)):
            for uri in (path, *(entry.uri for entry in self.listing.files_in(path))):
                file = self.file(uri)
                if file is not None and file.kind == TERRAFORM_FILE:
                    found = storage_of_file(file)
                    if found is not None:
                        yield found

    @cached_property
    def _docker_images(self) -> Mapping[tuple[str, str], object]:
        """The names of images, by the folder of their module and the label of what pulls them."""
        return {
            (posixpath.dirname(block.file.name), block.labels[1]): block.attributes.get("name")
            for block in self._vault_blocks
            if block.labels[:1] == ("docker_image",) and len(block.labels) > 1
        }

    @cached_property
    def _vault_blocks(self) -> Sequence[Block]:
        return [
            block
            for file in self.of(TERRAFORM_FILE, RECORDED_BLOCKS)
            for block in blocks_of(file, "resource", "provider")
            if block.labels and block.labels[0] in ("docker_container", "docker_image", "vault")
        ]

    @cached_property
    def _container_servers(self) -> Sequence[Server]:
        found: dict[str, list[tuple[Block, ProcessServer]]] = defaultdict(list)
        for block in self._vault_blocks:
            folder = posixpath.dirname(block.file.name)
            run = container_in(block, lambda label, folder=folder: self._docker_images.get((folder, label)))  # type: ignore[misc]
            if run is not None and run[1].serves:
                siblings = found[folder]
                server = ProcessServer(
                    *run,
                    run[0].at(()),
                    lambda siblings=siblings, block=block: Replicas(  # type: ignore[misc]
                        sum(count_of(each) for each, _ in siblings), block.at("count")
                    ),
                    lambda block=block: uploaded_to(block),  # type: ignore[misc]
                )
                siblings.append((block, server))
        return [server for siblings in found.values() for _, server in siblings]

    # Users ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _users(self) -> Sequence[tuple[Resource, Sequence[Token]]]:
        return [each for each in self._all_users() if id(each[0]) not in self._servers_by_subject]

    def _all_users(self) -> Iterator[tuple[Resource, Sequence[Token]]]:
        for workload in self.workloads:
            tokens = list(_tokens_of(workload))
            if tokens:
                yield workload, tokens
        named = {(server.subject.origin.file, server.subject.name) for server in self._composed_servers}
        for compose in self.of("Compose"):
            for service, process in services_in(compose):
                tokens = list(tokens_in(process.variables))
                if tokens and (service.origin.file, service.name) not in named:
                    yield service, tokens
        for block in self._vault_blocks:
            if block.type == "provider":
                alias = block.decided("alias")
                address = "provider.vault" + (f".{alias}" if alias else "")
                provider = thing_in(block.file, block.path, "provider", address)
                path = ("attributes", "token")
                yield provider, list(token_at("token", block.attributes.get("token"), provider, path))


def _tokens_of(workload: Workload) -> Iterator[Token]:
    try:
        for container in workload.containers:
            yield from tokens_in(variables_of(container))
    except Unjudged:
        # Its environment cannot be read: the rules on workloads say so.
        return
