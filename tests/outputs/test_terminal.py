"""What a person sees in the terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.trees import only

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
  namespace: SPACE
spec:
  replicas: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: example.com/web:1.0
          resources: {limits: {cpu: 1, memory: 1Gi}}
          livenessProbe: {tcpSocket: {port: 80}}
"""
Scan = Callable[..., str]


def manifest(name: str = "web", namespace: str = "shop") -> str:
    return DEPLOYMENT.replace("NAME", name).replace("SPACE", namespace)


@pytest.fixture
def scan(tmp_path: Path) -> Scan:
    """Scan files as a pipe sees it, and give what was printed."""

    def run(files: dict[str, str], *arguments: str, **environment: str) -> str:
        # What the other areas say of so small a tree is no matter here.
        for name, text in {"readycheck.yaml": only("workload/"), **files}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "readycheck", "scan", ".", *arguments],
            cwd=tmp_path,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1795564800", "COLUMNS": "100", **environment},
            capture_output=True,
            check=False,
        )
        assert done.stderr == b""
        return done.stdout.decode(environment.get("PYTHONIOENCODING", "utf-8"))

    return run


def test_a_finding_shows_the_thing_the_line_what_was_seen_and_why(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest()})
    assert (
        """
shop/Deployment/web  web.yaml
  ✖ high     can run with 1 of at least 2 replicas  workload/replicas
      web.yaml:7
        6 │ spec:
      > 7 │   replicas: 1
        8 │   template:
      seen: spec.replicas is 1
      why: With one replica every rollout, node drain and spot interruption is an outage.
"""
        in shown
    )


def test_a_thing_without_a_name_is_told_as_such(scan: Scan) -> None:
    nowhere = manifest().replace("  namespace: shop\n", "")
    shown = scan({"web.yaml": nowhere, "readycheck.yaml": only("network/mesh-mtls")}, "--verbose")
    assert "network/mesh-mtls: Namespace/(not named)\n" in shown


def test_the_last_line_says_the_verdict_in_words_with_the_exit_code(scan: Scan) -> None:
    assert scan({"web.yaml": manifest()}).splitlines()[-1] == (
        "Not ready: 1 violation at or above high (1 high). Exit code 1."
    )
    ready = scan({"web.yaml": manifest()}, "--fail-on", "none")
    assert ready.splitlines()[-1] == ("Ready as far as could be judged (1 verdict unknown): no violation. Exit code 0.")


def test_the_findings_of_one_thing_stand_together_and_a_container_is_named(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest().replace(":1.0", ":latest")})
    assert shown.count("shop/Deployment/web  web.yaml\n") == 1
    assert (
        """
  container web
  ▲ medium   image tag latest moves where a fixed one is wanted  workload/image-tag
      web.yaml:14
        13 │         - name: web
      > 14 │           image: example.com/web:latest
        15 │           resources: {limits: {cpu: 1, memory: 1Gi}}
      seen: image is example.com/web:latest
"""
        in shown
    )


def test_findings_that_point_at_one_line_share_it(scan: Scan) -> None:
    no_limits = manifest().replace("          resources: {limits: {cpu: 1, memory: 1Gi}}\n", "")
    shown = scan({"web.yaml": no_limits})
    below = shown[shown.index("  container web\n") :].splitlines()
    assert below[1:8] == [
        "  ✖ high     requests no cpu and no memory  workload/resource-requests",
        "  ▲ medium   has no memory limit  workload/resource-limits",
        "  ● low      has no cpu limit  workload/resource-limits",
        "      web.yaml:13",
        "        12 │       containers:",
        "      > 13 │         - name: web",
        "        14 │           image: example.com/web:1.0",
    ]
    assert "      why resource-limits: A container without a memory limit can take its whole node down." in below


def test_the_fields_of_a_container_are_named_from_the_container_on(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest().replace("livenessProbe", "readinessProbe")})
    assert "      seen: livenessProbe is absent\n" in shown


ENVIRONMENT = """\
          env:
            - name: PASSPHRASE
              value: |
                first

                hunter2
          resources: {limits: {cpu: 1}}
"""


def test_no_value_of_an_environment_variable_is_shown(scan: Scan) -> None:
    resources = "          resources: {limits: {cpu: 1, memory: 1Gi}}\n"
    after_a_text = manifest().replace(resources, ENVIRONMENT)
    on_one_line = manifest("api").replace(":1.0", ":latest\n          env: [{name: PIN, value: hunter2}]")
    shown = scan({"a.yaml": after_a_text, "b.yaml": on_one_line})
    assert "hunter2" not in shown
    assert (
        """
        20 │                 (not shown)
      > 21 │           resources: {limits: {cpu: 1}}
"""
        in shown
    )
    assert "        15 │           env: [{name: PIN, value: (not shown)\n" in shown


def test_why_a_rule_is_there_is_said_once(scan: Scan) -> None:
    shown = scan({"a.yaml": manifest("a"), "b.yaml": manifest("b")})
    assert shown.count("can run with 1 of at least 2 replicas") == 2
    assert shown.count("why: With one replica every rollout") == 1


def test_what_is_unknown_is_always_there_and_never_counted_as_passed(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest().replace("replicas: 1", "replicas: ${REPLICAS}")})
    assert "never counted as passed" in shown
    assert (
        """
Unknown (8): never counted as passed
     7  `${REPLICAS}` is substituted when Flux applies it
        7 rules: shop/Deployment/web
"""
        in shown
    )


