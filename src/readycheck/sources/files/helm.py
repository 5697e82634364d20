"""Helm charts of a tree, rendered without network: by the engine from PyPI in a child process, else by `helm`.

A child process, since a template can loop or grow without bound, and only a process can be stopped.
"""

from __future__ import annotations

import importlib.util
import os
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson
from msgspec import Struct

from readycheck.documents.text import Unreadable
from readycheck.model import Map
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.programs import (
    Bounds,
    ProgramError,
    isolated_environment,
    kill_group,
    limit_memory,
    run,
)

CHART_FILE = "Chart.yaml"
OWN_NAMESPACE = "release-own-namespace"
"""What a chart is rendered into where nobody names its namespace; objects that end up there have none."""
ADVICE = 'install the Helm engine with `pip install "readycheck-audit[helm]"`, or helm itself, to have charts judged'

_CHART_BOUNDS = Bounds(seconds=30.0)
_KUBE_VERSION = "1.36.0"
"""The version of Kubernetes that `helm` is told to render for: the one that the engine assumes."""
_NO_DEPENDENCIES = "missing in charts/ directory"
_DEMAND = "execution error at"
"""How helm begins what `required` and `fail` say."""
_SCHEMA = "don't meet the specifications of the schema"
_LONGEST_REASON = 600
_SOURCE_LINE = re.compile(r"^# Source: (.+)$", re.MULTILINE)
_COMPLAINT = re.compile(r"^\[ERROR\] (.+)$", re.MULTILINE)
_DOCUMENT = re.compile(r"^---[ \t]*$\n?", re.MULTILINE)


class Release(Struct, frozen=True):
    """One chart with one set of values.

    Args:
        chart: the absolute path of the chart's folder.
        name: the release's name.
        namespace: where it is installed; "" where nobody says.
        values: the absolute paths of values files, the last one wins.
        inline: values that stand elsewhere, over those of the files.
        label: what asks for it, where that is an object of the tree.
    """

    chart: str
    name: str
    namespace: str = ""
    values: tuple[str, ...] = ()
    inline: Mapping[str, Any] | None = None
    label: str = ""


class RenderError(Exception):
    """A chart could not be rendered.

    Args:
        reason: why, in helm's own words where it has some.
        told: whether helm says so, so that the chart may be to blame; False where nothing could be tried.
    """

    def __init__(self, reason: str, *, told: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.told = told

    def blames_template(self, release: Release) -> bool:
        """Whether a template is wrong with values that are meant for it.

        What is missing beside the chart (dependencies, which are not fetched) is no fault of a template, and a chart
        that asks for values which it does not have itself is none either.
        """
        wants_values = _DEMAND in self.reason or _SCHEMA in self.reason
        given = bool(release.values or release.inline)
        return self.told and _NO_DEPENDENCIES not in self.reason and (given or not wants_values)


def find_charts(files: ParsedFiles, uris: Iterable[str]) -> list[str]:
    """The uris of the folders of charts that are installed by themselves.

    Library charts and the charts in another one's `charts/` are parts of others.
    """
    folders = sorted(os.path.dirname(uri) for uri in uris if os.path.basename(uri) == CHART_FILE)
    chart_folders = set(folders)
    return [
        folder
        for folder in folders
        if not _is_subchart(folder, chart_folders) and not _is_library(files, os.path.join(folder, CHART_FILE))
    ]


def _is_subchart(folder: str, charts: set[str]) -> bool:
    parent, _, _ = folder.rpartition("/")
    holder, _, last = parent.rpartition("/")
    return (last or parent) == "charts" and (holder if last else "") in charts


def _is_library(files: ParsedFiles, uri: str) -> bool:
    return str(chart_metadata(files, uri).get("type")) == "library"


def chart_metadata(files: ParsedFiles, uri: str) -> Mapping[str, Any]:
    """What a Chart.yaml says; empty where it cannot be read, which the engine will explain."""
    try:
        documents = files.read(files.absolute(uri)).documents
    except Unreadable:
        return {}
    return documents[0].body if documents and isinstance(documents[0].body, Map) else {}


class Renderer:
    """Renders charts, one after the other, with what is installed; to be used as a context manager.

    Args:
        bounds: what rendering one chart may use.
        boundary: the folder that links in a chart may lead to; the chart's own where not given.
    """

    def __init__(self, bounds: Bounds = _CHART_BOUNDS, boundary: str | None = None) -> None:
        self._boundary = boundary
        self._bounds = bounds
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._worker:
            self._worker.close()

    def render(self, release: Release) -> dict[str, str]:
        """The text of each template, by its path from the chart's folder.

        Raises:
            RenderError: the chart cannot be rendered, or nothing that could is installed.
        """
        self._refuse_links(release)
        if importlib.util.find_spec("helm_python") is not None:
            rendered = self._by_engine(release)
        elif program := shutil.which("helm"):
            rendered = _by_program(program, release, self._bounds)
        else:
            raise RenderError(ADVICE)
        return {
            path.partition("/")[2]: text for path, text in rendered.items() if os.path.basename(path) != "NOTES.txt"
        }

    def lint(self, release: Release) -> tuple[str, ...]:
        """The errors that helm's linter finds in a chart, with the values of a release.

        Raises:
            RenderError: the chart cannot be linted, or nothing that could is installed.
        """
        self._refuse_links(release)
        if importlib.util.find_spec("helm_python") is not None:
            return tuple(_one_line(str(error)) for error in self._ask("lint", release)["complaints"])
        if program := shutil.which("helm"):
            return _linted_by_program(program, release, self._bounds)
        raise RenderError(ADVICE)

    def _refuse_links(self, release: Release) -> None:
        if link := _link_out(release.chart, self._boundary or release.chart):
            raise RenderError(f"{link} is a link out of the repository, and Helm would follow it")

    def _by_engine(self, release: Release) -> dict[str, str]:
        return dict(self._ask("render", release)["templates"])

    def _ask(self, task: str, release: Release) -> dict[str, Any]:
        if self._worker is None:
            self._worker = _Worker(self._bounds)
        try:
            answer = self._worker.ask(
                {
                    "task": task,
                    "chart": release.chart,
                    "name": release.name,
                    "namespace": release.namespace or OWN_NAMESPACE,
                    "values": release.values,
                    "inline": release.inline or {},
                }
            )
        except ProgramError as error:
            self._worker.close()
            self._worker = None
            raise RenderError(error.reason) from error
        if "error" in answer:
            raise RenderError(_one_line(str(answer["error"])), told=True)
        return answer


def _link_out(chart: str, boundary: str) -> str | None:
    """A link in a chart to something outside of it and of the boundary, as a path from the chart's folder."""
    allowed = (os.path.realpath(chart), os.path.realpath(boundary))
    seen, waiting = set(allowed[:1]), [chart]
    while waiting:
        try:
            entries = sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name)
        except OSError:
            continue  # what can't be listed is for the engine to explain
        for entry in entries:
            real = os.path.realpath(entry.path)
            if entry.is_symlink() and not any(os.path.commonpath((real, folder)) == folder for folder in allowed):
                return os.path.relpath(entry.path, chart)
            if entry.is_dir() and real not in seen:
                seen.add(real)
                waiting.append(entry.path)
    return None


