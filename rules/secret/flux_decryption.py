"""Let each Flux Kustomization decrypt what it applies.

Flux applies what SOPS encrypted as it stands, ciphertext and all, unless the Kustomization that applies it sets
`spec.decryption.provider: sops`. With a key of a cloud's key service it needs no `secretRef`: the controller's identity
will do. In a live cluster, the Secrets that a Kustomization has applied show what became of it: one that holds the
ciphertext was not decrypted, whatever the Kustomization says.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes import flux
from readycheck.kubernetes.flux_patches import patches_decryption_into
from readycheck.model import Resource, Severity, Verdict, first_of
from readycheck.rule import rule
from readycheck.secrets.secret_object import ciphertext_in

_MOST_NAMED = 3


@rule("Kustomization", severity=Severity.HIGH)
def flux_decryption(kustomization: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.live:
        yield from _of_live(kustomization, inventory)
        return
    applied = inventory.applied_files(kustomization)
    encrypted = sorted(uri for uri in inventory.decrypted_by_flux if uri in applied.files)
    if flux.decryption_of(kustomization) is not None:
        return
    if not encrypted:
        if applied.unknown:
            yield kustomization.unknown(f"what it applies cannot be told: {applied.unknown}")
        elif applied.missing:
            yield kustomization.unknown("not all that it applies stands in the tree", at=applied.missing[0])
        else:
            yield kustomization.not_applicable("it applies nothing that SOPS encrypted")
        return
    leaving = inventory.left_out_by(kustomization.origin.file)
    if leaving is not None:
        yield kustomization.not_applicable(f"nothing applies it: {leaving.name} leaves it out")
        return
    for parent in inventory.appliers_of(kustomization.origin.file):
        if parent.kind == flux.KUSTOMIZATION and patches_decryption_into(parent, kustomization):
            yield kustomization.note(
                f"Kustomization {parent.name} patches decryption into it", at=parent.at("spec.patches")
            )
            return
    yield kustomization.finding(
        f"applies {first_of(encrypted, _MOST_NAMED)}, which SOPS encrypted, without spec.decryption.provider: sops",
        at="spec.decryption.provider",
        fix=kustomization.set("spec.decryption.provider", "sops", safe=True),
    )


def _of_live(kustomization: Resource, inventory: Inventory) -> Iterator[Verdict]:
    decrypts = flux.decryption_of(kustomization)
    left = [
        place for secret in inventory.secrets_applied_by(kustomization) if (place := ciphertext_in(secret)) is not None
    ]
    if left:
        names = first_of([place.resource.name for place in left], _MOST_NAMED)
        wanted = "though it sets spec.decryption" if decrypts else "and it sets no spec.decryption.provider: sops"
        yield kustomization.finding(
            f"applied the ciphertext of SOPS as Secret {names}, {wanted}",
            at=decrypts or "spec.decryption.provider",
            also=left,
            fix=None if decrypts else kustomization.set("spec.decryption.provider", "sops", safe=True),
        )
    elif decrypts is None:
        yield kustomization.not_applicable("no Secret that it applied holds ciphertext of SOPS")
