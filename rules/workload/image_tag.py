"""Pin each image by a tag that stays what it is, or by digest.

With `latest` or no tag at all nobody can say what runs, a restart may bring another version, and a rollback none.

Options:
    moving: further tags that name another image from time to time
    fixed: tags that never do, though they are a word without a digit
"""

from collections.abc import Iterator

from readycheck.kubernetes.image import unfixed
from readycheck.kubernetes.workload import Container
from readycheck.model import Fix, Needed, Severity, Verdict, text_of
from readycheck.rule import DECLARED_AND_IN_CLUSTER, rule
from readycheck.scope import finished, helm_hook


@rule("Container", severity=Severity.MEDIUM, sources=DECLARED_AND_IN_CLUSTER, unless=(helm_hook, finished))
def image_tag(container: Container, *, moving: tuple[str, ...] = (), fixed: tuple[str, ...] = ()) -> Iterator[Verdict]:
    if container.injected and str(container.body.get("image")) == "auto":
        yield container.not_applicable("what injects the proxy sets its image")
        return
    image = container.image
    if image.digest:
        return
    # Where the tag is not decided yet, the text as a whole is not either, and asking for that says so.
    tag = container.string("image") if image.tag is None else image.tag
    if not tag:
        said = f"image {container.body['image']} has no tag where a fixed one is wanted"
        yield container.finding(said, at="image", fix=_tagged(container))
    elif reason := unfixed(tag, moves=[*map(str.lower, moving)], stays=[*map(str.lower, fixed)]):
        said = f"image tag {tag} {reason} where a fixed one is wanted"
        yield container.finding(said, at="image", fix=_tagged(container))


def _tagged(container: Container) -> Fix | None:
    """The tag that somebody gives, who knows what is meant to run."""
    before, slash, last = text_of(container.body["image"]).rpartition("/")
    repository = f"{before}{slash}{last.partition(':')[0]}"
    if "{" in repository:
        return None
    tag = Needed(f"tag.{last.partition(':')[0]}", f"the version of {repository} that is meant", f"{repository}:{{}}")
    return container.set("image", tag, safe=False, title=f"pin {repository}")
