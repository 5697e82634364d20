"""End on the smallest base that runs the program.

A static binary (Go, Rust) runs on scratch or distroless; everything else on a slim, Alpine or distroless variant. What
is not in the image has no vulnerabilities, needs no updates and helps nobody who gets in.
"""

from collections.abc import Iterator

from readycheck.images.bases import Weight, brings_a_runtime, brings_build_tools, weight_of
from readycheck.images.building import Language, language_of, linked_statically, programs_installed
from readycheck.images.dockerfile import Dockerfile, Stage
from readycheck.inventory import Inventory
from readycheck.model import Severity, Unresolved, Verdict
from readycheck.rule import rule
from readycheck.scope import not_for_production


@rule("Dockerfile", severity=Severity.LOW, unless=not_for_production)
def minimal_base(dockerfile: Dockerfile, inventory: Inventory) -> Iterator[Verdict]:
    stage = inventory.built_stage(dockerfile)
    language = language_of(dockerfile, inventory.beside(dockerfile))
    static = linked_statically(dockerfile, language) if language is not None else None
    alone = not programs_installed(stage) and not (stage.base is not None and brings_a_runtime(stage.base))
    weight = _weight(stage)
    place, source = stage.root.place, stage.source_name
    if weight is None:
        yield dockerfile.unknown(f"how much {source} brings along is not known", at=place)
    elif weight is Weight.DEBUG:
        yield dockerfile.finding(f"ends on {source}, a variant for debugging with a shell in it", at=place)
    elif weight is Weight.FULL:
        wanted = "scratch or distroless" if language is Language.GO and alone else _smaller_than(stage)
        yield dockerfile.finding(f"ends on {source} where {wanted} is wanted", at=place)
    elif weight is Weight.EMPTY:
        yield from _on_scratch(dockerfile, stage, language, static=static)
    elif weight is Weight.STATIC:
        yield from _without_shell(dockerfile, stage)
    elif language is not None and alone and weight is Weight.SMALL and (static or language is Language.GO):
        yield dockerfile.note(f"a static {language.value} binary runs on scratch too", at=place)
    elif language is not None and alone and weight is Weight.SLIM and static:
        yield dockerfile.finding(
            f"ends on {source} where scratch or distroless is enough for a static {language.value} binary", at=place
        )


def _smaller_than(stage: Stage) -> str:
    if "windows" in stage.source_name:
        return "nanoserver"
    if stage.base is not None and brings_build_tools(stage.base):
        return "a variant that only runs (a runtime, a JRE)"
    return "a slim, Alpine or distroless variant"


def _weight(stage: Stage) -> Weight | None:
    if stage.from_scratch:
        return Weight.EMPTY
    if stage.base is None or isinstance(stage.root.source, Unresolved):
        return None
    return weight_of(stage.base)


def _on_scratch(
    dockerfile: Dockerfile, stage: Stage, language: Language | None, *, static: bool | None
) -> Iterator[Verdict]:
    """What runs on scratch brings everything along."""
    if static is False:
        yield dockerfile.finding(
            "a binary that is linked with cgo (CGO_ENABLED=1) does not run on scratch", at=stage.root.place
        )
    elif language is not None and static is None:
        yield dockerfile.note(
            f"nothing shows that the {language.value} binary is linked statically, as scratch needs it",
            at=stage.root.place,
        )
    yield from _without_shell(dockerfile, stage)


def _without_shell(dockerfile: Dockerfile, stage: Stage) -> Iterator[Verdict]:
    """What is written as a line is run by a shell."""
    for instruction in stage.instructions:
        if instruction.name in ("ENTRYPOINT", "CMD", "HEALTHCHECK") and "shell" in instruction.body:
            yield dockerfile.finding(
                f"{instruction.name} needs a shell, and {stage.source_name} has none: write it as a list",
                at=instruction.place,
            )
