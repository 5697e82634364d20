"""What SOPS made of things, which `.sops.yaml` speaks for them, and which files hold Secrets."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from readycheck.inventory.core import Core, mapping_at, remembered
from readycheck.model import Resource, Unjudged
from readycheck.secrets.elsewhere import KEPT_ELSEWHERE
from readycheck.secrets.sops import SopsFile
from readycheck.secrets.sops_config import FILE_NAME, SopsConfig

_DECRYPT = "kustomize.toolkit.fluxcd.io/decrypt"


class Secrets(Core):
    """The relations of files and objects to what encrypts them."""

    @remembered
    def sops(self, resource: Resource) -> SopsFile | None:
        """What SOPS made of a file or an object; None where it had nothing to do with it."""
        return SopsFile.of(resource)

    @cached_property
    def _sops_configs(self) -> Mapping[str, SopsConfig]:
        return {resource.name: SopsConfig(resource) for resource in reversed(self.of("SopsConfig"))}

    def sops_config_for(self, uri: str) -> SopsConfig | None:
        """The nearest `.sops.yaml` upwards from a file; None where none stands there.

        Raises:
            Unjudged: it cannot be read, or may stand above what was scanned.
        """
        folder = uri
        while folder:
            folder = folder.rpartition("/")[0]
            nearest = f"{folder}/{FILE_NAME}" if folder else FILE_NAME
            if nearest in self._sops_configs:
                return self._sops_configs[nearest]
            if nearest in self.listing.entries:
                raise Unjudged(f"{nearest} cannot be read")
        if not self.listing.whole:
            raise Unjudged(f"a {FILE_NAME} may stand above the folder that was scanned")
        return None

    @cached_property
    def decrypted_by_flux(self) -> frozenset[str]:
        """The files that SOPS encrypted and that Flux would have to decrypt.

        An operator of its own decrypts a SopsSecret, and an object's annotation may tell Flux to leave it as it is.
        """
        own = {resource.origin.file for resource in self.of("SopsSecret")}
        left = {secret.origin.file for secret in self.of("Secret") if _is_left_encrypted(secret)}
        found = (file.name for file in self.of("SecretFile") if self.sops(file) is not None)
        return frozenset(found) - own - left

    @cached_property
    def _files_of_secrets(self) -> frozenset[str]:
        return frozenset(resource.origin.file for resource in self.of("Secret", *KEPT_ELSEWHERE))

    def holds_secret_objects(self, uri: str) -> bool:
        """Whether Secrets, or what stands for them, were read from a file, so that they are judged themselves."""
        return uri in self._files_of_secrets


def _is_left_encrypted(secret: Resource) -> bool:
    return str(mapping_at(secret, "metadata.annotations").get(_DECRYPT, "")).lower() == "disabled"
