"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(file: Path, content: bytes | bytearray) -> None:
    """Write aside, then rename: nobody ever sees half a file.

    A link stays a link to what is written, and a device or pipe stays what it is.

    Raises:
        OSError: it cannot be written; nothing has changed then.
    """
    if file.exists() and not file.is_file():
        # Renaming something over /dev/null would break the machine.
        file.write_bytes(content)
        return
    target = Path(os.path.realpath(file))
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    descriptor, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
        Path(aside).chmod(mode)
        Path(aside).replace(target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
