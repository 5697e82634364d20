"""Which names of files tell what a file is."""

from __future__ import annotations

import pytest

from readycheck.sources.files.artefacts import artefacts_of


def kinds(uri: str) -> set[str]:
    return {artefact.kind for artefact in artefacts_of(uri)}


@pytest.mark.parametrize("uri", ["Makefile", "a/makefile", "GNUmakefile", "Makefile.prod", "build/rules.mk"])
def test_a_makefile(uri: str) -> None:
    assert "Makefile" in kinds(uri)


@pytest.mark.parametrize("uri", ["lib/makefile.py", "Makefile.am", "Makefile.in", "docs/makefile.md", "makefile.go"])
def test_what_is_only_called_so(uri: str) -> None:
    assert "Makefile" not in kinds(uri)
