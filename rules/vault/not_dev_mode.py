"""Run no Vault in dev mode, and keep its tokens out of files.

In dev mode Vault keeps everything in memory, unseals itself, listens without TLS and takes a root token that everybody
knows: what it held is gone when it restarts. It is what the image does by itself when it is given no command. A token
that stands in a manifest, a compose file or Terraform's `provider "vault"` opens Vault for everybody who reads the
repository. OpenBao is judged like Vault.
"""

from collections.abc import Iterable, Iterator

from readycheck.inventory import VAULT_PARTY, Inventory
from readycheck.model import Resource, Severity, Unjudged, Verdict
from readycheck.rule import DECLARED_AND_IN_CLUSTER, apart, rule
from readycheck.scope import only_an_example
from readycheck.vault.invocation import Clue
from readycheck.vault.server import Server, Token


@rule(VAULT_PARTY, severity=Severity.CRITICAL, sources=DECLARED_AND_IN_CLUSTER, unless=only_an_example)
def not_dev_mode(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    server = inventory.vault_server(subject)
    if server is None:
        yield from _plain(subject, inventory.vault_tokens_of(subject))
        return
    elsewhere = server.external()
    if elsewhere:
        yield subject.not_applicable(elsewhere)
        return
    yield from apart(subject, _developing(subject, server), _plain(subject, _others(server)))


def _developing(subject: Resource, server: Server) -> Iterator[Verdict]:
    dev = server.dev_mode()
    if dev is not None:
        token = ", its root token in plain text" if any(_stands_at(token, dev) for token in server.tokens()) else ""
        yield subject.finding(f"{dev.words}: keeps everything in memory, unsealed{token}", at=dev.place)


def _others(server: Server) -> Iterator[Token]:
    """The tokens that do not stand where its dev mode shows: that finding names those."""
    try:
        dev = server.dev_mode()
    except Unjudged:
        dev = None
    return (token for token in server.tokens() if dev is None or not _stands_at(token, dev))


def _stands_at(token: Token, dev: Clue) -> bool:
    return token.place.resource is dev.place.resource and token.place.path == dev.place.path


def _plain(subject: Resource, tokens: Iterable[Token]) -> Iterator[Verdict]:
    for token in tokens:
        if token.dummy:
            yield subject.finding(
                f"{token.name} holds a dummy in plain text where a token will stand",
                at=token.place,
                severity=Severity.LOW,
            )
        else:
            yield subject.finding(f"{token.name} holds a token of Vault in plain text", at=token.place)
