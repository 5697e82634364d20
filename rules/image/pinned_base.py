"""Start each stage from an image that stays what it is.

With `latest` or no tag two builds of the same commit give two images, and nobody can say which of them was scanned.
`COPY --from=IMAGE` is a base as well. What the finished image takes nothing from, and what is built to develop or to
test, counts less.

Options:
    moving: further tags that name another image from time to time
    fixed: tags that never do, though they are a word without a digit
"""

from collections.abc import Iterator
from typing import NamedTuple

from readycheck.images.dockerfile import SCRATCH, Dockerfile
from readycheck.inventory import Inventory
from readycheck.kubernetes.image import ImageReference, unfixed
from readycheck.model import Place, Severity, Unresolved, Verdict
from readycheck.rule import rule


class _Base(NamedTuple):
    place: Place
    text: str
    aside: str
    """Why it counts less; "" where it does not."""


@rule("Dockerfile", severity=Severity.MEDIUM)
def pinned_base(
    dockerfile: Dockerfile, inventory: Inventory, *, moving: tuple[str, ...] = (), fixed: tuple[str, ...] = ()
) -> Iterator[Verdict]:
    bases = list(_bases(dockerfile, inventory))
    if not bases:
        yield dockerfile.not_applicable("starts from nothing but scratch")
    for place, text, aside in bases:
        image = ImageReference.of(text)
        wrong = ""
        if image is None:
            yield dockerfile.unknown(f"`{text!s}` is no image reference", at=place)
        elif image.digest:
            continue
        elif isinstance(text, Unresolved) and image.tag is None:
            yield dockerfile.unknown(f"which image `{text!s}` is hangs on a build argument without a default", at=place)
        elif maker := inventory.maker_of(image, dockerfile):
            yield dockerfile.note(f"base image {text!s} is built in this tree, from {maker.name}", at=place)
        elif not image.tag:
            wrong = f"base image {text!s} has no tag"
        elif reason := unfixed(image.tag, moves=[*map(str.lower, moving)], stays=[*map(str.lower, fixed)]):
            wrong = f"base image tag {image.tag} {reason}"
        if wrong:
            severity = Severity.LOW if aside else None
            yield dockerfile.finding(f"{wrong} where a fixed one is wanted{aside}", at=place, severity=severity)


def _bases(dockerfile: Dockerfile, inventory: Inventory) -> Iterator[_Base]:
    """The images that the stages start from, and those that files are copied from."""
    wanted = {stage.index for stage in inventory.built_stage(dockerfile).needed}
    purpose = f" (the image is for {dockerfile.purpose}, by its path)" if dockerfile.purpose else ""
    for stage in dockerfile.stages:
        aside = purpose or ("" if stage.index in wanted else " (the finished image takes nothing from this stage)")
        if stage.parent is None and str(stage.source) != SCRATCH:
            yield _Base(stage.place, stage.source, aside)
        for instruction, name in stage.takes_from:
            if dockerfile.stage_called(str(name), before=stage.index) is None and not str(name).isdigit():
                yield _Base(dockerfile.at(instruction.path), name, aside)
