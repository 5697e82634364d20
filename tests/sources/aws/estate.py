"""The account of fixtures/account, made anew on moto from the calls that stand there.

The calls, the state and the plan name what they make by the same ids. A server gives ids of its own; what it gave for
each of them is put in its place: in the calls that follow, and in the state and the plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.sources.aws.server import Aws

ACCOUNT_FIXTURE = Path(__file__).parents[3] / "fixtures" / "account"
REGION, EVERYWHERE = "eu-west-1", "us-east-1"


def seed(account: Aws) -> Mapping[str, str]:
    """Make everything; gives for each id of the fixture the one that the server gave.

    Args:
        account: the server.
    """
    given: dict[str, str] = {}
    for each in json.loads((ACCOUNT_FIXTURE / "account.json").read_text("utf-8")):
        service, operation = each["call"].split(".")
        client = account.client(service, EVERYWHERE if service == "cloudfront" else REGION)
        answer = getattr(client, operation)(**json.loads(renamed(json.dumps(each["with"]), given)))
        for path, name in each.get("gives", {}).items():
            given[name] = str(_look(answer, path))
    return given


def renamed(text: str, given: Mapping[str, str]) -> str:
    """A text of the fixture with the ids that the server gave; the longest first, as ARNs hold others."""
    for name in sorted(given, key=len, reverse=True):
        text = text.replace(name, given[name])
    return text


def write(folder: Path, account: Aws, *, plan: bool = False) -> Mapping[str, str]:
    """Make everything, and put the fixture beside a configuration that names all of its sources.

    Args:
        folder: where.
        account: the server.
        plan: name the plan in place of the state.
    """
    given = seed(account)
    for file in ACCOUNT_FIXTURE.iterdir():
        if file.name != "account.json":
            (folder / file.name).write_text(renamed(file.read_text("utf-8"), given), "utf-8")
    terraform = "plans: [plan.json]" if plan else "states: [terraform.tfstate]"
    (folder / "readycheck.yaml").write_text(
        f"""
environments:
  prod:
    files: {{paths: [.]}}
    terraform: {{{terraform}}}
    aws: {{regions: [{REGION}], endpoint_url: "{account.url}"}}
""",
        "utf-8",
    )
    return given


def _look(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer[int(step)] if step.isdecimal() else answer[step]
    return answer
