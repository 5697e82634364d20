"""States and plans as Terraform writes them, in as many words as a test needs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readycheck.model import Collected, Resource
from readycheck.sources.terraform import TerraformRequest, collect


def state(*resources: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A state of format 4."""
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "0f4d1d2e-1d0a-4a0e-9f0b-6a3f7c1a2b3c",
        "outputs": {},
        "resources": list(resources),
        **fields,
    }


def resource(kind: str, name: str, *instances: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A resource of a state; an instance without `attributes` is its attributes."""
    return {
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        **fields,
        "instances": [
            {"schema_version": 0, **each} if "attributes" in each or "attributes_flat" in each else {"attributes": each}
            for each in instances
        ],
    }


def change(address: str, *actions: str, **sides: Any) -> dict[str, Any]:
    """An entry of a plan's `resource_changes`."""
    local = address.rpartition("module.")[2].split(".")[-2:]
    return {
        "address": address,
        "mode": "managed",
        "type": local[0],
        "name": local[1].partition("[")[0],
        "change": {"actions": list(actions), "before": None, "after": None, "after_unknown": {}, **sides},
    }


def plan(*changes: Mapping[str, Any], root_module: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """A plan as `show -json` prints it."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "configuration": {"root_module": root_module or {}},
        **fields,
    }


def written(folder: Path, **documents: Mapping[str, Any] | str) -> TerraformRequest:
    """Put documents into a folder and ask for them; what is called `plan` is a plan."""
    files = []
    for name, document in documents.items():
        file = folder / f"{name}.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document, indent=2))
        files.append(file)
    return TerraformRequest(states=tuple(files), bases=(folder,))


def read(folder: Path, **documents: Mapping[str, Any] | str) -> Collected:
    """Put documents into a folder and read them."""
    return collect(written(folder, **documents))


def names(collected: Collected) -> Sequence[str]:
    """The addresses of what was read, without the documents themselves."""
    return [each.name for each in collected.resources if not each.kind.startswith("Terraform")]


def named(collected: Collected, name: str) -> Resource:
    """What was read at an address."""
    return next(
        each
        for each in collected.resources
        if each.name == name and each.kind not in {"TerraformRecord", "TerraformDrift"}
    )
