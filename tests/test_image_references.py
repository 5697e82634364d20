"""Image references are read as container runtimes read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readycheck.kubernetes.image import ImageReference, unfixed
from readycheck.model import Unresolved

SHA256 = "sha256:" + "4b7ce070" * 8


@pytest.mark.parametrize(
    ("text", "registry", "path", "tag", "digest"),
    [
        ("nginx", "docker.io", "library/nginx", "", ""),
        ("nginx:1.29", "docker.io", "library/nginx", "1.29", ""),
        ("docker.io/nginx", "docker.io", "library/nginx", "", ""),
        ("index.docker.io/library/nginx:1", "docker.io", "library/nginx", "1", ""),
        ("bitnami/postgresql:17", "docker.io", "bitnami/postgresql", "17", ""),
        ("localhost/web", "localhost", "web", "", ""),
        ("localhost:5000/web", "localhost:5000", "web", "", ""),
        ("registry:5000/shop/web", "registry:5000", "shop/web", "", ""),
        ("registry:5000/shop/web:1.4", "registry:5000", "shop/web", "1.4", ""),
        ("10.0.0.1:5000/web:1", "10.0.0.1:5000", "web", "1", ""),
        ("[2001:db8::1]:5000/web:1", "[2001:db8::1]:5000", "web", "1", ""),
        ("REGISTRY/web:1", "REGISTRY", "web", "1", ""),
        ("ghcr.io/a__b/c---d.e_f:v1.0-rc.1_x", "ghcr.io", "a__b/c---d.e_f", "v1.0-rc.1_x", ""),
        (f"web@{SHA256}", "docker.io", "library/web", "", SHA256),
        (f"registry:5000/web:latest@{SHA256}", "registry:5000", "web", "latest", SHA256),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", "mcr.microsoft.com", "windows/servercore", "ltsc2022", ""),
        ("web:", "docker.io", "library/web", "", ""),
    ],
)
def test_a_reference_is_taken_apart(text: str, registry: str, path: str, tag: str, digest: str) -> None:
    assert ImageReference.of(text) == ImageReference(registry, path, tag, digest)


@pytest.mark.parametrize(
    "text",
    [
        "Web:1.4",
        "registry.example.com/Shop/web:1.4",
        "web:$TAG",
        "web:{{ tag }}",
        "<image>",
        "web :1.4",
        "/web:1.4",
        "shop//web:1.4",
        "shop/web/:1.4",
        "web_:1.4",
        "web:-1.4",
        f"web:{'1' * 129}",
        "web@",
        "web@sha256:4b7ce070",
        "web@md5:4b7ce07002c69e8f3d704a9c5d6fd305",
        "https://registry.example.com/web:1.4",
        f"{'a' * 256}:1.4",
    ],
)
def test_what_no_runtime_can_pull_is_no_reference(text: str) -> None:
    assert ImageReference.of(text) is None


_PARTS = st.from_regex(r"[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,8}){0,2}", fullmatch=True)
_HOSTS = st.from_regex(
    r"[a-z0-9]{1,8}(\.[a-z]{2,5}){1,2}(:[0-9]{1,5})?|[a-z]{1,8}:[0-9]{1,5}|localhost", fullmatch=True
)
_TAGS = st.just("") | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@given(_HOSTS, st.lists(_PARTS, min_size=1, max_size=3), _TAGS, st.sampled_from(["", SHA256]))
def test_what_a_reference_is_made_of_is_what_is_read(host: str, parts: list[str], tag: str, digest: str) -> None:
    path = "/".join(parts)
    text = f"{host}/{path}{tag and ':' + tag}{digest and '@' + digest}"
    assert ImageReference.of(text) == ImageReference(host, path, tag, digest)


@given(st.text())
def test_any_text_is_a_reference_or_none(text: str) -> None:
    reference = ImageReference.of(text)
    assert reference is None or reference.path.endswith(text.partition("@")[0].rpartition("/")[2].partition(":")[0])


@pytest.mark.parametrize(
    ("text", "name", "tag"),
    [
        ("${REGISTRY}/web:1.4", "web", "1.4"),
        ("${REGISTRY}/web", "web", ""),
        ("${REGISTRY}/web:${TAG}", "web", None),
        ("${IMAGE}", None, None),
        ("${IMAGE}:1.4", None, "1.4"),
        ("web${SUFFIX}", None, None),
        ("web:${TAG:-latest}", "web", None),
        ("web:1.4${SUFFIX}", "web", None),
    ],
)
def test_of_an_undecided_reference_the_rest_is_known(text: str, name: str | None, tag: str | None) -> None:
    reference = ImageReference.of(Unresolved(text, "is not decided yet"))
    assert reference is not None
    assert (reference.name, reference.tag) == (name, tag)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("postgres:18", True),
        ("registry.example.com/mirror/library/postgres:18", True),
        ("mcr.microsoft.com/mssql/server:2022-latest", True),
        ("registry.example.com/web/server:1", False),
        ("prometheuscommunity/postgres-exporter:v0.18", False),
        ("postgres.example.com/web:1", False),
    ],
)
def test_an_image_goes_by_the_last_parts_of_its_repository(text: str, *, called: bool) -> None:
    reference = ImageReference.of(text)
    assert reference is not None
    assert reference.called({"postgres", "mssql/server"}) is called


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("1", ""),
        ("1.29-alpine", ""),
        ("20-lts", ""),
        ("2022-latest", ""),
        ("v0", ""),
        ("4b7ce07", ""),
        ("latest", "moves"),
        ("LTS", "moves"),
        ("alpine", "names no version"),
        ("bookworm-slim", "names no version"),
        ("debug-nonroot", "names no version"),
    ],
)
def test_a_tag_is_fixed_by_a_digit_unless_it_is_a_word_that_moves(tag: str, reason: str) -> None:
    assert unfixed(tag) == reason


def test_words_are_added_on_both_sides() -> None:
    assert unfixed("v1", moves=["v1"]) == "moves"
    assert unfixed("noble", stays=["noble"]) == ""
