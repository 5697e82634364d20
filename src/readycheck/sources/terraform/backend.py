"""The backend that a root module has been initialised with: `.terraform/terraform.tfstate` (format 3).

It is the configuration of the backend as Terraform uses it, with what `-backend-config` gave, and no state. What is
written in its configuration in clear, `access_key` and `secret_key`, stands there in clear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readycheck.documents.text import Unreadable
from readycheck.model import Problem, Resource
from readycheck.sources.terraform.document import Document
from readycheck.sources.terraform.masking import Masking
from readycheck.sources.terraform.record import Record, RecordOrigin
from readycheck.terraform.states import BACKEND

_FILE = Path(".terraform", "terraform.tfstate")
_FORMAT = 3


def backend_of(root: Path, uri: str) -> tuple[Sequence[Resource], Sequence[Problem]]:
    """The backend of a root module.

    Args:
        root: its folder.
        uri: what that is called in reports.
    """
    name = f"{uri}/{_FILE.as_posix()}" if uri != "." else _FILE.as_posix()
    try:
        document = Document.read(root / _FILE, name)
        config = _config(document.body)
    except Unreadable as unreadable:
        hint = ": `terraform init` writes it" if not (root / _FILE).exists() else ""
        return (), (Problem(name, f"{unreadable.reason}{hint}", unreadable.line),)
    if config is None:
        return (), ()
    record = Record(f"backend.{config['type']}", "managed", "backend", config["config"], ("backend",), ("backend",))
    masking = Masking([record])
    body = {"type": config["type"], "config": masking.values(record), "secrets": masking.found}
    return (Resource(BACKEND, uri, "", body, RecordOrigin(document, record.emptied, uri)),), ()


def _config(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Type and settings of the backend; None where none is configured, and the state is a file in the root."""
    if body.get("version") != _FORMAT:
        raise Unreadable(
            f"is of format {body.get('version')}, and only {_FORMAT} is what an initialised root module has"
        )
    backend = body.get("backend")
    if backend is None:
        return None
    if not isinstance(backend, dict) or not isinstance(backend.get("type"), str):
        raise Unreadable("names a backend without a type")
    config = backend.get("config")
    return {"type": backend["type"], "config": config if isinstance(config, dict) else {}}
