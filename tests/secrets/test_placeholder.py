from __future__ import annotations

import pytest

from readycheck.model import Unresolved
from readycheck.secrets.placeholder import Stand, example_of, stand_of

KNOWN = {
    Stand.NOTHING: ("", "  ", "null", "none", "N/A", None, True, False),
    Stand.REFERENCE: (
        "${DB_PASSWORD}",
        "$DB_PASSWORD",
        "$(cat /run/secret)",
        "{{ .Values.password }}",
        "postgres://web:${PASSWORD}@db",
        "<path:secret/data/web#password>",
        "ref+vault://secret/web#/password",
        "ref+awssecrets://web",
        "vault:secret/data/web#password",
        "op://shop/web/password",
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web",
        "projects/shop/secrets/web/versions/latest",
        "/run/secrets/password",
        "$__file{/etc/secrets/password}",
    ),
    Stand.CIPHERTEXT: (
        "ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]",
        "$ANSIBLE_VAULT;1.1;AES256",
        "-----BEGIN PGP MESSAGE-----",
    ),
    Stand.DUMMY: (
        "changeme",
        "CHANGE_ME",
        "change-me-in-production",
        "changeit",
        "REPLACE_ME",
        "xxx",
        "XXXXXXXX",
        "****",
        "<your-password>",
        "your-api-key",
        "YOUR_TOKEN_HERE",
        "insert your key here",
        "todo",
        "example",
        "placeholder",
        "my-secret-password",
    ),
    Stand.LITERAL: (
        "hunter2",
        "password",
        "Inv3nted!Pw",
        "p@ss$word",
        "a$1b",
        "my-app-9281",
        "exchange",
        "postgres://web:Inv3nted@db/shop",
        "abc123xxx",
        1234,
    ),
}


@pytest.mark.parametrize(("stand", "value"), [(stand, value) for stand, values in KNOWN.items() for value in values])
def test_a_value_is_known_for_what_it_stands_for(stand: Stand, value: object) -> None:
    assert stand_of(value) is stand


def test_what_is_not_decided_yet_is_a_reference() -> None:
    assert stand_of(Unresolved("changeme", "is substituted")) is Stand.REFERENCE


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        (".env.example", "an example"),
        ("env/.env.dist", "a template"),
        ("prod.tfvars.sample", "an example"),
        ("values.example.yaml", "an example"),
        ("tf/envs/template/config.yaml", "a template"),
        ("tf/envs/_template/config.yaml", "a template"),
        ("examples/secret.yaml", "an example"),
        ("docs/secret.yaml", "an example"),
        ("tests/secret.yaml", "a test"),
        ("src/test/resources/application.yaml", "a test"),
        ("charts/web/ci/full-values.yaml", "a test"),
        ("charts/web/templates/secret.yaml", None),
        ("envs/test/secret.yaml", None),
        ("values-test.yaml", None),
        ("deploy/contest/secret.yaml", None),
        ("latest/secret.yaml", None),
        ("ci/secret.yaml", None),
    ],
)
def test_a_path_tells_examples_templates_and_tests_from_what_is_in_use(uri: str, kind: str | None) -> None:
    assert example_of(uri) == kind
