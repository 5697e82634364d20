"""Which lists of dependencies name Testcontainers."""

from __future__ import annotations

import pytest

from readycheck.documents.dependencies import is_dependency_list, parse_dependencies


@pytest.mark.parametrize(
    "uri",
    ["go.mod", "api/package.json", "pom.xml", "app/build.gradle.kts", "requirements-dev.txt", "src/Api/Api.csproj"],
)
def test_a_list_of_dependencies_is_known_by_its_name(uri: str) -> None:
    assert is_dependency_list(uri)


@pytest.mark.parametrize("uri", ["go.sum", "package-lock.json", "readme.txt", "deploy/values.yaml"])
def test_locks_and_others_are_none(uri: str) -> None:
    assert not is_dependency_list(uri)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("module m\n\nrequire github.com/testcontainers/testcontainers-go v0.40.0\n", 3),
        ('{\n "devDependencies": {\n  "@testcontainers/postgresql": "11.0.0"}}', 3),
        ("<project>\n<groupId>org.testcontainers</groupId>\n", 2),
        ('<PackageReference Include="Testcontainers.PostgreSql" />', 1),
    ],
)
def test_the_line_that_names_it_is_told(text: str, line: int) -> None:
    documents, faults = parse_dependencies(text)
    assert ([document.line for document in documents], faults) == ([line], [])


@pytest.mark.parametrize("text", ["", "module m\n", "# testcontainers\nredis\n", "// github.com/testcontainers/x\n"])
def test_a_comment_names_nothing(text: str) -> None:
    assert parse_dependencies(text) == ([], [])
