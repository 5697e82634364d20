"""What a shell makes of a text: which commands it runs, and what their failures do."""

from __future__ import annotations

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Place
from readycheck.pipelines.model import Command
from readycheck.pipelines.shell import Reading, Start, read

PLACE = Place(Inventory(()).environment, ())
SCAN = "trivy image x"


def understood(text: str, start: Start | None = None) -> Reading:
    return read(text, lambda _: PLACE, start or Start(errexit=True))


def commands(text: str, start: Start | None = None) -> list[Command]:
    return list(understood(text, start).commands)


def texts(text: str, start: Start | None = None) -> list[str]:
    return [command.text for command in commands(text, start)]


def scan_in(text: str, start: Start | None = None) -> Command:
    """The first command that scans."""
    return next(command for command in commands(text, start) if command.text.startswith("trivy"))


# What a failure does -------------------------------------------------------------------------------------------

GATES = [
    SCAN,
    f"{SCAN}; exit 0",  # `set -e` ends it before
    f"{SCAN}\ndocker push x",
    f"{SCAN} && docker push x",
    f"{SCAN} || exit 1",
    f"{SCAN} || exit $?",
    f"{SCAN} || {{ echo bad; exit 1; }}",
    f"{SCAN} || (echo bad && exit 1)",
    f"{SCAN} || false",
    f"{SCAN} || (sleep 5 && {SCAN})",
    f"if ! {SCAN}; then echo bad; exit 1; fi",
    f"if ! {SCAN}; then\n  exit 1\nfi\ndocker push x",
    f"if {SCAN}; then docker push x; else exit 1; fi",
    f"set +e\n{SCAN}\nrc=$?\nset -e\nif [ $rc -ne 0 ]; then exit $rc; fi\ndocker push x",
    f"set +e\n{SCAN}\nif [ $? -ne 0 ]; then exit 1; fi\ndocker push x",
    f"set +e\n{SCAN}\nexit $?",
    f"{SCAN} || rc=$?\necho $rc\nexit $rc",
    f"set +e\n{SCAN}\nrc=$?\necho done\n[ $rc -eq 0 ] || exit 1",
    f"set -o pipefail\n{SCAN} | tee log\ndocker push x",
    f"set -euo pipefail; {SCAN} 2>&1 | tee log; docker push x",
    f"{SCAN} | tee log; exit ${{PIPESTATUS[0]}}",
    f"({SCAN})",
    f"{{ {SCAN}; }}",
    f"check() {{ {SCAN}; }}\ncheck\ndocker push x",
    f'die() {{ echo "$1"; exit 1; }}\n{SCAN} || die bad\ndocker push x',
    f"for image in a b; do {SCAN}; done\ndocker push x",
    f"failed=0\n{SCAN} || failed=1\nexit $failed",
    f"{SCAN} || {{ echo bad; failed=1; }}\n[ $failed -eq 0 ] || exit 1",
    f"set +e\nfailed=0\nif ! {SCAN}; then failed=1; fi\nexit $failed",
    f"until {SCAN}; do sleep 1; done",
    f"bash -c '{SCAN}'",
    f"bash -ec '{SCAN}; docker push x'",
    f"bash <<'EOF'\n{SCAN}\nEOF",
    f"set +e\nset -e\n{SCAN}\necho",
    f"set +o errexit\nset -o errexit\n{SCAN}\necho",
    f"report=$({SCAN})\ndocker push x",
]


@pytest.mark.parametrize("text", GATES)
def test_a_failure_that_ends_the_shell_stops_the_job(text: str) -> None:
    assert scan_in(text).swallowed == ""


