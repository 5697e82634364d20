"""The addresses that git repositories go by."""

from __future__ import annotations

import re

from readycheck.model import Unresolved

_USER = re.compile(r"^[^/]*@")


def address_of(url: str) -> str:
    """The address of a repository without what may differ between two names of it: scheme, user, ending, case.

    Args:
        url: the address as it is written.

    Raises:
        Unjudged: it is not decided.
    """
    if isinstance(url, Unresolved):
        url.ask()
    scheme, separator, rest = url.partition("://")
    address = _USER.sub("", rest if separator else scheme, count=1)
    if not separator:
        # The short form of SSH has a colon where an address has its first slash.
        address = address.replace(":", "/", 1)
    return address.rstrip("/").removesuffix(".git").lower()
