"""A PostgreSQL server of a test's own: unprivileged, on a unix socket, gone with the test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")
_SECONDS = 60


def programs() -> Path | None:
    """The folder of the newest server that is installed; None where none is."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start a server, and give the URL of its databases up to their name.

    Args:
        folder: where its programs are.
    """
    # A socket's path is short, and root's temporary folders are closed to others.
    with tempfile.TemporaryDirectory(prefix="readycheck-pg-") as home:
        user = _unprivileged()
        if user:
            os.chown(home, user.pw_uid, user.pw_gid)
        _run(folder / "initdb", "-D", f"{home}/data", "-U", "readycheck", "-A", "trust", "-E", "UTF8", user=user)
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
        _run(folder / "pg_ctl", "-D", f"{home}/data", "-l", f"{home}/log", "-w", "-o", options, "start", user=user)
        try:
            yield f"postgresql://readycheck@/{{name}}?host={home}"
        finally:
            _run(folder / "pg_ctl", "-D", f"{home}/data", "-m", "immediate", "-w", "stop", user=user)


def _unprivileged() -> pwd.struct_passwd | None:
    """Who runs the server where the tests run as root, whom it refuses."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _run(*command: str | Path, user: pwd.struct_passwd | None) -> None:
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    subprocess.run(  # type: ignore[call-overload] # the keywords differ between platforms
        command, check=True, stdout=subprocess.DEVNULL, timeout=_SECONDS, cwd="/", **as_user
    )
