"""Whether files stand as git's index has them, by git's own file: git is not run, and nothing that it would run.

The format is from gitformat-index in git's documentation.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from readycheck.sources.files.revision import git_folder

_HEADER = struct.Struct(">4sLL")
_BEFORE_NAME = 62
_EXTENDED = 0x4000
_LARGEST = 512 * 1024 * 1024
_COMPRESSED = 4


def staged(repository: Path) -> Mapping[str, bytes] | None:
    """The blob that git's index has for each path from the repository's root; None where that cannot be told."""
    index = os.path.join(git_folder(repository), "index")
    try:
        if os.path.getsize(index) > _LARGEST:
            return None
        data = Path(index).read_bytes()
        signature, version, count = _HEADER.unpack_from(data)
        if signature != b"DIRC" or version not in (2, 3, 4):
            return None
        return {os.fsdecode(name): blob for name, blob in _entries(data, version, count)}
    except (OSError, struct.error, ValueError, IndexError):
        return None


def is_staged(content: bytes, blob: bytes) -> bool:
    """Whether a file's content is what git's index has of it, whichever line breaks it was checked out with."""
    from hashlib import sha1  # noqa: PLC0415 - only where files are written

    for form in (content, content.replace(b"\r\n", b"\n")):
        head = b"blob %d\0" % len(form)
        if sha1(head + form, usedforsecurity=False).digest() == blob:
            return True
    return False


def _entries(data: bytes, version: int, count: int) -> Iterator[tuple[bytes, bytes]]:
    offset, name = _HEADER.size, b""
    for _ in range(count):
        blob = data[offset + 40 : offset + 60]
        flags = int.from_bytes(data[offset + 60 : offset + _BEFORE_NAME])
        start = offset + _BEFORE_NAME + (2 if version > 2 and flags & _EXTENDED else 0)  # noqa: PLR2004 - version 2 has none
        if version == _COMPRESSED:
            dropped, start = _number(data, start)
            end = data.index(b"\0", start)
            name = name[: len(name) - dropped] + data[start:end]
            offset = end + 1
        else:
            end = data.index(b"\0", start)
            name = data[start:end]
            offset += (end - offset + 8) // 8 * 8
        yield name, blob


def _number(data: bytes, offset: int) -> tuple[int, int]:
    """A number of variable width (OFS_DELTA, gitformat-pack), and where it ends."""
    byte = data[offset]
    value = byte & 0x7F
    while byte & 0x80:
        offset += 1
        byte = data[offset]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, offset + 1
