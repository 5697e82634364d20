"""Addresses of resources (Terraform documentation: Resource Address Reference)."""

from __future__ import annotations

import re

_KEY = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\]"]*)\]')


def without_keys(address: str) -> str:
    """An address without the keys of instances: what it is in the configuration."""
    return _KEY.sub("", address)