def test_each_unknown_verdict_is_listed_when_asked_for(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest().replace("replicas: 1", "replicas: ${REPLICAS}")}, "--verbose", COLUMNS="120")
    assert "\n        shop/Deployment/web  workload/replicas  web.yaml:7\n" in shown


def test_what_a_rule_has_nothing_to_say_about_is_told_when_asked_for(scan: Scan) -> None:
    files = {"web.yaml": manifest()}
    assert "Not applicable (" not in scan(files)
    assert "Not applicable (" in scan(files, "--verbose")


def test_problems_are_shown_with_file_line_and_reason_and_make_it_incomplete(scan: Scan) -> None:
    shown = scan({"web.yaml": "# nothing yet\n", "broken.yaml": "a: 1\nb: [\n"})
    assert "  broken.yaml:2\n      is not valid YAML" in shown
    assert shown.splitlines()[-1] == "Incomplete: 1 problem reading files. Exit code 3."


def test_expired_exemptions_are_shown_with_their_place(scan: Scan) -> None:
    comment = '# readycheck: ignore[workload/replicas] until=2026-01-01 reason="soon"'
    shown = scan({"web.yaml": manifest().replace("replicas: 1", f"replicas: 1 {comment}")})
    assert "  expired  web.yaml:7\n           workload/replicas: expired on 2026-01-01" in shown


def test_the_summary_counts_by_rule_and_tells_what_was_read_and_what_was_not_asked(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest()})
    (row,) = [line for line in shown.splitlines() if line.startswith("  workload/replicas ")]
    assert row.split() == ["workload/replicas", "1", ".", ".", "."]
    assert "  read       2 objects from 2 files\n  not asked  cluster, aws, terraform\n" in shown


def test_system_namespaces_stand_apart_at_the_end(scan: Scan) -> None:
    shown = scan({"a.yaml": manifest("dns", "kube-system"), "b.yaml": manifest()})
    order = [shown.index(text) for text in ("shop/Deployment/web", "In the system's own", "kube-system/Deployment/dns")]
    assert order == sorted(order)


def test_of_many_findings_the_own_ones_are_shown_before_the_systems(scan: Scan) -> None:
    system = {f"a{number:02}.yaml": manifest(f"a{number}", "kube-system") for number in range(11)}
    shown = scan({**system, "z.yaml": manifest()})
    assert "\nshop/Deployment/web  z.yaml\n" in shown
    assert "kube-system/Deployment/a10: can run with 1 of at least 2 replicas  a10.yaml:7\n" in shown


def test_nothing_in_a_tree_can_steer_the_terminal(scan: Scan) -> None:
    shown = scan({"\x1b[31mred\n.yaml": manifest('"[bold]x[/bold]\\e[2Jy"')})
    assert "\x1b" not in shown
    assert r"\x1b[31mred\n.yaml:7" in shown
    assert r"shop/Deployment/[bold]x[/bold]\x1b[2Jy" in shown


def test_a_pipe_gets_no_colours_and_an_old_encoding_no_crash(scan: Scan) -> None:
    shown = scan({"web.yaml": manifest("wéb")}, PYTHONIOENCODING="ascii")
    assert shown.isascii()
    assert r"shop/Deployment/w\xe9b" in shown
    assert "  ! high     can run with 1" in shown


@pytest.mark.parametrize("columns", ["40", "60", "120"])
def test_no_line_of_prose_is_wider_than_the_terminal(scan: Scan, columns: str) -> None:
    shown = scan({"web.yaml": manifest().replace(":1.0", ":latest")}, COLUMNS=columns)
    # But for the verdict, which is one line whatever it says.
    wide = [line for line in shown.splitlines()[:-1] if len(line) > int(columns)]
    assert wide == []


def test_many_findings_are_cut_and_the_rest_is_counted(scan: Scan) -> None:
    shown = scan({f"{number:03}.yaml": manifest(f"web-{number}") for number in range(200)})
    assert shown.count("\n      > 7 │   replicas: 1\n") == 10
    assert "And 190 more findings\n  workload/replicas  190 more\n" in shown
    assert "  ✖ high     shop/Deployment/web-199: can run with 1 of at least 2 replicas  199.yaml:7\n" in shown
    assert "  findings   200 high\n" in shown


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
    ids=["terminal", "NO_COLOR", "dumb"],
)
def test_colours_are_for_terminals_that_want_them(tmp_path: Path, environment: dict[str, str], coloured: bool) -> None:  # noqa: FBT001 - a parameter of the test
    (tmp_path / "web.yaml").write_text(manifest(), encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "readycheck", "scan", "."],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
            "TERM": "xterm",
            **environment,
        },
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    os.close(ours)
    assert process.wait() == 1
    assert (b"\x1b[" in shown) is coloured
    assert b"can run with 1 of at least 2 replicas" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how a terminal says that the other end is closed
        return b""


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}.yaml").write_text(manifest(f"web-{number}"), encoding="utf-8")
    done = subprocess.run(  # noqa: S602 - a pipe is the subject
        f"{sys.executable} -m readycheck scan . | head -1",
        shell=True,
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
