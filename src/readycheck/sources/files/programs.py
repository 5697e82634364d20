"""Running the user's own tools on a tree that is not trusted: no network, no configuration, bounded in every way."""

from __future__ import annotations

import os
import re
import resource
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

_CHUNK = 1 << 16
_WORDS_LIMIT = 1 << 16
_OUT_OF_MEMORY = re.compile(r"out of memory|cannot allocate memory|pthread_create failed")
_CLOSED_PORT = "http://127.0.0.1:9"


class ProgramError(Exception):
    """A program could not be started, did not end in time, wrote too much, or reported a failure.

    Args:
        reason: what happened, for people; where the program said why, its own words.
        told: whether the program ran to its end and reported the failure itself.
        output: what it wrote to standard output all the same.
    """

    def __init__(self, reason: str, *, told: bool = False, output: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.told = told
        self.output = output


class Bounds(Struct, frozen=True):
    """What one run of a program may use."""

    seconds: float = 60.0
    output: int = 64 << 20
    """Bytes on standard output."""
    memory: int = 4 << 30
    """Bytes of address space, where the system can limit it."""


def isolated_environment(home: Path) -> dict[str, str]:
    """An environment without the user's settings, in which other programs are not found and no host is reached.

    Args:
        home: an empty folder for whatever the program wants to keep.
    """
    folder = str(home)
    names = ("http_proxy", "https_proxy", "all_proxy")
    proxies = dict.fromkeys([*names, *map(str.upper, names)], _CLOSED_PORT)
    return {
        # With an empty PATH neither git nor a shell is found, so nothing is cloned and nothing of the tree is run.
        "PATH": "",
        "HOME": folder,
        "TMPDIR": folder,
        "LC_ALL": "C.UTF-8",
        "KUBECONFIG": os.devnull,
        "GIT_ALLOW_PROTOCOL": "none",
        "NO_PROXY": "",
        "no_proxy": "",
        **proxies,
        **{f"XDG_{kind}_HOME": folder for kind in ("CACHE", "CONFIG", "DATA", "STATE")},
    }


def run(command: Sequence[str], *, home: Path, bounds: Bounds, extra: Mapping[str, str] | None = None) -> bytes:
    """Run a program to its end and return what it wrote to standard output.

    It runs in a process group of its own, which is killed as a whole when a bound is passed.

    Args:
        command: the program, by its full path, and its arguments.
        home: the folder it runs in and may write to.
        bounds: what it may use.
        extra: settings to add to the isolated environment.

    Raises:
        ProgramError: it could not be started, passed a bound or failed.
    """
    name = Path(command[0]).name
    try:
        process = subprocess.Popen(  # noqa: S603 - the tool that the user has installed, with arguments of our own
            command,
            cwd=home,
            env=isolated_environment(home) | dict(extra or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ProgramError(f"{name} could not be started: {error.strerror or error}") from error
    limit_memory(process.pid, bounds.memory)
    try:
        output, words = _read(process, name, bounds)
    except BaseException:
        kill_group(process)
        raise
    finally:
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
    if process.returncode:
        if _OUT_OF_MEMORY.search(words):
            raise ProgramError(f"{name} needs more than {bounds.memory >> 20} MB of memory")
        reason = words.strip() or f"{name} ended with code {process.returncode} and said nothing"
        raise ProgramError(reason, told=True, output=output.decode("utf-8", "replace"))
    return output


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a group of its own, and all that it has started."""
    # Before the leader is waited for: until then its number, and with it the group's, is not given to another.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def limit_memory(pid: int, size: int) -> None:
    """Limit the address space of a process, where the system can do that from outside."""
    if hasattr(resource, "prlimit"):
        with suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_AS, (size, size))


def _read(process: subprocess.Popen[bytes], name: str, bounds: Bounds) -> tuple[bytes, str]:
    """Both streams of a process, until it has closed them and ended."""
    deadline = time.monotonic() + bounds.seconds
    output, words = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout or -1, selectors.EVENT_READ, output)
        selector.register(process.stderr or -1, selectors.EVENT_READ, words)
        while selector.get_map():
            for key, _ in selector.select(max(0.0, deadline - time.monotonic())):
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    selector.unregister(key.fileobj)
                key.data.extend(chunk)
            del words[:-_WORDS_LIMIT]
            if len(output) > bounds.output:
                raise ProgramError(f"{name} wrote more than {bounds.output >> 20} MB")
            if time.monotonic() >= deadline:
                raise ProgramError(f"{name} did not end within {bounds.seconds:g} s")
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise ProgramError(f"{name} did not end within {bounds.seconds:g} s") from None
    return bytes(output), words.decode("utf-8", "replace")
