"""Keep no credential in plain text.

Whoever may read the repository, the object or the process list has it, and so has everybody who ever cloned it. A value
counts by its format (a GitHub token, a private key) or by its name (DB_PASSWORD); high entropy alone is no evidence.
Placeholders in templates, examples and tests pass, as do references to where a secret is kept. What is found is never
shown: its kind, its length and, where that gives nothing away, a fingerprint.

Options:
    allowed: names that may hold a value in plain text though they sound like a credential
"""

from collections.abc import Iterator

from readycheck.model import Path, Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_CLUSTER, rule
from readycheck.secrets.concealment import concealed, with_article
from readycheck.secrets.placeholder import example_of
from readycheck.secrets.search import SEARCHED, Found, credentials_in
from readycheck.secrets.suspicion import Weight

# What tests make for themselves looks the same as what is in use.
_MADE_FOR_TESTS = frozenset({"private key", "JSON web token", "password in a URL"})


@rule(*SEARCHED, severity=Severity.CRITICAL, sources=DECLARED_AND_IN_CLUSTER)
def plain_text(holder: Resource, *, allowed: tuple[str, ...] = ()) -> Iterator[Verdict]:
    if holder.kind == "SecretFile" and not holder.name.endswith((".tfvars", ".tfvars.json")):
        yield holder.not_applicable("is there for secrets: secret/encrypted judges it")
        return
    example = example_of(holder.origin.file)
    for found in credentials_in(holder):
        if found.name not in allowed:
            yield from _verdict(holder, found, example)


def _verdict(holder: Resource, found: Found, example: str | None) -> Iterator[Verdict]:
    kind, weight, text = found.suspicion
    place = concealed(holder, found.path, text, kind)
    name, a_kind = found.name or "a value", with_article(kind)
    harmless = _harmless(holder, found, example)
    if harmless:
        yield holder.note(f"{name} is {a_kind} {harmless}", at=place)
    elif weight is Weight.DUMMY:
        if example is None:
            yield holder.finding(f"{name} is a dummy {kind}, and it is in use", at=place, severity=Severity.LOW)
    elif weight is Weight.NAMED:
        yield holder.finding(f"{name} is {a_kind} in plain text where a reference to one is wanted", at=place)
    else:
        yield holder.finding(f"{name} holds {a_kind} in plain text where a reference to one is wanted", at=place)


def _harmless(holder: Resource, found: Found, example: str | None) -> str:
    """Why a credential opens nothing; "" where that cannot be told."""
    kind, weight, _ = found.suspicion
    if weight is Weight.PUBLISHED:
        return "that its vendor's documentation shows"
    if holder.kind == "Pipeline" and _of_service_container(found.path):
        return "of a service container, which ends with its job"
    if holder.kind == "Pipeline" and (weight is Weight.DUMMY or found.on_this_machine):
        return "that tests use on the machine that they run on"
    if example is not None and (weight is Weight.NAMED or kind in _MADE_FOR_TESTS):
        return f"in plain text, in what is {example} by its path"
    return ""


def _of_service_container(path: Path) -> bool:
    """GitHub Actions' `jobs.*.services`, Drone's, Bitbucket's and Woodpecker's `services`."""
    return "services" in path[:-1]
