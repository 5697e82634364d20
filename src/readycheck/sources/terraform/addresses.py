"""Addresses of resources, as Terraform writes them (Terraform documentation: Resource Address Reference)."""

from __future__ import annotations

import json
import re

_MODULE_STEP = re.compile(r'module\.([^.\[]+)(?:\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\])?\.?')
_MODULES = re.compile(rf"(?:{_MODULE_STEP.pattern})+")


def address_of(module: str, mode: str, kind: str, name: str, key: object = None) -> str:
    """The address of an instance: `module.m["eu"].aws_subnet.a[0]`.

    Args:
        module: the address of its module; "" for the root.
        mode: `managed` or `data`.
        kind: the resource's type.
        name: its name in the configuration.
        key: the instance's key; None where it has no instances beside it.
    """
    parts = [module] if module else []
    if mode == "data":
        parts.append("data")
    parts += (kind, name)
    return ".".join(parts) + ("" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]")


def module_calls(module: str) -> list[str]:
    """The names of the calls that lead to a module, from the root down, without their keys.

    Args:
        module: its address: `module.eks.module.node_group["a"]`.
    """
    return [match[1] for match in _MODULE_STEP.finditer(module)]


def parent_of(module: str) -> str:
    """The address of the module that calls a module; "" for the root."""
    steps = list(_MODULE_STEP.finditer(module))
    return module[: steps[-1].start()].rstrip(".") if steps else ""


def module_of(address: str) -> str:
    """The address of the module that an instance stands in; "" for the root."""
    found = _MODULES.match(address)
    return found[0].rstrip(".") if found else ""
