"""What real SOPS encrypts is what is read here, for every format, scope and kind of recipient at hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Resource
from readycheck.secrets.recipients import Recipient
from readycheck.secrets.sops import SopsFile
from readycheck.sources.files import FilesRequest, collect

pytestmark = pytest.mark.slow

YAML = """\
# about everything
name: shop
password: Inv3nted
nothing: null
empty: ""
number: 42
yes: true
when: 2026-01-02T03:04:05Z
database:
  # the real one
  password: Inv3nted
  user_unencrypted: shop
  hosts:
    - one
    # in a list
    - two
    - name: three
      token_secret: Inv3nted
# the real one
service:
  clusterSecret: Inv3nted
  clusterSecretName: shop
  port: 5432 # the real one
  later: shop
---
data:
  Token: Inv3nted
other:
  name: shop
"""
JSON = json.dumps(
    {
        "name": "shop",
        "empty": "",
        "nothing": None,
        "database": {"password": "Inv3nted", "hosts": ["one", {"token_secret": "x"}], "port": 5432},
        "data": {"user_unencrypted": "shop", "clusterSecretName": "shop"},
    }
)
DOTENV = """\
# about everything
NAME=shop
password=Inv3nted
EMPTY=
# the real one
token_secret=Inv3nted
user_unencrypted=shop
"""
INI = """\
; about everything
[database]
password = Inv3nted
user_unencrypted = shop
empty =

[data]
token_secret = Inv3nted
"""
PLAIN = {"yaml": YAML, "json": JSON, "env": DOTENV, "ini": INI}
SCOPES: Mapping[str, Mapping[str, object]] = {
    "default": {},
    "encrypted-regex": {"encrypted_regex": "^(data|password)$"},
    "go-regex": {"encrypted_regex": "((?i)(pass|secret($|[^N])|[[:upper:]]oken))"},
    "unencrypted-regex": {"unencrypted_regex": "(?i)name|host"},
    "encrypted-suffix": {"encrypted_suffix": "_secret"},
    "unencrypted-suffix": {"unencrypted_suffix": "word"},
    "encrypted-comment-regex": {"encrypted_comment_regex": "the real one"},
    "unencrypted-comment-regex": {"unencrypted_comment_regex": "the real one"},
    "mac-only-encrypted": {"mac_only_encrypted": True, "encrypted_regex": "^data$"},
}


@pytest.fixture(scope="module")
def kms() -> Iterator[tuple[str, Mapping[str, str]]]:
    """The address of a KMS that stands on this machine, and what makes the AWS libraries use it."""
    pytest.importorskip("moto", reason="moto is not installed: it is in the test dependencies")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            # It says so when it listens.
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://[\d.]+:\d+", line)))
            keys = {"AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented", "AWS_REGION": "eu-west-1"}
            yield address, {"AWS_ENDPOINT_URL": address, **keys}
        finally:
            server.terminate()


def new_kms_key(address: str) -> str:
    """The ARN of a key that the KMS makes: moto asks for no signature, but for a region in it."""
    request = Request(  # noqa: S310 - the server that was just started
        address,
        data=b"{}",
        headers={
            "X-Amz-Target": "TrentService.CreateKey",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": "AWS4-HMAC-SHA256 Credential=invented/20260101/eu-west-1/kms/aws4_request",
        },
    )
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - same
        return str(json.load(answer)["KeyMetadata"]["Arn"])


def read(root: Path) -> dict[str, Resource]:
    """The files of secrets in a tree, by name."""
    collected = collect(FilesRequest(paths=(root,), repository=root))
    assert collected.problems == []
    return {resource.name: resource for resource in collected.resources if resource.kind == "SecretFile"}


def read_one(root: Path) -> SopsFile:
    (resource,) = read(root).values()
    found = SopsFile.of(resource)
    assert found is not None
    return found


def with_metadata_of(encrypted: str, plain: str, ending: str) -> str:
    """A plain text with the metadata that SOPS wrote: every value that should be encrypted stands in clear."""
    if ending == "json":
        return json.dumps({**json.loads(plain), "sops": json.loads(encrypted)["sops"]})
    if ending == "yaml":
        metadata = encrypted[encrypted.index("\nsops:") :].partition("\n---")[0].strip("\n")
        return "\n---\n".join(f"{part.strip()}\n{metadata}" for part in plain.split("\n---\n"))
    start = {"env": r"^sops_", "ini": r"^\[sops\]"}[ending]
    found = re.search(start, encrypted, re.MULTILINE)
    assert found is not None
    return plain + "\n" + encrypted[found.start() :]


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("ending", PLAIN)
def test_the_values_that_should_be_encrypted_are_those_that_sops_encrypts(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str], ending: str, scope: str
) -> None:
    config = {"creation_rules": [{"age": new_key(), **SCOPES[scope]}]}
    (tmp_path / ".sops.yaml").write_text(json.dumps(config))
    # SOPS makes items of the comments in lists that it encrypts, so that all behind them move on.
    in_list = "# the real one" if "comment" in scope else ""
    plain = PLAIN[ending].replace("# in a list", in_list)
    file = tmp_path / f"settings.{ending}"
    file.write_text(plain)
    sops("encrypt", "--in-place", file, cwd=tmp_path)
    encrypted = read_one(tmp_path)
    assert encrypted.has_mac
    assert encrypted.exposed == []
    file.write_text(with_metadata_of(file.read_text(), plain, ending))
    in_clear = read_one(tmp_path)
    assert in_clear.encrypted == []
    assert {path for path, _ in in_clear.exposed} == set(encrypted.encrypted)


def test_the_expected_values_are_encrypted_at_all(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str]
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(YAML)
    file.write_text(sops("encrypt", "--age", new_key(), "--encrypted-regex", "^(data|password)$", file))
    assert read_one(tmp_path).encrypted == [
        ("documents", 0, "password"),
        ("documents", 0, "database", "password"),
        ("documents", 1, "data", "Token"),
    ]


@pytest.mark.parametrize("name", ["token.encrypted", "id_rsa", "kubeconfig.sops", ".env.enc"])
def test_a_file_of_any_name_that_is_encrypted_as_a_whole_is_found(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str], name: str
) -> None:
    file = tmp_path / name
    file.write_bytes(b"Inv3nted\0")
    file.write_text(sops("encrypt", "--input-type", "binary", "--age", new_key(), file))
    assert read_one(tmp_path).encrypted == [("data",)]


@pytest.mark.parametrize("ending", PLAIN)
def test_sops_itself_takes_a_file_without_mac_for_plain(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str], ending: str
) -> None:
    file = tmp_path / f"settings.{ending}"
    file.write_text(PLAIN[ending])
    text = sops("encrypt", "--age", new_key(), file)
    file.write_text(text)
    assert json.loads(sops("filestatus", file)) == {"encrypted": read_one(tmp_path).has_mac}
    file.write_text(re.sub(r'((?:\bsops_|\b)mac"?\s*[=:]\s*"?)ENC\[[^\]]*\]', r"\1", text))
    assert json.loads(sops("filestatus", file)) == {"encrypted": False}
    assert not read_one(tmp_path).has_mac


def test_a_key_of_kms_is_among_the_recipients(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str], kms: tuple[str, Mapping[str, str]]
) -> None:
    address, environment = kms
    arn, age = new_kms_key(address), new_key()
    file = tmp_path / "settings.yaml"
    file.write_text(YAML)
    file.write_text(sops("encrypt", "--kms", arn, "--age", age, file, environment=environment))
    assert set(read_one(tmp_path).recipients) == {Recipient("kms", arn), Recipient("age", age)}


def test_the_rule_for_a_file_is_the_one_that_sops_takes(
    tmp_path: Path, sops: Callable[..., str], new_key: Callable[[], str], kms: tuple[str, Mapping[str, str]]
) -> None:
    address, environment = kms
    arn = new_kms_key(address)
    prod, dev, ops, rest = (new_key() for _ in range(4))
    (tmp_path / ".sops.yaml").write_text(f"""\
