"""Secrets of states and plans are located, and never kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readycheck.model import Collected, Resource
from tests.sources.terraform.written import change, named, plan, read, resource, state

PASSWORD = "Tr0ub4dor-and-3-horses"  # noqa: S105 - made up


def found(collected: Collected) -> Any:
    return next(each for each in collected.resources if each.kind in ("TerraformState", "TerraformPlan")).body[
        "secrets"
    ]


def said(collected: Collected) -> str:
    return "\n".join(repr(each.body) for each in collected.resources)


def test_a_marked_attribute_is_masked_and_told(tmp_path: Path) -> None:
    marks = [[{"type": "get_attr", "value": "config"}, {"type": "index", "value": {"value": 0, "type": "number"}}]]
    instance = {"attributes": {"id": "1", "config": [PASSWORD, "plain"]}, "sensitive_attributes": marks}
    collected = read(tmp_path, state=state(resource("any_thing", "a", instance)))
    assert PASSWORD not in said(collected)
    assert named(collected, "any_thing.a").glimpse("config[1]") == "plain"
    assert list(found(collected)["any_thing.a"]) == ["config[0]"]
    assert "of 22 characters" in found(collected)["any_thing.a"]["config[0]"]


@pytest.mark.parametrize(
    ("kind", "attribute", "said_to_be"),
    [
        ("aws_db_instance", "password", "a password of 22 characters"),
        ("random_password", "result", "a password of 22 characters"),
        ("tls_private_key", "private_key_pem", "a private key of 22 characters"),
        ("aws_secretsmanager_secret_version", "secret_string", "a secret of 22 characters"),
        ("aws_iam_access_key", "secret", "a secret access key of 22 characters"),
        ("some_unheard_of_thing", "admin_password", "a password of 22 characters"),
    ],
)
def test_known_secrets_are_found_where_nothing_is_marked(
    tmp_path: Path, kind: str, attribute: str, said_to_be: str
) -> None:
    collected = read(tmp_path, state=state(resource(kind, "a", {"id": "1", attribute: PASSWORD})))
    assert PASSWORD not in said(collected)
    assert found(collected)[f"{kind}.a"][attribute].startswith(said_to_be)


def test_copies_of_a_secret_are_found_elsewhere(tmp_path: Path) -> None:
    url = f"postgres://shop:{PASSWORD}@db:5432/shop"
    collected = read(
        tmp_path,
        state=state(
            resource("random_password", "db", {"result": PASSWORD}),
            resource("terraform_data", "copy", {"output": PASSWORD, "input": {"url": url}, "name": "shop"}),
            outputs={"url": {"value": url, "type": "string"}},
        ),
    )
    assert PASSWORD not in said(collected)
    assert set(found(collected)) == {"random_password.db", "terraform_data.copy", "output.url"}
    assert set(found(collected)["terraform_data.copy"]) == {"output", "input.url"}
    assert named(collected, "terraform_data.copy").get("name") == "shop"


@pytest.mark.parametrize(
    "attributes",
    [
        {"password": None, "password_wo": None},
        {"password": ""},
        {"secret_arn": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"},
        {"password": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db"},
        {"password_length": "20"},
        {"token": "https://issuer.example.com/token"},
    ],
)
def test_what_is_no_secret_is_left(tmp_path: Path, attributes: dict[str, Any]) -> None:
    collected = read(tmp_path, state=state(resource("aws_db_instance", "a", {"id": "1", **attributes})))
    assert found(collected) == {}
    assert named(collected, "aws_db_instance.a").body == {"id": "1", **attributes}


@pytest.mark.parametrize(("kind", "secret"), [("String", False), ("SecureString", True)])
def test_a_parameter_in_clear_on_purpose_is_no_secret(tmp_path: Path, kind: str, *, secret: bool) -> None:
    marks = [[{"type": "get_attr", "value": "value"}]]
    instance = {"attributes": {"type": kind, "value": "eu-central"}, "sensitive_attributes": marks}
    collected = read(tmp_path, state=state(resource("aws_ssm_parameter", "a", instance)))
    assert bool(found(collected)) is secret


def test_a_plan_is_searched_with_its_variables(tmp_path: Path) -> None:
    collected = read(
        tmp_path,
        plan=plan(
            change(
                "aws_db_instance.a",
                "create",
                after={"password": PASSWORD, "engine": "postgres"},
                after_sensitive={"password": True},
            ),
            variables={"pw": {"value": PASSWORD}, "region": {"value": "eu-west-1"}},
            root_module={"variables": {"pw": {"sensitive": True}, "region": {}}},
        ),
    )
    assert PASSWORD not in said(collected)
    assert {address: list(paths) for address, paths in found(collected).items()} == {
        "aws_db_instance.a": ["password"],
        "var.pw": ["pw"],
    }


def test_a_secret_is_located_by_its_line(tmp_path: Path) -> None:
    collected = read(tmp_path, state=state(resource("random_password", "db", {"id": "none", "result": PASSWORD})))
    whole: Resource = next(each for each in collected.resources if each.kind == "TerraformState")
    location = whole.locate(("secrets", "random_password.db", "result"))
    assert location.line is not None
    assert PASSWORD in (tmp_path / "state.json").read_text().splitlines()[location.line - 1]
    assert location.path == 'secrets["random_password.db"].result'


def test_no_way_of_writing_a_record_down_shows_a_secret(tmp_path: Path) -> None:
    collected = read(tmp_path, state=state(resource("random_password", "db", {"result": PASSWORD})))
    masked = named(collected, "random_password.db").body
    for text in (str(masked), repr(masked), json.dumps(masked), f"{masked['result']!s}"):
        assert PASSWORD not in text
        assert "of 22 characters" in text


def test_a_token_in_the_configuration_of_a_provider_is_located(tmp_path: Path) -> None:
    document = plan(change("terraform_data.a", "create", after={}))
    expressions = {"token": {"constant_value": PASSWORD}, "address": {"constant_value": "https://vault.example.com"}}
    document["configuration"]["provider_config"] = {"vault": {"name": "vault", "expressions": expressions}}
    collected = read(tmp_path, plan=document)
    assert PASSWORD not in said(collected)
    assert list(found(collected)["provider.vault"]) == ["token"]
    whole = next(each for each in collected.resources if each.kind == "TerraformPlan")
    line = whole.locate(("secrets", "provider.vault", "token")).line
    assert line is not None
    assert '"token": {' in (tmp_path / "plan.json").read_text().splitlines()[line - 1]
