"""Nothing but questions and dry runs is ever sent to an API server."""

from __future__ import annotations

import ast
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from readycheck.sources.cluster.dry_run import trial

PACKAGE = Path(__file__).parents[3] / "src" / "readycheck"

NAMES = st.text(st.characters(codec="utf-8"), max_size=20)


@given(NAMES, NAMES, NAMES, st.sampled_from(["deployments", "a?b", "a#b", "../x"]), st.sampled_from([True, False]))
def test_every_trial_is_a_dry_run_whatever_things_are_called(
    name: str, namespace: str, version: str, plural: str, namespaced: object
) -> None:
    body = {"apiVersion": version, "kind": "Deployment", "metadata": {"name": name}, "status": {"replicas": 1}}
    message = trial(body, {"name": plural, "namespaced": namespaced}, version, namespace)
    url = urlsplit(f"https://127.0.0.1:6443{message.path}")
    assert parse_qs(url.query)["dryRun"] == ["All"]
    assert url.fragment == ""
    assert b"status" not in message.body or "status" in f"{name}{version}"
    assert message.method == ("PATCH" if name else "POST")


def calls(file: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]


def test_messages_are_made_by_the_question_and_by_the_trial_alone() -> None:
    made: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        if "cluster.connection import" not in file.read_text("utf-8") and file.name != "connection.py":
            continue
        for call in calls(file):
            if isinstance(call.func, ast.Name) and call.func.id == "Message":
                made.setdefault(file.name, set()).add(ast.literal_eval(call.args[0]))
    assert made == {"connection.py": {"GET"}, "dry_run.py": {"POST", "PATCH"}}


def test_one_place_sends_and_no_other_way_leads_to_a_cluster() -> None:
    """The client's own calls could write: of it only what reads a kubeconfig is used."""
    senders = set()
    for file in (PACKAGE / "sources" / "cluster").rglob("*.py"):
        for call in calls(file):
            name = ast.unparse(call.func)
            if name.endswith((".request", ".urlopen")) or "Api(" in ast.unparse(call) or "ApiClient" in name:
                senders.add((file.name, name))
    assert senders == {("connection.py", "way.pool.request")}


def test_scans_do_not_know_the_dry_run() -> None:
    knowing = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if "cluster.dry_run" in file.read_text("utf-8")
    }
    assert knowing == {"fixes/verifying.py"}
