"""Pin Terraform, providers and modules.

What is not pinned changes between two runs of the same commit. Exact versions, `~>` and upper bounds pin; a lower bound
alone does not, except for providers where the lock file is committed. Modules from git are pinned by a tag or commit.
"""

from collections.abc import Iterator

from readycheck.inventory import PLANNED, ROOT_MODULE, Inventory
from readycheck.model import Edit, Fix, Needed, Place, Resource, Severity, Unresolved, Verdict
from readycheck.rule import apart, rule
from readycheck.terraform.blocks import Block
from readycheck.terraform.plans import Called, Plan
from readycheck.terraform.sources import is_git, is_local
from readycheck.terraform.versions import Pin, is_fixed_ref, is_registry, pin_of, ref_of


@rule(ROOT_MODULE, PLANNED, severity=Severity.MEDIUM, sources=("files", "terraform"))
def version_pins(folder: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if folder.kind == "Environment":
        for plan in inventory.plans:
            yield from _planned(folder, plan)
        return
    uri = "" if folder.name == "." else folder.name
    yield from apart(
        folder, _terraform(folder, uri, inventory), _providers(folder, uri, inventory), _modules(folder, uri, inventory)
    )
    if unread := inventory.unread_in(uri):
        yield folder.unknown(unread)


def _planned(environment: Resource, plan: Plan) -> Iterator[Verdict]:
    """What a plan tells: of Terraform's own version and of the lock file it says nothing."""
    for call in plan.calls():
        if call.source and not is_local(call.source) and (said := _said_of_call(call)):
            yield environment.finding(said, at=call.place)
    for provider in plan.providers():
        if said := _said(f"provider {provider.name}", provider.constraint):
            yield environment.unknown(f"{said}, and a plan does not tell of the lock file", at=provider.place)


def _said_of_call(call: Called) -> str:
    if is_registry(call.source):
        return _said(f"module {call.name}", call.constraint)
    return _from_git(f"module {call.name}", call.source)


def _terraform(folder: Resource, uri: str, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.version_file_above(uri):
        return
    wanted = [block for block in inventory.blocks_in(uri, "terraform") if "required_version" in block.attributes]
    if not wanted and not inventory.unread_in(uri):
        yield folder.finding("does not say which version of Terraform it wants (`required_version`)")
    for block in wanted:
        said = _said("Terraform", block.text("required_version"))
        if said:
            place = block.at("required_version")
            yield folder.finding(said, at=place, fix=_pinned(place, "Terraform"))


def _providers(folder: Resource, uri: str, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.lock_file_of(uri) is not None:
        return
    required: set[str] = set()
    for block in inventory.blocks_in(uri, "terraform"):
        for providers in block.blocks("required_providers"):
            for name, value in providers.attributes.items():
                required.add(name)
                version = value.get("version") if isinstance(value, dict) else value
                if isinstance(version, Unresolved) or value == {"source": "terraform.io/builtin/terraform"}:
                    continue
                said = _said(f"provider {name}", version)
                if said:
                    fix = (
                        _pinned(providers.at(name, "version"), f"provider {name}") if isinstance(value, dict) else None
                    )
                    yield folder.finding(f"{said}, and no lock file is committed", at=providers.at(name), fix=fix)
    for block in inventory.blocks_in(uri, "provider"):
        name = block.labels[0] if block.labels else ""
        if name not in required:
            required.add(name)
            said = _said(f"provider {name}", block.attributes.get("version"))
            if said:
                yield folder.finding(f"{said}, and no lock file is committed", at=block.at())


def _modules(folder: Resource, uri: str, inventory: Inventory) -> Iterator[Verdict]:
    for block in inventory.blocks_in(uri, "module"):
        source = block.text("source")
        if not source or is_local(source):
            continue
        name, place = f"module {block.labels[0]}" if block.labels else "module", block.at("source")
        if is_registry(source):
            said, place = _said(name, block.text("version")), _version_of(block)
            fix = _pinned(block.at("version"), name)
        else:
            said, fix = _from_git(name, source), None
        if said:
            yield folder.finding(said, at=place, fix=fix)


def _pinned(place: Place, what: str) -> Fix:
    """The version that somebody gives, who knows what is meant to run."""
    version = Needed(f"version.{what.rpartition(' ')[2]}", f"the version of {what}, as in `~> 5.1`", text=True)
    return Fix(f"pin {what}", (Edit(place, version),), safe=False)


def _version_of(block: Block) -> Place:
    return block.at("version") if "version" in block.attributes else block.at("source")


def _from_git(name: str, source: str) -> str:
    if not is_git(source):
        return ""
    ref = ref_of(source)
    if ref is None:
        return f"{name} is taken from a git repository without a `ref`"
    # Some write the folder behind the ref, where it does not belong; what they pin is plain all the same.
    if is_fixed_ref(ref.partition("//")[0]):
        return ""
    return f"{name} is taken from the branch {ref} where a tag or commit is wanted"


def _said(name: str, constraint: str | None) -> str:
    """What is wrong with a version constraint; "" where nothing is."""
    pin = pin_of(constraint)
    if pin is Pin.MISSING:
        return f"{name} has no version"
    if pin is Pin.OPEN:
        return f"{name} may be any version that is `{constraint}`"
    return f"`{constraint}` of {name} is no version constraint" if pin is Pin.UNREADABLE else ""
