"""Which pushes and tags a pipeline runs for, by the names that its file lets through or keeps out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from readycheck.pipelines.globs import pattern_of
from readycheck.pipelines.model import Occasion, Run
from readycheck.pipelines.values import (
    MAIN_BRANCH,
    OTHER_BRANCH,
    RELEASE_TAG,
    Some,
    all_of,
    any_of,
    matches,
    mismatches,
)

NAMES: Mapping[Occasion, Some] = {
    Occasion.PULL_REQUEST: MAIN_BRANCH,
    Occasion.MAIN: MAIN_BRANCH,
    Occasion.BRANCH: OTHER_BRANCH,
    Occasion.TAG: RELEASE_TAG,
}
"""What is known of the branch or tag; of a pull request, of the branch that it goes to."""


def glob(written: str) -> str:
    """The regular expression of a glob over names."""
    pattern = pattern_of(written)
    return r"\A" + pattern.pattern if pattern else written


def passes(
    name: Some, only: Sequence[str], but: Iterable[str] = (), *, pattern: Callable[[str], str] = glob
) -> bool | None:
    """Whether a name is let through; None where that depends on which one it is.

    Args:
        name: what is known of it.
        only: what lets names through; empty where all pass.
        but: what keeps names out.
        pattern: gives the regular expression of one of them.
    """
    wanted = any_of(*(matches(name, pattern(written)) for written in only)) if only else True
    return all_of(wanted, *(mismatches(name, pattern(written)) for written in but))


def run_if(
    occasion: Occasion,
    answer: bool | None,  # noqa: FBT001 - three answers, not a switch
    condition: str,
    *,
    paths: Sequence[str] = (),
    manual: bool = False,
) -> Iterator[Run]:
    """The run that comes of an answer: none, a sure one, or one that its condition leaves unsure."""
    if answer is not False:
        yield Run(occasion, tuple(paths), manual, "" if answer else condition)