keys:
  - &ops {ops}
creation_rules:
  - path_regex: ^(?i:PROD)/[[:alpha:]]+\\.ya?ml\\z
    kms: {arn}
    age: "{prod}, {ops}"
  - path_regex: prod/.*
    age: {dev}
  - path_regex: groups/
    shamir_threshold: 2
    key_groups:
      - age: [*ops]
        merge:
          - kms: [{{arn: {arn}}}]
      - age: [{prod}]
  - age:
      - {rest}
""")
    for name in ("prod/a.yaml", "prod/a1.yaml", "deep/prod/a.yaml", "groups/a.yaml", "a.yaml", "dev/prod.yaml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("password: Inv3nted\n")
        sops("encrypt", "--in-place", file, cwd=tmp_path, environment=environment)
    inventory = Inventory((collect(FilesRequest(paths=(tmp_path,), repository=tmp_path)),))
    agreeing = {}
    for file_read in inventory.of("SecretFile"):
        config = inventory.sops_config_for(file_read.name)
        rule = config.rule_for(file_read.name) if config is not None else None
        encrypted = inventory.sops(file_read)
        assert rule is not None
        assert encrypted is not None
        assert set(rule.recipients) == set(encrypted.recipients)
        agreeing[file_read.name] = rule.index
    assert agreeing == {
        "prod/a.yaml": 0,
        "prod/a1.yaml": 1,
        "deep/prod/a.yaml": 1,
        "groups/a.yaml": 2,
        "a.yaml": 3,
        "dev/prod.yaml": 3,
    }
