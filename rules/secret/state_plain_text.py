"""Keep no readable secret in Terraform's state.

A state holds in clear whatever Terraform has been given or has made: who may read the state, or a plan in JSON, has the
passwords. Secrets are kept out of it by ephemeral resources and write-only arguments (`password_wo`), or made where
they are used (`manage_master_user_password`). A bucket that encrypts and is closed to the public keeps a state that
holds some, as does OpenTofu's own encryption. What is found is never shown.
"""

from collections.abc import Iterator, Mapping

from readycheck.inventory import STATE_OR_PLAN
from readycheck.model import Resource, Severity, Verdict, parse_path
from readycheck.rule import rule
from readycheck.secrets.concealment import told
from readycheck.terraform.states import BACKEND, STATE
from readycheck.terraform.stores import store_of


@rule(STATE_OR_PLAN, severity=Severity.HIGH, sources=("terraform",))
def state_plain_text(keeper: Resource) -> Iterator[Verdict]:
    if keeper.body.get("encrypted"):
        yield keeper.note("is encrypted by OpenTofu")
        return
    secrets: Mapping[str, Mapping[str, str]] = keeper.body["secrets"]
    store = store_of(keeper)
    if secrets and keeper.kind == STATE and store is not None and store.encrypts and store.is_closed_to_the_public:
        count = sum(map(len, secrets.values()))
        yield keeper.note(
            f"holds {count} secret{'s' if count > 1 else ''} in a bucket that encrypts and is closed to the public",
            at=store.at("encryption"),
        )
        return
    for address, found in secrets.items():
        places = [
            told(keeper, ("config", *parse_path(path)) if keeper.kind == BACKEND else ("secrets", address, path), said)
            for path, said in found.items()
        ]
        (path, said), *others = found.items()
        more = f", and {len(others)} more" if others else ""
        yield keeper.finding(f"{address} holds {said} in plain text (`{path}`{more})", at=places[0], also=places[1:])
