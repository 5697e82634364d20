"""Start each stage from an image that stays what it is.

With `latest` or no tag two builds of the same commit give two images, and nobody can say which of them was scanned.
`COPY --from=IMAGE` is a base as well.

Options:
    moving: further tags that name another image from time to time
    fixed: tags that never do, though they are a word without a digit
"""

from collections.abc import Iterator

from readycheck.images.dockerfile import SCRATCH, Dockerfile
from readycheck.kubernetes.image import ImageReference, unfixed
from readycheck.model import Place, Severity, Unresolved, Verdict
from readycheck.rule import rule


@rule("Dockerfile", severity=Severity.MEDIUM)
def pinned_base(
    dockerfile: Dockerfile, *, moving: tuple[str, ...] = (), fixed: tuple[str, ...] = ()
) -> Iterator[Verdict]:
    bases = list(_bases(dockerfile))
    if not bases:
        yield dockerfile.not_applicable("starts from nothing but scratch")
    for place, text in bases:
        image = ImageReference.of(text)
        if image is None:
            yield dockerfile.unknown(f"`{text!s}` is no image reference", at=place)
        elif image.digest:
            continue
        elif isinstance(text, Unresolved) and image.tag is None:
            yield dockerfile.unknown(f"which image `{text!s}` is hangs on a build argument without a default", at=place)
        elif not image.tag:
            yield dockerfile.finding(f"base image {text!s} has no tag where a fixed one is wanted", at=place)
        elif reason := unfixed(image.tag, moves=[*map(str.lower, moving)], stays=[*map(str.lower, fixed)]):
            yield dockerfile.finding(f"base image tag {image.tag} {reason} where a fixed one is wanted", at=place)


def _bases(dockerfile: Dockerfile) -> Iterator[tuple[Place, str]]:
    """The images that the stages start from, and those that files are copied from."""
    for stage in dockerfile.stages:
        if stage.parent is None and str(stage.source) != SCRATCH:
            yield stage.place, stage.source
        for instruction, name in stage.takes_from:
            if dockerfile.stage_called(str(name), before=stage.index) is None and not str(name).isdigit():
                yield dockerfile.at(instruction.path), name