class _Worker:
    """The child process that holds the Helm engine: one question a line, one answer a line."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._home = tempfile.TemporaryDirectory(prefix="readycheck-")
        environment = isolated_environment(Path(self._home.name))
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "readycheck.sources.files.helm_worker"],
            cwd=self._home.name,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        limit_memory(self._process.pid, bounds.memory)

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Put a question and wait for its answer.

        Raises:
            ProgramError: no answer came within the bounds; the process is of no use any more.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise ProgramError("the Helm engine has no pipes")
        try:
            self._process.stdin.write(orjson.dumps(question) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ProgramError("the Helm engine ended unexpectedly") from None
        deadline = time.monotonic() + self._bounds.seconds
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not answer.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise ProgramError(f"rendering did not end within {self._bounds.seconds:g} s")
                chunk = os.read(self._process.stdout.fileno(), 1 << 16)
                if not chunk:
                    raise ProgramError(
                        "the Helm engine ended unexpectedly: the chart may need more memory than it gets"
                    )
                answer.extend(chunk)
                if len(answer) > self._bounds.output:
                    raise ProgramError(f"the chart renders to more than {self._bounds.output >> 20} MB")
        return dict(orjson.loads(answer))

    def close(self) -> None:
        """End the process."""
        kill_group(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._home.cleanup()


def _by_program(program: str, release: Release, bounds: Bounds) -> dict[str, str]:
    command = (program, "template", release.name, release.chart)
    try:
        output = _run(command, release, bounds)
    except ProgramError as error:
        raise RenderError(_one_line(error.reason), told=error.told) from error
    return _by_source(output)


def _linted_by_program(program: str, release: Release, bounds: Bounds) -> tuple[str, ...]:
    try:
        _run((program, "lint", release.chart, "--quiet"), release, bounds)
    except ProgramError as error:
        if not error.told:
            raise RenderError(_one_line(error.reason)) from error
        complaints = tuple(_one_line(complaint) for complaint in _COMPLAINT.findall(error.output))
        return complaints or (_one_line(error.reason),)
    return ()


def _run(command: tuple[str, ...], release: Release, bounds: Bounds) -> str:
    """What helm writes when it is started with the values of a release.

    Raises:
        ProgramError: it fails.
    """
    with tempfile.TemporaryDirectory(prefix="readycheck-") as name:
        home = Path(name)
        values = list(release.values)
        if release.inline:
            inline = home / "inline.json"
            inline.write_bytes(orjson.dumps(release.inline))
            values.append(str(inline))
        arguments = ["--namespace", release.namespace or OWN_NAMESPACE, "--kube-version", _KUBE_VERSION]
        for file in values:
            arguments += ["--values", file]
        return run((*command, *arguments), home=home, bounds=bounds).decode("utf-8", "replace")


def _by_source(output: str) -> dict[str, str]:
    """The output of `helm template`, sorted by the comment that names each document's template."""
    templates: dict[str, list[str]] = {}
    for document in _DOCUMENT.split(output):
        if source := _SOURCE_LINE.search(document):
            templates.setdefault(source[1], []).append(document)
    return {path: "---\n".join(documents) for path, documents in templates.items()}


def _one_line(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip() and not line.startswith("Use --debug")]
    line = " ".join(lines).removeprefix("Error: ")
    # Templates that include each other without end give a message of megabytes.
    half = _LONGEST_REASON // 2
    return line if len(line) <= _LONGEST_REASON else f"{line[:half]} ... {line[-half:]}"


def merged(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Values over values, as Helm lays one file over another: mappings are merged, all else is replaced."""
    result: dict[str, Any] = {}
    for layer in values:
        for key, value in layer.items():
            below = result.get(key)
            both = isinstance(below, Mapping) and isinstance(value, Mapping)
            result[key] = merged((below, value)) if both else value  # type: ignore[arg-type]
    return result
