"""The command `readycheck`."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

# A run allocates much and frees little, in no cycles: the collector would only walk all of it again and again, from the
# first import on.
gc.disable()

from readycheck.cli import main as command  # noqa: E402 - after the line above

_INCOMPLETE = 3


def main() -> None:
    """Run the command line; what breaks in it is told in a line, and is no violation."""
    try:
        command(prog_name="readycheck")
    except SystemExit as end:
        _leave(end)
    except Exception as error:
        if os.environ.get("READYCHECK_DEBUG"):
            raise
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        sys.stderr.write(
            f"Error: readycheck itself broke: {type(error).__name__}: {error} ({where})\n"
            "Nothing was judged. Please report it; READYCHECK_DEBUG=1 shows the whole traceback.\n"
        )
        sys.exit(_INCOMPLETE)


def _leave(end: SystemExit) -> NoReturn:
    """End the process without taking a whole inventory apart, which would take a fifth of the time of a scan."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        os._exit(_INCOMPLETE)
    os._exit(end.code if isinstance(end.code, int) else int(end.code is not None))


if __name__ == "__main__":
    main()
