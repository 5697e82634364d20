"""Keep what differs between environments in a config file of each.

A file that holds nothing but values shows at a glance how two environments differ. A key that is missing from one of
them is found out when that one is applied.

Options:
    file: the name of the config file
"""

from collections.abc import Iterator, Mapping

from readycheck.inventory import ENVIRONMENT_FOLDER, TEMPLATE_FOLDER, Inventory
from readycheck.inventory.terraform.environments import Config
from readycheck.inventory.terraform.infrastructure import odd_ones
from readycheck.model import Path, Resource, Severity, Verdict, format_path
from readycheck.rule import rule


@rule(ENVIRONMENT_FOLDER, TEMPLATE_FOLDER, severity=Severity.MEDIUM)
def environment_config(folder: Resource, inventory: Inventory, *, file: str = "config.yaml") -> Iterator[Verdict]:
    group = inventory.group_of(folder.name) or inventory.group_of_template(folder.name)
    if group is None:
        yield folder.not_applicable("has no sibling that is alike: it is the only environment, or none")
        return
    if group.terragrunt:
        yield folder.not_applicable("Terragrunt: its inputs are its configuration")
        return
    config = inventory.config_of(folder.name, file)
    if config is None:
        others = inventory.variable_values_in(folder.name)
        hint = f"; its values stand in {others[0]} (option `file`)" if others else ""
        yield folder.finding(f"has no {file}{hint}")
        return
    if config.why:
        verdict = folder.finding if config.broken else folder.unknown
        yield verdict(f"{file} {config.why}", at=config.place)
        return
    yield from _keys(folder, config, inventory.configs_of(group, file))
    if folder.name != group.template and not inventory.refers_to(folder.name, file):
        yield folder.note(f"nothing in the folder reads {file}", at=config.place)


def _keys(folder: Resource, config: Config, configs: Mapping[str, Config]) -> Iterator[Verdict]:
    """What its keys lack or have beside those of the others, at every level."""
    members = {name: frozenset(map(format_path, each.keys)) for name, each in configs.items()}
    lacking, extra = odd_ones(members, folder.name)
    paths: dict[str, Path] = {format_path(path): path for path in config.keys}
    for key in lacking:
        if not _below_one_of(key, lacking):
            yield folder.finding(f"{config.name} lacks `{key}`, which its siblings have", at=config.place)
    for key in extra:
        if not _below_one_of(key, extra):
            place = config.resource.at(paths[key])
            yield folder.finding(f"{config.name} has `{key}`, which most of its siblings lack", at=place)


def _below_one_of(key: str, others: list[str]) -> bool:
    return any(key.startswith((f"{other}.", f"{other}[")) for other in others)
