"""Run the image as a user that is not root.

Who breaks into a process that runs as root is root in the container, and one flaw of the kernel away from the node.
Where the workload that runs the image sets `runAsUser`, it counts less: the next one may forget to.

Options:
    users: users of further base images, each as `REPOSITORY=USER`
"""

from collections.abc import Iterator

from readycheck.images.bases import user_of
from readycheck.images.dockerfile import Dockerfile, Instruction, Stage
from readycheck.inventory import Inventory
from readycheck.model import Fix, Needed, Place, Severity, Unresolved, Verdict
from readycheck.rule import rule
from readycheck.scope import not_for_production

# The last one is Windows' word for it.
_ROOT = ("root", "0", "ContainerAdministrator")
_USER = Needed("user", "the number of a user that can run the image", text=True)


@rule("Dockerfile", severity=Severity.MEDIUM, unless=not_for_production)
def non_root(dockerfile: Dockerfile, inventory: Inventory, *, users: tuple[str, ...] = ()) -> Iterator[Verdict]:
    stage = inventory.built_stage(dockerfile)
    said = _last_user(stage)
    if said is None:
        yield from _by_base(dockerfile, inventory, stage, dict(user.partition("=")[::2] for user in users))
        return
    instruction, user = said
    place = dockerfile.at((*instruction.path, "words", 0))
    name = str(user).partition(":")[0]
    if isinstance(user, Unresolved):
        yield dockerfile.unknown(f"runs as `{user!s}`, and which user that is depends on the build", at=place)
    elif name in _ROOT:
        fix = dockerfile.set(place, _USER, safe=False, title="let another user run the image")
        yield _finding(dockerfile, inventory, f"runs as {user} where another user is wanted", place, fix)
    elif not name.isdigit() and name != "ContainerUser":
        yield dockerfile.note(f"USER {name} is a name: with `runAsNonRoot` the kubelet wants a number", at=place)


def _by_base(dockerfile: Dockerfile, inventory: Inventory, stage: Stage, told: dict[str, str]) -> Iterator[Verdict]:
    """Without USER the image runs as its base does."""
    place = stage.root.place
    if stage.from_scratch:
        yield _finding(dockerfile, inventory, "has no USER, and on scratch that is root", place, _added(stage))
        return
    source, image = stage.source_name, stage.base
    if image is None or isinstance(stage.root.source, Unresolved):
        yield dockerfile.unknown(f"has no USER, and which image `{source}` is cannot be told", at=place)
        return
    user = told.get(source) or told.get(source.rpartition(":")[0]) or user_of(image)
    if user is None:
        yield dockerfile.unknown(f"has no USER, and whom {source} runs as is not known", at=place)
    elif user in _ROOT:
        yield _finding(dockerfile, inventory, f"has no USER, and {source} runs as {user}", place, _added(stage))


def _added(stage: Stage) -> Fix:
    """A USER at the end of the stage."""
    path = (*stage.path, "instructions", len(stage.instructions))
    return stage.dockerfile.set(
        path, {"instruction": "USER", "words": [_USER]}, safe=False, title="let another user run the image"
    )


def _finding(dockerfile: Dockerfile, inventory: Inventory, message: str, place: Place, fix: Fix) -> Verdict:
    """What is wrong with the image; it counts less where what runs it says another user."""
    overriding = inventory.runs_otherwise(dockerfile)
    if overriding is None:
        return dockerfile.finding(message, at=place, fix=fix)
    workload = overriding.resource.root
    said = f"{message}; {workload.kind} {workload.name} runs it as {overriding.seen} all the same"
    return dockerfile.finding(said, at=place, also=(overriding,), severity=Severity.LOW, fix=fix)


def _last_user(stage: Stage) -> tuple[Instruction, str] | None:
    for each in stage.chain:
        for instruction in reversed(each.instructions):
            if instruction.name == "USER" and instruction.words:
                return instruction, each.value_at(instruction, instruction.words[0])
    return None
