"""Let `.sops.yaml` say how each encrypted file is encrypted.

Without a creation rule for a file, whoever encrypts it anew guesses for whom, and a file whose recipients differ from
its rule's stays closed to some of them, or open to somebody who left. The nearest `.sops.yaml` upwards from the file
counts, and in it the first rule whose path_regex matches.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.secrets.sops import SopsFile
from readycheck.secrets.sops_commands import updating_recipients
from readycheck.secrets.sops_config import FILE_NAME, CreationRule, SopsConfig


@rule("SecretFile", severity=Severity.HIGH)
def sops_rules(file: Resource, inventory: Inventory) -> Iterator[Verdict]:
    sops = inventory.sops(file)
    if sops is None:
        yield file.not_applicable("SOPS did not encrypt it")
        return
    config = inventory.sops_config_for(file.name)
    if config is None:
        yield file.finding(f"no {FILE_NAME} in its folder or above says for whom it is to be encrypted")
        return
    deciding = config.rule_for(file.name)
    if deciding is None:
        what = f"none of its {len(config.rules)} creation rules matches" if config.rules else "has no creation rule for"
        message = f"{config.resource.name}: {what} its path, so that SOPS refuses to encrypt it anew"
        yield file.finding(message, also=[config.resource.at("creation_rules")])
        return
    yield from _by_rule(file, sops, config, deciding)


def _by_rule(file: Resource, sops: SopsFile, config: SopsConfig, deciding: CreationRule) -> Iterator[Verdict]:
    if len(deciding.scopes) > 1:
        refused = f"{deciding.name} sets {' and '.join(deciding.scopes)}, of which SOPS takes one"
        yield file.finding(refused, also=[deciding.place])
    if not deciding.recipients:
        yield file.finding(f"{deciding.name} names nobody to encrypt it for", also=[deciding.place])
    for recipient in deciding.recipients:
        if not recipient.among(sops.recipients):
            yield file.finding(
                f"not encrypted for the {recipient.name} {recipient.key}, which {deciding.name} asks for",
                also=[deciding.place],
                fix=updating_recipients(file),
            )
    meant = config.shadowed(deciding, file.name)
    if meant is None:
        return
    shadow = (
        f"{deciding.name} takes every path, so that creation rule {meant.index + 1}, made for this one, never counts"
    )
    if set(meant.recipients) == set(deciding.recipients):
        yield file.note(shadow, also=[meant.place])
    else:
        yield file.finding(shadow, also=[meant.place])
