"""Keep no secret value in plain text in the repository.

A Secret, an environment file, a values file or tfvars are in every clone for ever. They stand there encrypted by SOPS,
every value that the file's own rule covers; sealed; or as a reference to where the value is kept. base64 encrypts
nothing. In what SOPS encrypted, empty strings and nulls stay in clear by design.
"""

from collections.abc import Iterable, Iterator, Sequence

from readycheck.inventory import Inventory
from readycheck.model import Fix, Path, Resource, SecretPlace, Severity, Unjudged, Verdict, format_path
from readycheck.rule import rule
from readycheck.secrets.concealment import concealed
from readycheck.secrets.elsewhere import KEPT_ELSEWHERE
from readycheck.secrets.formats import recognise
from readycheck.secrets.placeholder import Stand, example_of, stand_of
from readycheck.secrets.secret_file import OF_AN_OBJECT, ciphertexts, named_encrypted, plain_in
from readycheck.secrets.secret_object import As, Held, held
from readycheck.secrets.sops import SopsFile
from readycheck.secrets.sops_commands import encrypting, encrypting_anew, putting_in_again

_MOST_NAMED = 3
_MOST_SHOWN = 20
_MANAGED = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
_DATA = ("data", "stringData")
_AT_LOW = {
    As.SETTINGS: "in plain text, though nothing in it is known for a credential",
    As.DUMMY: "as a dummy in what is applied",
}
_ANEW = "which may make it anew each time"


@rule("Secret", *KEPT_ELSEWHERE, "SecretFile", severity=Severity.CRITICAL, sources=("files",))
def encrypted(holder: Resource, inventory: Inventory) -> Iterator[Verdict]:
    sops = inventory.sops(holder)
    if holder.origin.source != "files":
        yield holder.not_applicable("judged in files: what is applied stands decrypted")
    elif holder.kind == "SecretFile" and inventory.holds_secret_objects(holder.name):
        yield holder.not_applicable("the Secrets in it are judged themselves")
    elif sops is not None:
        yield from _by_sops(holder, sops)
    elif holder.kind == "Secret":
        yield from _secret(holder, inventory)
    elif holder.kind == "SecretFile":
        yield from _file(holder, inventory)
    else:
        yield from _elsewhere(holder, inventory)


def _by_sops(holder: Resource, sops: SopsFile) -> Iterator[Verdict]:
    if not sops.has_mac:
        yield holder.finding("has SOPS' block without a mac: SOPS takes it for a file that is not encrypted")
    if not sops.recipients:
        yield holder.finding("names no recipient in SOPS' block: nobody can decrypt it")
    said = f"its {sops.scope.field} `{sops.scope.value}`"
    # What is put on an object when it is built, such as labels, is no secret; what its data holds is.
    exposed = [each for each in sops.exposed if holder.kind != "Secret" or each[0][0] in _DATA]
    for path, value in exposed[:_MOST_SHOWN]:
        yield holder.finding(
            f"{format_path(path)} stands in clear where {said} wants it encrypted",
            at=concealed(holder, path, value),
            fix=putting_in_again(holder),
        )
    if len(exposed) > _MOST_SHOWN:
        yield holder.finding(f"{len(exposed) - _MOST_SHOWN} more values stand in clear", at=exposed[_MOST_SHOWN][0][:1])
    if exposed:
        return
    clear = [(path, value) for path, value in sops.clear if path[0] not in OF_AN_OBJECT]
    if not sops.encrypted:
        yield from _nothing_encrypted(holder, said, clear)
    elif holder.kind == "Secret" and (on_purpose := [path for path, _ in clear if path[0] in _DATA]):
        yield holder.note(f"{_names(on_purpose, 'stay')} in clear, as {said} has it")


def _nothing_encrypted(holder: Resource, said: str, clear: Sequence[tuple[Path, object]]) -> Iterator[Verdict]:
    literals = [(path, value) for path, value in clear if stand_of(value) is Stand.LITERAL]
    dummies = [(path, value) for path, value in clear if stand_of(value) is Stand.DUMMY]
    for found, severity in ((literals, None), (dummies if not literals else [], Severity.LOW)):
        if found:
            yield holder.finding(
                f"nothing in it is encrypted: {said} leaves {_names(path for path, _ in found)} in clear",
                at=concealed(holder, *found[0]),
                severity=severity,
                fix=encrypting_anew(holder),
            )


