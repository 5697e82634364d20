"""What Argo CD's ApplicationSets make Applications for: their generators, and the parameters that these give.

The facts are from the documentation of Argo CD, "Generators" (argoproj/argo-cd).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import product
from typing import Any, TypeAlias

from readycheck.model import Resource, Unjudged

Parameters: TypeAlias = Mapping[str, str]

_PLACEHOLDER = re.compile(r"\{\{-?\s*\.?([\w.-]+)\s*-?\}\}")


def parameters_of(application_set: Resource, folders: Collection[str], files: Collection[str]) -> Sequence[Parameters]:
    """The parameters of each Application that a set makes.

    Args:
        application_set: the ApplicationSet.
        folders: the folders of the repository that its Git generators look at.
        files: the files of it.

    Raises:
        Unjudged: a generator asks something else than the repository.
    """
    found: list[Parameters] = []
    for index, generator in enumerate(application_set.mappings("spec.generators")):
        try:
            found += _parameters(generator, folders, files)
        except _Elsewhere as elsewhere:
            place = application_set.at(("spec", "generators", index))
            raise Unjudged(f"its generator {elsewhere} asks what is not in the tree", place) from None
    return found


def filled(template: str, parameters: Parameters) -> str:
    """A template with parameters in it; what none of them gives stays as it is written.

    Args:
        template: the text, with `{{path}}` or, of Go templates, `{{.path.path}}`.
        parameters: what to put in.
    """

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1].removesuffix(".path") if placeholder[1] == "path.path" else placeholder[1]
        return parameters.get(name, placeholder[0])

    return _PLACEHOLDER.sub(value, template)


class _Elsewhere(Exception):  # noqa: N818 - it ends the look at a generator
    """A generator makes its Applications of something that no file says."""


def _parameters(generator: Mapping[str, Any], folders: Collection[str], files: Collection[str]) -> list[Parameters]:
    if "list" in generator:
        elements = _list(_mapping(generator["list"]).get("elements"))
        return [{key: str(value) for key, value in element.items()} for element in elements]
    if "git" in generator:
        git = _mapping(generator["git"])
        matched = _chosen(_list(git.get("directories")), folders)
        matched += map(posixpath.dirname, _chosen(_list(git.get("files")), files))
        return [{"path": path, "path.basename": posixpath.basename(path)} for path in matched]
    if "matrix" in generator:
        parts = [_parameters(part, folders, files) for part in _list(_mapping(generator["matrix"]).get("generators"))]
        return [{key: value for part in parts for key, value in part.items()} for parts in product(*parts)]
    if "clusters" in generator:
        # Which clusters there are decides where something is applied, not what.
        return [{}]
    raise _Elsewhere(next(iter(generator), "without a kind"))


def _chosen(entries: Iterable[Mapping[str, Any]], paths: Collection[str]) -> list[str]:
    entries = list(entries)
    left_out = [str(entry.get("path")) for entry in entries if entry.get("exclude") is True]
    wanted = [str(entry.get("path")) for entry in entries if entry.get("exclude") is not True]
    return sorted(path for path in paths if _matches(path, wanted) and not _matches(path, left_out))


def _matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path is one of some patterns, in which a star stands for a part of one name and two for any folders."""
    depth = path.count("/")
    for pattern in patterns:
        # What stands before the first star is asked first: most paths differ there.
        if path.startswith(pattern.partition("*")[0].partition("?")[0].partition("[")[0]) and (
            fnmatchcase(path, pattern.replace("**", "*"))
            if "**" in pattern
            else depth == pattern.count("/") and fnmatchcase(path, pattern)
        ):
            return True
    return False


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
