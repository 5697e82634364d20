"""Which files are read as Dockerfiles and compose files, by their names."""

from __future__ import annotations

import pytest

from readycheck.sources.files.artefacts import artefacts_of


def kinds(uri: str) -> set[str]:
    return {artefact.kind for artefact in artefacts_of(uri)} & {"Dockerfile", "Compose"}


@pytest.mark.parametrize(
    "uri",
    [
        "Dockerfile",
        "a/b/Dockerfile",
        "dockerfile",
        "Dockerfile.prod",
        "Dockerfile.alpine-3.22",
        "web.Dockerfile",
        "web.dockerfile",
        "Containerfile",
        "a/Containerfile.dev",
    ],
)
def test_dockerfiles_by_name(uri: str) -> None:
    assert kinds(uri) == {"Dockerfile"}


@pytest.mark.parametrize(
    "uri",
    [
        "docker-compose.yml",
        "docker-compose.prod.yaml",
        "docker-compose_dev.yml",
        "docker-compose2.yml",
        "compose.yaml",
        "a/compose.override.yml",
        "compose-dev.yml",
    ],
)
def test_compose_files_by_name(uri: str) -> None:
    assert kinds(uri) == {"Compose"}


@pytest.mark.parametrize(
    "uri",
    [
        "Dockerfile.dockerignore",
        "web.Dockerfile.dockerignore",
        "Dockerfile.web.dockerignore",
        "Dockerfile.md",
        "Dockerfile.j2",
        "Dockerfile.web.tmpl",
        "Dockerfiles",
        "myDockerfile",
        "composer.yaml",
        "composition.yml",
        "docker-compose.md",
    ],
)
def test_what_is_only_called_alike(uri: str) -> None:
    assert kinds(uri) == set()
