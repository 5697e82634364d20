"""Building kustomizations with the user's own kustomize, without network, plug-ins or charts.

A build starts from a temporary overlay whose build metadata makes kustomize say where each object comes from and
what has changed it (kustomize reference, `buildMetadata`).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from readycheck.documents.yaml import parse
from readycheck.model import Map, Problem, Unresolved
from readycheck.sources.files.programs import Bounds, ProgramError, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from readycheck.sources.files.kustomizations import Kustomization, Kustomizations, Reference

ORIGIN = "config.kubernetes.io/origin"
TRANSFORMATIONS = "alpha.config.kubernetes.io/transformations"
_OVERLAY = "buildMetadata: [originAnnotations, transformerAnnotations]\nresources: [{}]\n"
_PROBE = Bounds(seconds=15.0, output=1 << 20)
_LONGEST_REASON = 400
_NO_FILE = "readycheck: no such file: "
_NO_VARIABLES = "READYCHECK_NO_SUCH_FILE_"
_KUBECTL_FRAME = re.compile(r'"command failed" err="(.*)"', re.DOTALL)
_NESTING = re.compile(
    r"accumulati(?:ng resources|on err='accumulating resources from '[^']*': '[^']*' must resolve to a file'): "
)
_NO_FILE_NOR_FOLDER = re.compile(
    r"^accumulation err='accumulating resources from '[^']*': (.*)': must build at directory.*"
)


class Tool(Struct, frozen=True):
    """A program that builds kustomizations.

    Args:
        command: how it is started, up to the folder to build.
        name: what it is called, for people.
        version: the version of kustomize in it.
    """

    command: tuple[str, ...]
    name: str
    version: str


class Step(Struct, frozen=True):
    """One thing that made or changed an object.

    Args:
        file: the absolute path of the file that asks for it.
        kind: the transformer or generator, such as `PatchTransformer`.
        name: its name, where it has a file of its own; else "".
    """

    file: str
    kind: str
    name: str


class Rendered(Struct, frozen=True, eq=False):
    """An object that a build gave.

    Args:
        body: the object, without the annotations that were asked for.
        file: the absolute path of the manifest that it comes from; None where it was generated.
        generator: what generated it.
        steps: what changed it, in order.
        lacks: why part of its content is not known; None where all is.
    """

    body: Map
    file: str | None
    generator: Step | None
    steps: Sequence[Step]
    lacks: str | None = None


class Build(Struct, frozen=True, eq=False):
    """What became of one root.

    Args:
        root: the kustomization.
        objects: what it renders; empty where it couldn't be built.
        problems: what stood in the way, or is not known about the objects.
        built: whether the objects are what it renders.
    """

    root: Kustomization
    objects: Sequence[Rendered] = ()
    problems: Sequence[Problem] = field(default=())
    built: bool = False


def find_tool() -> Tool | Problem:
    """The first of `kustomize` and `kubectl` on PATH that works, else a problem that says what to install."""
    failures = []
    for name, arguments in (("kustomize", ("version",)), ("kubectl", ("version", "--client", "--output=json"))):
        if (program := shutil.which(name)) is None:
            continue
        try:
            with tempfile.TemporaryDirectory(prefix="readycheck-") as home:
                said = run((program, *arguments), home=Path(home), bounds=_PROBE).decode("utf-8", "replace").strip()
            if name == "kustomize":
                return Tool((program, "build"), name, said)
            return Tool((program, "kustomize"), "kubectl kustomize", str(json.loads(said)["kustomizeVersion"]))
        except ProgramError as error:
            failures.append(f"{program} does not work: {_shorten(error.reason)}")
        except (ValueError, KeyError, TypeError):
            failures.append(f"{program} has no kustomize")
    advice = "install kustomize (or a kubectl, which has it built in) to have kustomizations judged as they are applied"
    return Problem("kustomize", "; ".join([*failures, advice]))


def build_with_what_works(graph: Kustomizations, roots: Sequence[Kustomization]) -> Sequence[Build] | Problem:
    """Build some roots of a tree with a tool that works; where there is none, a problem that says what to install.

    A `kustomize` is asked whether it works only after it has built nothing: that costs as much as a build.
    """
    if program := shutil.which("kustomize"):
        builds = build_all(graph, Tool((program, "build"), "kustomize", ""), roots)
        if any(build.built for build in builds) or all(map(graph.obstacle, roots)):
            return builds
    tool = find_tool()
    return tool if isinstance(tool, Problem) else build_all(graph, tool, roots)


def build_all(
    graph: Kustomizations,
    tool: Tool,
    roots: Sequence[Kustomization] | None = None,
    *,
    bounds: Bounds | None = None,
    workers: int | None = None,
) -> Sequence[Build]:
    """Build roots of a tree, several side by side.

    Args:
        graph: the kustomizations.
        tool: what builds them.
        roots: which of them; all where not given.
        bounds: what one build may use.
        workers: how many builds at a time; as many as there are processors where not given.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - half a tenth of the start, for what few scans have

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        wanted = graph.roots if roots is None else roots
        return list(pool.map(lambda root: build(graph, root, tool, bounds or Bounds()), wanted))


