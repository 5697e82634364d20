"""Pin each image by a tag that stays what it is, or by digest.

With `latest` or no tag at all nobody can say what runs, a restart may bring another version, and a rollback none.

Options:
    moving: further tags that name another image from time to time
"""

from collections.abc import Iterator

from readycheck.kubernetes.image import ImageReference
from readycheck.kubernetes.image import moving as moves
from readycheck.kubernetes.workload import Container
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import helm_hook


@rule("Container", severity=Severity.MEDIUM, unless=helm_hook)
def image_tag(container: Container, *, moving: tuple[str, ...] = ()) -> Iterator[Verdict]:
    text = container.string("image")
    if not text:
        yield container.unknown("names no image", at="image")
        return
    image = ImageReference.of(text)
    if image.digest:
        return
    if not image.tag:
        yield container.finding(f"image {text} has no tag where a fixed one is wanted", at="image")
    elif moves(image.tag, map(str.lower, moving)):
        yield container.finding(f"image tag {image.tag} moves where a fixed one is wanted", at="image")
