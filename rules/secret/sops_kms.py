"""Let a key service decrypt what SOPS encrypted.

A key of AWS KMS, Google Cloud KMS or Azure Key Vault never leaves the service, its use is granted and logged person by
person, and it is taken from whoever leaves. An age or PGP key is a file that anybody may have copied.

Options:
    backends: what counts besides the three: any of hc_vault (Vault transit), hckms, age and pgp
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.secrets.recipients import CLOUD_KMS


@rule("SecretFile", severity=Severity.MEDIUM)
def sops_kms(file: Resource, inventory: Inventory, *, backends: tuple[str, ...] = ()) -> Iterator[Verdict]:
    sops = inventory.sops(file)
    if sops is None:
        yield file.not_applicable("SOPS did not encrypt it")
        return
    wanted = {*CLOUD_KMS, *backends}
    if not any(recipient.backend in wanted for recipient in sops.recipients):
        kinds = dict.fromkeys(recipient.name for recipient in sops.recipients)
        found = " and ".join(f"an {kind}" if kind[0] == "a" else f"a {kind}" for kind in kinds) or "nobody"
        further = f" (or {', '.join(backends)})" if backends else ""
        yield file.finding(
            f"encrypted for {found}: a key of AWS KMS, Google Cloud KMS or Azure Key Vault{further} is wanted"
        )
