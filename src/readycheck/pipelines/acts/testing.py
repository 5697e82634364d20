"""Which commands test something, and how much as far as their names tell. Linting and scanning are no tests."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from readycheck.pipelines.acts.doing import Doing
from readycheck.pipelines.acts.nouns import Breadth, Test
from readycheck.pipelines.acts.words import Call, called, names, segments, split
from readycheck.pipelines.model import Command

_WIDE = names(
    "regression regressions e2e endtoend integration integrations full acceptance system functional uat it its",
    "conformance nightly",
)
_SMOKE = names("smoke smoketest smoketests sanity")
TESTING = names(
    "test tests testing tested spec specs e2e smoke smoketest smoketests regression acceptance integration unittest",
    "unittests jest vitest mocha cypress playwright pytest testall citest testcase testcases",
    "coverage",
)
_NO_TEST = names(
    "lint linter fmt format build compile image install setup prepare deps dependencies clean report reports",
    "upload publish deploy release generate gen typecheck types docs serve start stop down teardown push pull watch",
    "data results result list fixtures env ssl cleanup collection util utils helper helpers common lib",
)
"""Words of a name that make it something about tests rather than tests."""


def tests(doing: Doing) -> Iterator[Test]:
    """The tests that a command runs.

    Args:
        doing: the command.
    """
    what = tested_by(doing.call)
    if what:
        yield doing.act(Test, what, breadth=breadth_of(segments(" ".join(doing.words)), doing.title))


def tests_by_name(doings: Sequence[Doing], found: Collection[Test]) -> Iterator[Test]:
    """The tests that a step runs under a name that says so (`make e2e`, `tests/run.sh`), whatever it calls for them.

    Args:
        doings: what the step runs, scripts and targets followed.
        found: the tests that are known already.
    """
    known = {id(test.cause) for test in found}
    groups: dict[tuple[str, ...], list[Doing]] = {}
    for doing in doings:
        via = doing.cause.via if isinstance(doing.cause, Command) else ()
        index = next((index for index, name in enumerate(via) if tested_by(called(split(name)))), None)
        if index is not None:
            groups.setdefault(via[: index + 1], []).append(doing)
    for via, group in groups.items():
        if not any(id(doing.cause) in known for doing in group):
            # One of them is enough to fail it.
            telling = min(group, key=lambda doing: bool(isinstance(doing.cause, Command) and doing.cause.swallowed))
            yield telling.act(Test, via[-1], breadth=breadth_of(segments(via[-1]), telling.title))


def breadth_of(own: frozenset[str], title: frozenset[str]) -> Breadth:
    """How much a test covers by what it is called.

    Args:
        own: the words of its own command.
        title: the words of its step's and its job's names, and of what called it.
    """
    for words in (own, title):
        if words & _WIDE or {"end", "to"} <= words:
            return Breadth.WIDE
        if words & _SMOKE:
            return Breadth.SMOKE
    return Breadth.WIDE if own & _WIDE_TOOLS else Breadth.UNIT


_WIDE_TOOLS = names("playwright cypress newman kuttl chainsaw testcafe")


def tested_by(call: Call) -> str:
    """What a call tests with, in the words that people call it by; "" where it is no test.

    Args:
        call: the program and its arguments.
    """
    program = call.program
    if call.has("--version", "--help", "--collect-only", "--listTests") and program != "curl":
        return ""
    if program in _RUNNERS:
        return program
    plain = _plain(call)
    for verbs in _VERBS.get(program, ()):
        if plain[: len(verbs)] == list(verbs):
            return " ".join((program, *verbs))
    asks = _ASKED.get(program)
    what = asks(call) if asks else ""
    return what or _by_script(call)


def _plain(call: Call) -> list[str]:
    """The arguments without options, for any of the tools here."""
    return call.plain(_VALUED)


_VALUED = names(
    "-C --prefix --workspace -w --filter -F --cwd --dir -p --project --package --directory --target -t --config -c",
    "--manifest-path --features -n --namespace --context --kube-context -f --file -pl --projects -P -s -T -e --env -o",
    "--kubeconfig",
)

_RUNNERS = names(
    "gotestsum ginkgo pytest py.test tox nox nose2 nosetests unittest jest vitest mocha ava karma jasmine tap",
    "testcafe bats shellspec shunit2 rspec cucumber phpunit pest paratest behat codecept ctest robot pabot behave",
    "lettuce gatling artillery locust jmeter newman hurl venom dgoss kitchen testkube stepci wdio nightwatch",
    "nunit3-console vstest.console xunit.console phpspec kuttl trial",
)
"""Programs that do nothing but test."""

_VERBS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "go": (("test",),),
    "cargo": (("test",), ("nextest", "run"), ("llvm-cov",), ("tarpaulin",)),
    "cross": (("test",),),
    "dotnet": (("test",), ("vstest",)),
    "helm": (("test",), ("unittest",)),
    "k6": (("run",),),
    "chainsaw": (("test",),),
    "kubectl-kuttl": (("test",),),
    "kubectl": (("kuttl", "test"),),
    "ct": (("install",), ("lint-and-install",)),
    "container-structure-test": (("test",),),
    "goss": (("validate",),),
    "playwright": (("test",),),
    "cypress": (("run",),),
    "molecule": (("test",), ("verify",)),
    "inspec": (("exec",),),
    "cinc-auditor": (("exec",),),
    "terraform": (("test",),),
    "tofu": (("test",),),
    "deno": (("test",),),
    "mix": (("test",),),
    "sbt": (("test",),),
    "lein": (("test",),),
    "clojure": (("-M:test",),),
    "bazel": (("test",), ("coverage",)),
    "bazelisk": (("test",), ("coverage",)),
    "buck2": (("test",),),
    "pants": (("test",),),
    "swift": (("test",),),
    "xcodebuild": (("test",),),
    "flutter": (("test",),),
    "dart": (("test",),),
    "meson": (("test",),),
    "stack": (("test",),),
    "cabal": (("test",),),
    "zig": (("test",), ("build", "test")),
    "dune": (("test",), ("runtest",)),
    "rebar3": (("eunit",), ("ct",)),
    "ng": (("test",), ("e2e",)),
    "nx": (("test",), ("e2e",)),
    "react-scripts": (("test",),),
    "vue-cli-service": (("test:unit",), ("test:e2e",)),
    "rails": (("test",), ("spec",)),
    "rake": (("test",), ("spec",)),
    "composer": (("test",),),
    "artisan": (("test",),),
    "crystal": (("spec",),),
    "nim": (("test",),),
    "skaffold": (("verify",), ("test",)),
    "garden": (("test",),),
    "devspace": (("run", "test"),),
    "forge": (("test",),),
    "hardhat": (("test",),),
    "sonobuoy": (("run",),),
    "testkube": (("run",),),
    "flux-local": (("test",),),
    "kubectl-testkube": (("run",),),
}
"""Subcommands that test, by program."""


def _npm(call: Call) -> str:
    """`npm test`, `yarn e2e`, `pnpm -r run test:unit`: a script of package.json, whose name tells what it does."""
    words = [word for word in _plain(call) if word not in ("workspaces", "foreach")]
    if words[:1] == ["workspace"]:
        words = words[2:]
    direct = words[:1] not in (["run"], ["run-script"])
    script = next(iter(words if direct else words[1:]), "")
    if direct and call.program in ("npm", "bun"):
        return f"{call.program} {script}" if script in ("test", "t", "tst", "it", "cit") else ""
    if direct and script in _RUNNERS | _VERBS.keys():
        return tested_by(Call(script, tuple(words[1:])))
    return f"{call.program} {'' if direct else 'run '}{script}" if _named_a_test(script) else ""


def _maven(call: Call) -> str:
    plain = _plain(call)
    if any(re.match(r"-D(skipTests|maven\.test\.skip)(=true)?$", word) for word in call.arguments):
        return ""
    goals = names("test verify integration-test package install deploy surefire:test failsafe:integration-test")
    goal = next((word for word in plain if word in goals), "")
    return f"{call.program} {goal}" if goal else ""


def _gradle(call: Call) -> str:
    plain = _plain(call)
    left_out = set(call.options("-x", "--exclude-task"))
    kept = [word for word in plain if word not in left_out]
    for task in kept:
        name = task.rpartition(":")[2]
        whole = name in ("build", "check", "buildNeeded") and not left_out & {"test", "check"}
        tested = "test" in segments(name) or name.endswith("Test") or name in ("e2e", "integrationTests")
        named = tested and not segments(name) & _NO_TEST and not name.endswith("Classes")
        if whole or named:
            return f"{call.program} {task}"
    return ""


def _targets(call: Call) -> str:
    """`make test`, `just e2e`, `task smoke`: a target that was not followed; its name tells what it does."""
    plain = _plain(call)
    for target in plain:
        if "=" not in target and (_named_a_test(target) or (call.program == "make" and target == "check")):
            return f"{call.program} {target}"
    folder = call.option("-C", "--directory") or ""
    return f"{call.program} -C {folder}" if call.program == "make" and folder in ("test", "tests", "e2e") else ""


def _curl(call: Call) -> str:
    """A check of a health address; one that notices an answer that is no success."""
    plain = _plain(call)
    url = next((word for word in plain if _HEALTH.search(word)), "")
    fails = call.has("--fail", "--fail-with-body") or any(
        re.fullmatch(r"-[a-zA-Z]*f[a-zA-Z]*", word) for word in call.arguments
    )
    return f"curl {url}" if url and fails else ""


_HEALTH = re.compile(r"(?i)[/:.\w}](?:/|-)(health\w*|ready\w*|readiness|live\w*|liveness|ping|status|up)\b")


def _tasked(call: Call) -> str:
    """`nx affected -t test`, `turbo run test`, `lerna run e2e`, `rush test`."""
    plain = _plain(call)
    wanted = [*plain, *(call.option("-t", "--target", "--targets") or "").split(",")]
    script = next((word for word in wanted if _named_a_test(word)), "")
    return f"{call.program} {script}" if script else ""


def _xcode(call: Call) -> str:
    plain = _plain(call)
    return "xcodebuild test" if "test" in plain else ""


def _node(call: Call) -> str:
    return "node --test" if call.has("--test") else ""


def _manage(call: Call) -> str:
    plain = _plain(call)
    return "manage.py test" if "test" in plain[:1] else ""


def _python(call: Call) -> str:
    plain = _plain(call)
    return "manage.py test" if plain[:1] and plain[0].endswith("manage.py") and plain[1:2] == ["test"] else ""


def _php(call: Call) -> str:
    plain = _plain(call)
    if plain[:2] == ["artisan", "test"]:
        return "php artisan test"
    return tested_by(Call(plain[0].rpartition("/")[2], tuple(plain[1:]))) if "/" in "".join(plain[:1]) else ""


def _sbt(call: Call) -> str:
    word = next((word for word in call.arguments if re.match(r"(?:[\w/]*[:/])?(test|it:test|testOnly)\b", word)), "")
    return f"sbt {word}" if word else ""


def _earthly(call: Call) -> str:
    plain = _plain(call)
    target = next((word for word in plain if "+" in word and _named_a_test(word.partition("+")[2])), "")
    return f"{call.program} {target}" if target else ""


def _dagger(call: Call) -> str:
    plain = _plain(call)
    target = next((word for word in plain if plain[:1] == ["call"] and _named_a_test(word)), "")
    return f"dagger call {target}" if target else ""


_ASKED: Mapping[str, Callable[[Call], str]] = {
    "npm": _npm,
    "yarn": _npm,
    "pnpm": _npm,
    "bun": _npm,
    "mvn": _maven,
    "mvnw": _maven,
    "gradle": _gradle,
    "gradlew": _gradle,
    "make": _targets,
    "gmake": _targets,
    "just": _targets,
    "task": _targets,
    "mage": _targets,
    "rake": _targets,
    "invoke": _targets,
    "inv": _targets,
    "poe": _targets,
    "nox": _targets,
    "composer": _targets,
    "curl": _curl,
    "nx": _tasked,
    "turbo": _tasked,
    "lerna": _tasked,
    "rush": _tasked,
    "moon": _tasked,
    "xcodebuild": _xcode,
    "node": _node,
    "manage.py": _manage,
    "python": _python,
    "python3": _python,
    "php": _php,
    "sbt": _sbt,
    "earthly": _earthly,
    "dagger": _dagger,
}
"""Programs whose arguments have to be looked at."""


def _named_a_test(name: str) -> bool:
    words = segments(name)
    return bool(words & TESTING) and not words & _NO_TEST


_INTERPRETERS = names("bash sh zsh dash ash python python3 node ruby perl php deno tsx ts-node pwsh")


def _by_script(call: Call) -> str:
    """A script of the tree that was not followed: `./scripts/smoke-test.sh`, `python tests/e2e.py`."""
    plain = _plain(call)
    script = call.path
    if call.program in _INTERPRETERS:
        script = next(iter(plain), "")
    elif "/" not in script and not script.endswith((".sh", ".py")):
        return ""
    # The folder counts too: `tests/run.sh`; but a tool that lies in one (`node_modules/.bin/x`) is what it is called.
    name = script.rpartition("/")[2]
    folder = script.split("/")[-2] if "/" in script else ""
    if _named_a_test(name) or (segments(folder) & TESTING and "run" in segments(name)):
        return script
    return ""
