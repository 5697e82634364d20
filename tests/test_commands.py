"""The commands of a container are read as its shell reads them, if there is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.kubernetes.command import simple_commands


@pytest.mark.parametrize(
    ("command", "commands"),
    [
        (["sleep", "10"], [("", ["sleep", "10"])]),
        (["/bin/sleep", "10"], [("", ["sleep", "10"])]),
        (["echo", "a; sleep 10"], [("", ["echo", "a; sleep 10"])]),
        (["sh", "-c", "sleep 5 && nginx -s quit"], [("", ["sleep", "5"]), ("&&", ["nginx", "-s", "quit"])]),
        (["/bin/bash", "-ec", "sleep 5;/drain"], [("", ["sleep", "5"]), (";", ["drain"])]),
        (["bash", "-o", "pipefail", "-c", "exec sleep 5"], [("", ["sleep", "5"])]),
        (["sh", "-c", "sleep 5 # don't stop yet\n/drain"], [("", ["sleep", "5"]), (";", ["drain"])]),
        (["sh", "-c", "sleep \\\n 5"], [("", ["sleep", "5"])]),
        (["sh", "-c", "echo 'sleep 5; sleep 6'"], [("", ["echo", "sleep 5; sleep 6"])]),
        (["sh", "-c", "a || sleep 5"], [("", ["a"]), ("||", ["sleep", "5"])]),
        (["sh", "-c", "if a; then sleep 5; fi"], [("", ["a"]), ("then", ["sleep", "5"])]),
        (["sh", "-c", "until a; do sleep 1; done"], [("", ["a"]), (";", ["sleep", "1"])]),
        (["sh", "/entrypoint.sh", "sleep", "5"], [("", ["sh", "/entrypoint.sh", "sleep", "5"])]),
        (["sh", "-c", "echo 'never closed"], []),
        ([], [("", [])]),
    ],
)
def test_a_command_is_taken_apart(command: list[str], commands: list[tuple[str, list[str]]]) -> None:
    assert list(simple_commands(command)) == commands


@given(st.lists(st.text(), max_size=4))
def test_any_command_is_read(command: list[str]) -> None:
    assert all(isinstance(word, str) for _, words in simple_commands(["sh", "-c", *command]) for word in words)
