"""What readycheck.yaml says of an environment's states and plans."""

from __future__ import annotations

from pathlib import Path

from readycheck.section import Section
from readycheck.sources.terraform.request import TerraformRequest


def configured(environment: Section, base: Path) -> TerraformRequest | None:
    """The states and plans of an environment; None where it names none.

    Args:
        environment: what is said of the environment.
        base: the folder of the configuration.

    Raises:
        ConfigError: something is said that cannot be.
    """
    if "terraform" not in environment.body:
        return None
    section = environment.section("terraform")
    root = section.string("root")
    roots = (root,) if root else section.strings("roots")
    request = TerraformRequest(
        states=tuple(given if "://" in given else base / given for given in section.strings("states")),
        plans=tuple(base / given for given in section.strings("plans")),
        roots=tuple(base / given for given in roots),
        bases=(base,),
        profile=section.string("profile"),
        endpoint=section.string("endpoint_url"),
        timeout_seconds=section.integer("timeout_seconds", TerraformRequest().timeout_seconds),
    )
    section.known.update(("root", "roots"))
    section.done()
    for index, folder in enumerate(request.roots):
        if not folder.is_dir():
            section.fail(f"`{folder}` is no folder", *(("root",) if root else ("roots", index)))
    if request.timeout_seconds < 1:
        section.fail("`timeout_seconds` must be 1 or more", "timeout_seconds")
    if not (request.states or request.plans or request.roots):
        section.fail("names neither `states` nor `plans` nor a `root`")
    return request
