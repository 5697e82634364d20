"""What globs, `ls`, `find` and their like name in the scanned tree."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from readycheck.model import Listing
from readycheck.pipelines.acts.doing import from_root

_MOST = 500


def matching(listing: Listing, pattern: str, folder: str) -> list[str]:
    """The paths that a glob names, as a shell puts them in its place.

    Args:
        listing: the names of the tree.
        pattern: the glob, from `folder`.
        folder: the folder that the shell is in.
    """
    only_folders = pattern.endswith("/")
    shown = [""]
    for step in pattern.strip("/").split("/"):
        if step in ("", "."):
            continue
        found = []
        for start in shown:
            place = from_root(start, folder) if start else folder
            if not re.search(r"[*?\[]", step):
                found.append(posixpath.join(start, step))
                continue
            names = listing.folders.get(place, ())
            found += [
                posixpath.join(start, name)
                for name in names
                if fnmatchcase(name, step) and (not name.startswith(".") or step.startswith("."))
            ]
        shown = found[:_MOST]
    exists = [path for path in shown if _is_folder(listing, from_root(path, folder)) or not only_folders]
    return [f"{path}/" if only_folders else path for path in exists]


def found_by(listing: Listing, words: Sequence[str], piped: list[str] | None, folder: str) -> list[str] | None:
    """What comes out of a command that lists or filters names; None where that cannot be told.

    Args:
        listing: the names of the tree.
        words: the command.
        piped: what it reads.
        folder: the folder that it runs in.
    """
    name, arguments = words[0] if words else "", list(words[1:])
    plain = [word for word in arguments if not word.startswith("-")]
    if any("$" in word for word in plain):
        return None
    if name in _LISTING:
        return _LISTING[name](listing, arguments, plain, folder)
    if name == "xargs":
        name, plain = next((word for word in plain if word in _NAMING), ""), list(piped or ())
    if name in _NAMING:
        return [_NAMING[name](each.rstrip("/")) for each in plain[: None if words[0] == "xargs" else 1]]
    return _FILTERS[name](piped, arguments) if piped is not None and name in _FILTERS else None


def _switches(arguments: Sequence[str]) -> list[str]:
    return [word[1:] for word in arguments if word.startswith("-") and not word.startswith("--")]


def _listed(listing: Listing, arguments: list[str], paths: list[str], folder: str) -> list[str]:
    themselves = "d" in "".join(_switches(arguments))
    found: list[str] = []
    for path in paths or ["."]:
        for each in matching(listing, path, folder) if re.search(r"[*?\[]", path) else [path]:
            place = from_root(each, folder)
            if themselves or not _is_folder(listing, place):
                found.append(each)
            else:
                found += [name for name in listing.folders.get(place, ()) if not name.startswith(".")]
    return found


def _echoed(listing: Listing, arguments: list[str], plain: list[str], folder: str) -> list[str]:
    del arguments
    return [each for word in plain for each in matching(listing, word, folder) or word.split()]


def _found(listing: Listing, arguments: list[str], plain: list[str], folder: str) -> list[str] | None:
    del plain
    tests = next((index for index, word in enumerate(arguments) if word[0] in "-!("), len(arguments))
    options = arguments[tests:]
    if not set(options) <= _KNOWN and any(word.startswith("-") and word not in _KNOWN for word in options):
        return None
    least, most = _number(options, "-mindepth", 0), _number(options, "-maxdepth", 100)
    kind = _after(options, "-type")
    found = []
    for start in arguments[:tests] or ["."]:
        base = from_root(start, folder)
        below = [each for each in listing.folders if _depth(each, base) >= 0] if kind != "f" else []
        below += [each.uri for each in listing.below(base)] if kind != "d" else []
        for uri in sorted(below):
            depth = _depth(uri, base)
            if least <= depth <= most and _passes(posixpath.basename(uri), uri, options):
                found.append(posixpath.join(start, posixpath.relpath(uri, base or ".")) if depth else start)
    return found[:_MOST]


_KNOWN = frozenset(["-mindepth", "-maxdepth", "-type", "-name", "-not", "-print", "-print0", "-path", "!", "-iname"])


def _after(options: Sequence[str], name: str) -> str:
    return next((value for option, value in pairwise(options) if option == name), "")


def _number(options: Sequence[str], name: str, default: int) -> int:
    value = _after(options, name)
    return int(value) if value.isdigit() else default


def _depth(uri: str, base: str) -> int:
    if uri == base:
        return 0
    if base and not uri.startswith(f"{base}/"):
        return -1
    return uri[len(base) :].strip("/").count("/") + 1


def _passes(name: str, uri: str, options: Sequence[str]) -> bool:
    for index, option in enumerate(options[:-1]):
        if option not in ("-name", "-iname", "-path"):
            continue
        turned = index > 0 and options[index - 1] in ("!", "-not")
        subject = uri if option == "-path" else name
        if fnmatchcase(subject, options[index + 1]) is turned:
            return False
    return True


def _filtered(piped: Sequence[str], arguments: Sequence[str]) -> list[str] | None:
    turned = "v" in "".join(_switches(arguments))
    patterns = [word for word in arguments if not word.startswith("-")]
    try:
        pattern = re.compile(patterns[0].replace("\\|", "|"))
    except (re.error, IndexError):
        return None
    return [each for each in piped if (pattern.search(each) is None) is turned]


def _stripped(piped: Sequence[str], arguments: Sequence[str]) -> list[str] | None:
    return (
        [each.rstrip("/") for each in piped] if arguments and "/" in arguments[-1] and "//" in arguments[-1] else None
    )


def _ordered(piped: Sequence[str], arguments: Sequence[str]) -> list[str]:
    del arguments
    return sorted(piped)


def _is_folder(listing: Listing, uri: str) -> bool:
    entry = listing.entries.get(uri)
    return uri in listing.folders or (entry is not None and entry.folder)


_LISTING: Mapping[str, Callable[[Listing, list[str], list[str], str], list[str] | None]] = {
    "ls": _listed,
    "find": _found,
    "echo": _echoed,
    "printf": _echoed,
}
_NAMING: Mapping[str, Callable[[str], str]] = {
    "basename": posixpath.basename,
    "dirname": lambda path: posixpath.dirname(path) or ".",
}
_FILTERS: Mapping[str, Callable[[Sequence[str], Sequence[str]], list[str] | None]] = {
    "grep": _filtered,
    "egrep": _filtered,
    "sort": _ordered,
    "uniq": _ordered,
    "cat": _ordered,
    "sed": _stripped,
}