def _secret(secret: Resource, inventory: Inventory) -> Iterator[Verdict]:
    values = held(secret)
    if not values:
        managed = secret.string("type") in _MANAGED
        yield secret.not_applicable("what fills it is not in the repository" if managed else "it holds no values")
    if lost := values.get(As.LOST):
        yield _undecryptable(secret, [value.path for value in lost])
    if plain := values.get(As.PLAIN):
        yield _plain(secret, plain, inventory)
    for standing, said in _AT_LOW.items():
        found = values.get(standing, ())
        if found and example_of(secret.locate(found[0].path).uri) is None:
            message = f"{_names((value.path for value in found), 'stand')} {said}"
            yield secret.finding(message, at=_place(secret, found[0]), severity=Severity.LOW)
    if made := values.get(As.MADE):
        yield secret.unknown(f"{_names((value.path for value in made), 'come')} from the chart's template, {_ANEW}")
    if references := values.get(As.REFERENCE):
        yield secret.note(f"{_names((value.path for value in references), 'come')} from where it is kept")


def _plain(secret: Resource, values: Sequence[Held], inventory: Inventory) -> Verdict:
    names = _names((value.path for value in values), "stand")
    first, *others = (_place(secret, value) for value in values[:_MOST_SHOWN])
    # A patch may put in a value, from a file of its own.
    example = example_of(first.location.uri)
    if example is not None and not any(recognise(value.text) for value in values):
        return secret.note(f"{names} in plain text, in what is {example} by its path")
    coded = ": base64 encrypts nothing" if all(value.path[0] == "data" for value in values) else ""
    message = f"{names} in plain text where an encrypted value or a reference is wanted{coded}"
    return secret.finding(message, at=first, also=others, fix=_encrypting(secret, inventory))


def _file(file: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if orphans := ciphertexts(file):
        yield _undecryptable(file, orphans)
        return
    example = example_of(file.name)
    if example is not None and example_of(file.name.rpartition("/")[2]) is not None:
        yield file.not_applicable(f"it is {example} by its name, and holds placeholders")
        return
    found = list(plain_in(file))
    plain = [each for each in found if not each.dummy]
    shown = [concealed(file, each.path, each.text, each.kind) for each in (plain or found)[:_MOST_SHOWN]]
    names = _names((each.path for each in plain or found), "stand")
    if plain and example is not None:
        yield file.note(f"{names} in plain text, in what is {example} by its path")
    elif plain:
        wanted = "though its name says that SOPS encrypted it" if named_encrypted(file) else "and not encrypted"
        yield file.finding(
            f"{names} in plain text {wanted}", at=shown[0], also=shown[1:], fix=_encrypting(file, inventory)
        )
    elif found and example is None:
        yield file.finding(f"{names} as a dummy in what is in use", at=shown[0], also=shown[1:], severity=Severity.LOW)


def _undecryptable(holder: Resource, paths: list[Path]) -> Verdict:
    names = _names(paths, "stand")
    return holder.finding(f"{names} encrypted by SOPS without its `sops` block: nobody can decrypt it", at=paths[0])


def _elsewhere(resource: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if resource.kind == "SopsSecret":
        yield resource.finding("is not encrypted by SOPS, which it is made for", fix=_encrypting(resource, inventory))
    else:
        yield resource.note(f"its values are {KEPT_ELSEWHERE[resource.kind]}")


def _place(secret: Resource, value: Held) -> SecretPlace:
    return concealed(secret, value.path, value.text)


def _encrypting(holder: Resource, inventory: Inventory) -> Fix | None:
    try:
        config = inventory.sops_config_for(holder.origin.file)
        rule = config.rule_for(holder.origin.file) if config is not None else None
    except Unjudged:
        # What cannot be read of .sops.yaml, another rule says.
        rule = None
    return encrypting(holder, rule)


def _names(paths: Iterable[Path], verb: str = "") -> str:
    """Values by their names, with a verb of theirs: `password stands`, `password and user stand`."""
    keys = (next((step for step in reversed(path) if isinstance(step, str)), "a value") for path in paths)
    names = list(dict.fromkeys(keys))
    several = len(names) > 1
    if len(names) > _MOST_NAMED:
        names[_MOST_NAMED:] = [f"{len(names) - _MOST_NAMED} more"]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if several else "".join(names)
    return listed if not verb else f"{listed} {verb if several else f'{verb}s'}"