def build(graph: Kustomizations, root: Kustomization, tool: Tool, bounds: Bounds) -> Build:
    """Build one root.

    Where files of its generators are missing, what is there is built from a copy, and the objects that lack something
    say so: a secret that git ignores doesn't hide the workloads beside it.

    Args:
        graph: the kustomizations that `root` is one of.
        root: what to build.
        tool: what builds it.
        bounds: what the build may use.
    """
    if obstacle := graph.obstacle(root):
        return Build(root, problems=[obstacle])
    missing = graph.missing_inputs(root)
    with tempfile.TemporaryDirectory(prefix="readycheck-") as name:
        workspace = Path(os.path.realpath(name))
        overlay, home = workspace / "overlay", workspace / "home"
        overlay.mkdir()
        home.mkdir()
        place = _copy(graph, root, workspace / "tree") if missing else _Place("", "")
        resource = json.dumps(Path(os.path.relpath(place.there(root.folder), overlay)).as_posix())
        (overlay / "kustomization.yaml").write_text(_OVERLAY.format(resource), "utf-8")
        try:
            output = run((*tool.command, str(overlay)), home=home, bounds=bounds).decode("utf-8", "replace")
        except ProgramError as error:
            reason = f"{tool.name} could not build it: {_last_words(place.back(error.reason), graph)}"
            return Build(root, problems=[Problem(graph.files.uri(root.file), reason)])
        documents, faults = parse(output, templated=False)
        objects = [_rendered(each.body, str(overlay), place) for each in documents if isinstance(each.body, Map)]
    problems = [Problem(graph.files.uri(root.file), f"{tool.name} gave: {fault.reason}") for fault in faults]
    for part, reference in missing:
        reason = f"{reference.text!r} does not exist, so what is generated from it is not known"
        problems.append(graph.problem(part, reference.path, reason))
    return Build(root, objects, problems, built=True)


class _Place(Struct, frozen=True):
    """Where a tree was copied from and to; both are "" where it is built as it stands."""

    source: str
    copy: str

    def there(self, path: str) -> str:
        return self.copy + path[len(self.source) :] if self.copy else path

    def back(self, text: str) -> str:
        return text.replace(self.copy, self.source) if self.copy else text


def _copy(graph: Kustomizations, root: Kustomization, tree: Path) -> _Place:
    """Copy all that a root is made of, with a stand-in for each missing input."""
    parts = graph.closure(root)
    files: dict[str, Reference | None] = {}
    for part in parts:
        files.update((reference.target, reference) for reference in part.references)
        files[part.file] = None
    folders = [*map(os.path.dirname, files), *(part.folder for part in parts)]
    place = _Place(os.path.commonpath(folders).rstrip("/"), str(tree))
    for number, (file, reference) in enumerate(files.items()):
        copy = Path(place.there(file))
        copy.parent.mkdir(parents=True, exist_ok=True)
        if os.path.isdir(file):
            if (real := os.path.realpath(file)) != file:
                copy.symlink_to(place.there(real))
        elif reference is None or reference.exists:
            shutil.copyfile(file, copy)
        elif "files" in reference.path:
            copy.write_text(_NO_FILE + reference.text, "utf-8")
        else:
            copy.write_text(f"{_NO_VARIABLES}{number}=", "utf-8")
    return place


def _rendered(body: Map, overlay: str, place: _Place) -> Rendered:
    """An object of a build's output, and what its annotations tell."""
    origin = _annotation(body, ORIGIN)
    steps = _annotation(body, TRANSFORMATIONS)

    def absolute(path: object) -> str:
        return place.back(os.path.normpath(os.path.join(overlay, str(path))))

    def step(told: Mapping[str, Any]) -> Step:
        by = told.get("configuredBy") or {}
        return Step(absolute(told.get("configuredIn", "")), str(by.get("kind", "")), str(by.get("name", "")))

    return Rendered(
        body=body,
        file=absolute(origin["path"]) if origin and "path" in origin else None,
        generator=step(origin) if origin and "configuredIn" in origin else None,
        steps=tuple(map(step, steps or ())),
        lacks=_mark_lacking(body) if place.copy else None,
    )


def _annotation(body: Map, name: str) -> Any:
    """The YAML in an annotation of a rendered object, which is taken away."""
    metadata = body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Map) else None
    if not isinstance(annotations, Map) or name not in annotations:
        return None
    text = str(annotations[name])
    _remove(annotations, name)
    if not annotations and isinstance(metadata, Map):
        _remove(metadata, "annotations")
    documents, _ = parse(text, templated=False)
    return documents[0].body if documents else None


def _remove(mapping: Map, key: str) -> None:
    del mapping.marks[list(mapping).index(key)]
    del mapping[key]


def _mark_lacking(body: Map) -> str | None:
    """Make what stands for a missing input Unresolved, and say which input that is."""
    lacks = None
    data = body.get("data")
    if not isinstance(data, Map):
        return None
    for key, value in list(data.items()):
        text = _decoded(value) if body.get("kind") == "Secret" else str(value)
        if text.startswith(_NO_FILE):
            lacks = f"comes from {text.removeprefix(_NO_FILE)!r}, which does not exist"
            data[key] = Unresolved("", lacks)
        elif key.startswith(_NO_VARIABLES):
            lacks = "comes from a file of variables that does not exist"
            _remove(data, key)
    return lacks


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value)).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _last_words(words: str, graph: Kustomizations) -> str:
    """What a tool said last, without its frame and with paths from the scan root."""
    if framed := _KUBECTL_FRAME.search(words):
        words = framed[1].replace('\\"', '"').replace("\\n", "\n")
    words = "\n".join(line for line in words.splitlines() if not line.startswith("# Warning"))
    *_, last = _NESTING.split(words.strip().removeprefix("Error: "))
    # What is no file is tried as a folder too; only the first failure says anything.
    last = _NO_FILE_NOR_FOLDER.sub(r"\1", last)
    root = graph.files.absolute("")
    return _shorten(last.replace(f"{root}/", "").replace(f"'{root}'", "'.'"))


def _shorten(words: str) -> str:
    words = " ".join(words.split())
    return (
        words
        if len(words) <= _LONGEST_REASON
        else f"{words[: _LONGEST_REASON // 2]} ... {words[-_LONGEST_REASON // 2 :]}"
    )