SWALLOWED = [
    (f"{SCAN} || true", "`|| true`"),
    (f"{SCAN} || :", "`|| :`"),
    (f"{SCAN} || exit 0", "`|| exit 0`"),
    (f"{SCAN} || echo bad", "`|| echo bad`"),
    (f"{SCAN} || {{ echo bad; exit 0; }}", "`|| { echo bad; exit 0; }`"),
    (f"{SCAN} || ./notify.py", "`|| ./notify.py`"),
    (f"{SCAN} || rc=$?\necho $rc", "`|| rc=$?`"),
    (f"{SCAN} | tee log", "a pipe without pipefail"),
    (f"set -o pipefail\nset +o pipefail\n{SCAN} | tee log", "a pipe without pipefail"),
    (f"set +e\n{SCAN}\ndocker push x", "its shell goes on after a failure (no `set -e`)"),
    (f"{SCAN} && echo fine\ndocker push x", "`set -e` does not act on what stands in front of `&& echo fine`"),
    (f"! {SCAN}", "`!` makes a success of its failure"),
    (f"if {SCAN}; then docker push x; fi", "its failure is a condition of `if`"),
    (f"if ! {SCAN}; then echo bad; fi\ndocker push x", "its failure is a condition of `if`"),
    (f"if ! {SCAN}; then echo bad; exit 0; fi", "its failure is a condition of `if`"),
    (f"while {SCAN}; do sleep 1; done", "its failure is a condition of `while`"),
    (f"until {SCAN}; do break; done", "its failure is a condition of `until`"),
    (f"{SCAN} &\nwait", "it runs in the background"),
    (f'echo "$({SCAN})"', "its failure is lost in `$( )`"),
    (f"export report=$({SCAN})", "its failure is lost in `$( )`"),
    (f'[ -z "$({SCAN})" ]', "its failure is lost in `$( )`"),
    (f"bash -c '{SCAN}; docker push x'", "its shell goes on after a failure (no `set -e`)"),
    (f"({SCAN}) || true", "`|| true`"),
    (f"check() {{ {SCAN}; echo; }}\ncheck || true", "`|| true`"),
    (f"check() {{ {SCAN}; echo; }}\ncheck && docker push x", "`set -e` does not act on what stands in front of"),
    (f"trap '{SCAN}' EXIT\nmake", "it is run in a trap"),
    (f"timeout 5m bash -c '{SCAN} || true'", "`|| true`"),
]


@pytest.mark.parametrize(("text", "reason"), SWALLOWED)
def test_a_failure_that_the_shell_goes_on_after_says_why(text: str, reason: str) -> None:
    assert scan_in(text).swallowed.startswith(reason)


def test_without_errexit_only_the_last_command_counts() -> None:
    first, last = commands(f"{SCAN} a\n{SCAN} b", Start())
    assert (bool(first.swallowed), bool(last.swallowed)) == (True, False)


def test_what_is_started_in_vain_stays_so() -> None:
    assert (
        scan_in(SCAN, Start(errexit=True, swallowed="`-` in front of its line")).swallowed == "`-` in front of its line"
    )


def test_pipefail_may_be_on_from_the_start() -> None:
    assert scan_in(f"{SCAN} | tee log\necho", Start(errexit=True, pipefail=True)).swallowed == ""


# What is run under which condition -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ('if [ "$REF" = main ]; then docker push x; fi', '[ "$REF" = main ]'),
        ("if a; then b; else docker push x; fi", "not (a)"),
        ("if a; then b; elif c; then docker push x; fi", "not (a) and c"),
        ('[ -n "$TAG" ] && docker push x', '[ -n "$TAG" ]'),
        ("grep -q x y && docker push x", "grep -q x y"),
        ("[ -n y ] && a && docker push x", "[ -n y ] && a"),
        ("a || docker push x", "not (a)"),
        ("case $1 in x|y) docker push x;; esac", "$1 is x or y"),
        ("while a; do docker push x; done", "while a"),
        # These are run whenever the step is:
        ("docker build . && docker push x", ""),
        ("cd services && docker push x", ""),
        ("while read -r x; do docker push x; done < list", ""),
        ("for x in *; do docker push x; done", ""),
        ("(docker push x)", ""),
    ],
)
def test_a_command_knows_the_condition_that_it_stands_under(text: str, condition: str) -> None:
    push = next(command for command in commands(text) if command.text == "docker push x")
    assert push.conditional == condition


