"""What a value that is not known yet waits for: followed through the configuration that a plan carries.

Expressions are told by what they refer to, most exact first: `aws_lb.nlb.arn`, `aws_lb.nlb`. A variable leads to the
call of the module, and `module.NAME.OUTPUT` into it (Terraform documentation: JSON Output Format).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from readycheck.model import Path, Unresolved, format_path
from readycheck.sources.terraform.addresses import module_calls, module_of, parent_of
from readycheck.sources.terraform.shapes import listed, mapping, mapping_at
from readycheck.terraform.addresses import without_keys

_FARTHEST = 20
_STARTS = ("count.", "each.", "path.", "self.", "terraform.")
# Attributes that hold several values, and are unknown as a whole as soon as one of them is: sets.
_COLLECTIONS = frozenset(
    [
        *("aliases", "availability_zones", "records", "resources", "security_group_ids", "security_groups"),
        *("subnet_ids", "subnets", "target_group_arns", "vpc_zone_identifier"),
    ]
)


class References:
    """The references of one plan's configuration.

    Args:
        configuration: the plan's `configuration`; a plan may have none.
    """

    def __init__(self, configuration: object) -> None:
        self._root = mapping_at(configuration, "root_module")

    def awaited(self, address: str, path: Path) -> Any:
        """What stands for a value that is known only after the plan is applied.

        It reads as what it waits for, so that two values that wait for the same one are the same: what the listener
        calls `load_balancer_arn` is the `arn` of its load balancer.

        Args:
            address: the instance's address.
            path: where the value belongs in it.
        """
        module, resource, key = _parted(address)
        found = self._followed(self._expressions(module, resource, path), module, _FARTHEST)
        if not found:
            return _open(f"{address}.{format_path(path)}")
        last = path[-1] if path else ""
        if last in _COLLECTIONS and len(found) > 1 and all(map(_names_an_attribute, found)):
            return [_open(each) for each in found]
        if isinstance(last, int) and last < len(found):
            # A list that is known but for its items: each waits for its own.
            return _open(found[last])
        if key and found == [each for each in found if each.startswith("each.")]:
            return _open(f"{address}.{format_path(path)}")
        return _open(", ".join(found))

    def _expressions(self, module: str, resource: str, path: Path) -> list[str]:
        """The references of the expression that decides a value; none where the provider decides it."""
        called = self._module(module)
        configured = next(
            (each for each in map(mapping, listed(called.get("resources"))) if each.get("address") == resource), {}
        )
        node: Any = configured.get("expressions", {})
        for step in path:
            if isinstance(node, dict) and "references" in node:
                break
            if isinstance(node, dict) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int):
                # A dynamic block is written once for all that it makes.
                node = node[step] if step < len(node) else node[0] if node else None
            elif not isinstance(step, int):
                return []
        return _references(node)

    def _module(self, address: str) -> Mapping[str, Any]:
        module = self._root
        for name in module_calls(address):
            module = mapping_at(module, "module_calls", name, "module")
        return module

    def _followed(self, references: Sequence[str], module: str, farthest: int) -> list[str]:
        """References as addresses from the root, each followed to a resource where it can be."""
        found: list[str] = []
        for reference in references:
            for each in self._follow(reference, module, farthest):
                if each not in found:
                    found.append(each)
        return found

    def _follow(self, reference: str, module: str, farthest: int) -> list[str]:
        head, _, rest = reference.partition(".")
        name = without_keys(rest).partition(".")[0]
        here = f"{module}." if module else ""
        if farthest and head == "var" and module:
            call = mapping_at(self._module(parent_of(module)), "module_calls", module_calls(module)[-1])
            given = _references(mapping_at(call, "expressions").get(name))
            followed = self._followed(given, parent_of(module), farthest - 1)
            return followed or [f"{here}{reference}"]
        if farthest and head == "module":
            output = without_keys(rest).split(".")[1:2]
            inner = here + reference.partition(f".{output[0]}")[0] if output else ""
            said = mapping_at(self._module(inner), "outputs", output[0]) if output else {}
            followed = self._followed(_references(said.get("expression")), inner, farthest - 1)
            return followed or [f"{here}{reference}"]
        if reference.startswith(_STARTS):
            return [reference]
        return [f"{here}{reference}"]


def _open(waits_for: str) -> Unresolved:
    return Unresolved(waits_for, "is known after apply")


def _references(expression: object) -> list[str]:
    """What an expression refers to, each once and as exactly as it is told."""
    given: list[str] = []
    waiting = [expression]
    while waiting:
        each = waiting.pop(0)
        if isinstance(each, dict):
            listed = each.get("references")
            if isinstance(listed, list):
                given += map(str, listed)
            else:
                waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    exact: list[str] = []
    for reference in given:
        if any(other == reference or other.startswith((f"{reference}.", f"{reference}[")) for other in exact):
            continue
        exact.append(reference)
    return exact


def _parted(address: str) -> tuple[str, str, str]:
    """The module of an instance, its resource as that module's configuration calls it, and the instance's key."""
    module = module_of(address)
    rest = address[len(module) :].removeprefix(".")
    resource = without_keys(rest)
    return module, resource, rest[len(resource) :]


def _names_an_attribute(address: str) -> bool:
    """Whether an address leads into a resource: `aws_subnet.a.id`, and not only to it."""
    _, rest, _ = _parted(address)
    return rest.removeprefix("data.").count(".") > 1
