"""Build in one stage and run in another.

An image that still holds its compiler is larger to pull, slower to start and full of programs that help whoever gets
in.
"""

from collections.abc import Iterator

from readycheck.images.bases import is_toolchain
from readycheck.images.building import build_step, compilers_left
from readycheck.images.dockerfile import Dockerfile, Instruction, Stage
from readycheck.inventory import Inventory
from readycheck.model import Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import not_for_production


@rule("Dockerfile", severity=Severity.MEDIUM, unless=not_for_production)
def multistage(dockerfile: Dockerfile, inventory: Inventory) -> Iterator[Verdict]:
    final = inventory.built_stage(dockerfile)
    which = "its only stage" if len(dockerfile.stages) == 1 else "its last stage"
    step = _build_in(final)
    if step is not None:
        instruction, command = step
        yield dockerfile.finding(
            f"builds (`{command}`) in {which} where a smaller stage after it is wanted", at=instruction.place
        )
    elif final.base is not None and is_toolchain(final.base):
        yield dockerfile.finding(f"{which} is {final.source_name}, which is there to build with", at=final.root.place)
    elif left := _left_in(final):
        instruction, package = left
        yield dockerfile.finding(f"{which} installs {package} and keeps it", at=instruction.place)
    elif len(dockerfile.stages) == 1 or not any(_takes_from_stage(stage) for stage in final.chain):
        yield dockerfile.not_applicable("builds nothing")


def _takes_from_stage(stage: Stage) -> bool:
    return any(stage.dockerfile.stage_called(str(name), before=stage.index) for _, name in stage.takes_from)


def _build_in(stage: Stage) -> tuple[Instruction, str] | None:
    for each in stage.chain:
        for instruction in each.instructions:
            command = build_step(instruction)
            if command is not None:
                return instruction, command
    return None


def _left_in(stage: Stage) -> tuple[Instruction, str] | None:
    return next(filter(None, map(compilers_left, stage.chain)), None)