@pytest.mark.parametrize(
    ("text", "given"),
    [
        (f"{SCAN} && docker push x\necho", [SCAN]),
        (f"a && {SCAN} && docker push x\necho", ["a", SCAN]),
        (f"if {SCAN}; then docker push x; fi", [SCAN]),
        (f"{SCAN} || exit 0\ndocker push x", [SCAN]),
        (f"if ! {SCAN}; then exit 0; fi\ndocker push x", [SCAN]),
        (f"({SCAN}) && docker push x\necho", [SCAN]),
        # Here it is pushed whatever came of the scan:
        (f"{SCAN} || true\ndocker push x", []),
        (f"({SCAN} || true) && docker push x", []),
        (f"if {SCAN}; then a; fi\ndocker push x", []),
        (f"if {SCAN}; then a; else docker push x; fi", []),
        (f"{SCAN} || docker push x", []),
    ],
)
def test_a_command_knows_those_without_whose_success_it_does_not_run(text: str, given: list[str]) -> None:
    push = next(command for command in commands(text) if command.text == "docker push x")
    assert [command.text for command in push.given] == given


# Words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("docker build -t 'a b' \"c d\" e\\ f .", ("docker", "build", "-t", "a b", "c d", "e f", ".")),
        ("IMAGE=acme/api\ndocker push $IMAGE:$TAG", ("docker", "push", "acme/api:$TAG")),
        ("A=x; B=$A/y; docker push ${B}", ("docker", "push", "x/y")),
        ("A='-t x'; docker build $A .", ("docker", "build", "-t", "x", ".")),
        ("A='x y'; docker build \"$A\"", ("docker", "build", "x y")),
        ("docker push ${TAG:-latest}", ("docker", "push", "${TAG:-latest}")),
        ("TAG=; docker push x:${TAG:-latest}", ("docker", "push", "x:latest")),
        ("TAG=$(git describe); docker push x:$TAG", ("docker", "push", "x:$(git describe)")),
        ("docker push ${{ env.IMAGE }}:${{ github.sha }}", ("docker", "push", "${{ env.IMAGE }}:${{ github.sha }}")),
        ('docker push "${{ a && \'b\' || "c" }}"', ("docker", "push", "${{ a && 'b' || \"c\" }}")),
        ("docker \\\n  push \\\n  x", ("docker", "push", "x")),
        ("docker push x # and this is a comment", ("docker", "push", "x")),
        ("A=1 sudo -E docker push x > log 2>&1", ("sudo", "-E", "docker", "push", "x")),
        ("TAG=a; if c; then TAG=b; fi; docker push x:$TAG", ("docker", "push", "x:$TAG")),
        ("TAG=a; unset TAG; docker push x:$TAG", ("docker", "push", "x:$TAG")),
        ("case v in v) T=1;; *) T=2;; esac; docker push x:$T", ("docker", "push", "x:1")),
        ('push() { docker push "$1"; }; push a', ("docker", "push", "a")),
        ("A=x; A+=y; docker push $A", ("docker", "push", "xy")),
    ],
)
def test_words_are_those_that_the_program_gets(text: str, words: tuple[str, ...]) -> None:
    assert next(command.words for command in commands(text) if "docker" in command.words) == words


def test_a_loop_over_known_words_is_run_for_each_of_them() -> None:
    assert texts("for s in api web; do docker build -t $s services/$s; done") == [
        "docker build -t api services/api",
        "docker build -t web services/web",
    ]


def test_a_loop_that_only_tries_again_is_run_once() -> None:
    assert texts("for i in 1 2 3; do curl x && break; done") == ["curl x"]


def test_a_loop_over_what_is_not_known_keeps_its_variable_as_it_is_written() -> None:
    assert texts("for s in $(ls services); do docker build $s; done") == ["ls services", "docker build $s"]


def test_the_environment_of_a_command_is_what_is_exported_and_its_own() -> None:
    (command,) = commands("A=1; export B=2; C=3 trivy x", Start(variables={"D": "4"}))
    assert command.variables == {"B": "2", "C": "3", "D": "4"}


def test_nothing_is_run_behind_an_exit() -> None:
    assert texts("a\nexit 0\nb") == ["a"]
    assert texts("a\nif c; then exit 0; fi\nb") == ["a", "c", "b"]
    assert texts("a; exec b; c") == ["a", "exec b"]


def test_a_heredoc_is_no_command() -> None:
    assert texts("cat <<EOF | kubectl apply -f -\ndocker push x\nEOF") == ["cat", "kubectl apply -f -"]


def test_what_stands_in_other_programs_is_left_to_them() -> None:
    assert texts("docker run aquasec/trivy image x") == ["docker run aquasec/trivy image x"]
    assert texts('eval "docker push x"') == ["eval docker push x"]
    assert texts("ls | xargs docker push") == ["ls", "xargs docker push"]


def test_the_output_is_told_where_it_is_not_the_log() -> None:
    assert [command.output for command in commands("a > f; b | c; d=$(e); f; { g; } >> $GITHUB_ENV")] == [
        "f",
        "c",
        "",
        "a variable",
        "",
        "$GITHUB_ENV",
    ]


def test_the_folder_is_followed() -> None:
    text = "a; cd x/y; b; cd ..; (cd z && c); d; pushd q; e; popd; f; cd $V; g; cd $GITHUB_WORKSPACE/w; h"
    folders = {command.text: command.folder for command in commands(text, Start(folder="r"))}
    assert folders == {
        "a": "r",
        "b": "r/x/y",
        "c": "r/x/z",
        "d": "r/x",
        "e": "r/x/q",
        "f": "r/x",
        "g": "r/x/$V",
        "h": "w",
    }


def test_what_a_trap_runs_comes_last() -> None:
    assert texts("trap 'kind delete cluster' EXIT\nkind create cluster\ngo test") == [
        "kind create cluster",
        "go test",
        "kind delete cluster",
    ]


def test_a_loop_over_all_arguments_takes_each_for_itself() -> None:
    start = Start(errexit=True, arguments=("build.sh", "smoke", "account", "the gateway"))
    text = 'kind="$1"\nshift\nfor service in "$@"; do docker build -t "$service:$kind" .; done'
    assert texts(text, Start(errexit=True, arguments=("build.sh", "smoke", "account", "gateway"))) == [
        "docker build -t account:smoke .",
        "docker build -t gateway:smoke .",
    ]
    assert texts("shift 2; docker build $1", start) == ["docker build the gateway"]
    assert texts('push() { shift; docker push "$@"; }\npush now x y\ndocker push "$1"', start) == [
        "docker push x y",
        "docker push smoke",
    ]


def test_without_errexit_a_loop_hides_the_failures_of_all_rounds_but_the_last() -> None:
    text = "for image in a b; do trivy image $image; done"
    hidden = ["the loop goes on with its next round", ""]
    assert [each.swallowed for each in commands(text, Start(errexit=False))] == hidden
    assert [each.swallowed for each in commands(text, Start(errexit=True))] == ["", ""]
    stopped = "for image in a b; do trivy image $image || exit 1; done"
    assert [each.swallowed for each in commands(stopped, Start(errexit=False))] == ["", ""]
    kept = "failed=0\nfor image in a b; do trivy image $image || failed=1; done\nexit $failed"
    assert [each.swallowed for each in commands(kept, Start(errexit=False))] == ["", ""]


@pytest.mark.parametrize(
    "text",
    [
        "if a; then\n  docker push x\n",
        "docker push x ) (",
        "docker push x\n}}}",
        'docker push x\necho "unfinished',
        "docker push x\n\x00\x01",
        "",
        "# only a comment",
        "&& ||",
        "f() { f; }; f; docker push x",
        "((((" * 200 + "docker push x" + "))))" * 200,
        "a && " * 3000 + "docker push x",
        "docker push x; " * 5000,
        "a && b && ",
        "\ue0007\ue001 \ue002 ${{ \ue003",
        "set; trap; cd; . ; source; exec; unset; exit",
        "set ''; cd ''; . ''; bash ''; make ''; trap '' EXIT; ''",
        "bash; sh -c; make; bash -o; docker push x",
    ],
)
def test_no_text_is_too_broken_or_too_large(text: str) -> None:
    assert all(isinstance(command.text, str) for command in understood(text).commands)


def test_a_script_that_is_longer_than_any_is_told() -> None:
    reading = understood("docker push x\n" * 100_000)
    assert reading.commands == ()
    assert reading.unread == (
        "it runs a script that is longer than 1,000,000 characters, the most that is read of a script",
    )


def test_functions_that_call_each_other_over_and_over_come_to_an_end() -> None:
    functions = "\n".join(f"f{n}() {{ {f'f{n + 1}; ' * 10} }}" for n in range(9))
    assert len(understood(f"{functions}\nf9() {{ a; }}\nf0").commands) <= 2000
