"""What the shipped table says of base images; the users are those that their own Dockerfiles end as."""

from __future__ import annotations

import pytest

from readycheck.images.bases import Weight, environment_of, user_of, weight_of
from readycheck.kubernetes.image import ImageReference


def image(text: str) -> ImageReference:
    found = ImageReference.of(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("base", "user"),
    [
        ("gcr.io/distroless/static-debian13", "root"),
        ("gcr.io/distroless/static-debian13:nonroot", "nonroot"),
        ("gcr.io/distroless/base-debian12:debug-nonroot", "nonroot"),
        ("cgr.dev/chainguard/static:latest", "nonroot"),
        ("cgr.dev/chainguard/wolfi-base", "root"),
        ("alpine:3.22", "root"),
        ("public.ecr.aws/docker/library/python:3.14-slim", "root"),
        ("mirror.gcr.io/library/node:24", "root"),
        ("arm64v8/debian:13", "root"),
        ("nginx:1.29", "root"),
        ("nginxinc/nginx-unprivileged:1.29", "nginx"),
        ("adminer:5", "adminer"),
        ("bitnami/redis:8", "1001"),
        ("registry.access.redhat.com/ubi9/openjdk-21-runtime:1.23", "1001"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.6", "root"),
        ("registry.access.redhat.com/ubi9-micro:9.6", "root"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0", "root"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled", "app"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0-nanoserver-ltsc2025", "ContainerUser"),
        ("golang:1.25-windowsservercore-ltsc2025", "ContainerAdministrator"),
        ("grafana/grafana:12.1.0", "472"),
        ("grafana/promtail:3.5.0", "root"),
        ("grafana/alloy:1.10.0", None),
        ("prom/prometheus:v3.5.0", "nobody"),
        ("quay.io/prometheus/busybox:latest", None),
        ("registry.example.com/library/alpine:3.22", None),
        ("acme/nginx:1.0", None),
    ],
)
def test_whom_a_base_runs_as(base: str, user: str | None) -> None:
    assert user_of(image(base)) == user


@pytest.mark.parametrize(
    ("base", "weight"),
    [
        ("gcr.io/distroless/java21-debian13", Weight.STATIC),
        ("gcr.io/distroless/cc:debug", Weight.DEBUG),
        ("cgr.dev/chainguard/jre", Weight.STATIC),
        ("alpine:3.22", Weight.SMALL),
        ("busybox:1.37", Weight.SMALL),
        ("amd64/alpine:3.22", Weight.SMALL),
        ("python:3.14-slim-trixie", Weight.SLIM),
        ("node:24-alpine3.22", Weight.SLIM),
        ("eclipse-temurin:21-jre", Weight.SLIM),
        ("eclipse-temurin:21.0.8_9-jre-noble", Weight.SLIM),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9.6", Weight.SLIM),
        ("mcr.microsoft.com/dotnet/aspnet:10.0", Weight.SLIM),
        ("nvidia/cuda:13.0.1-runtime-ubuntu24.04", Weight.SLIM),
        ("nginx:1.29", Weight.SLIM),
        ("prom/prometheus:v3.5.0", Weight.SLIM),
        ("python:3.14", Weight.FULL),
        ("debian:13", Weight.FULL),
        ("debian:13-slim", Weight.SLIM),
        ("eclipse-temurin:21", Weight.FULL),
        ("eclipse-temurin:21-jdk-alpine", Weight.FULL),
        ("golang:1.25-alpine", Weight.FULL),
        ("maven:3.9-eclipse-temurin-21-alpine", Weight.FULL),
        ("mcr.microsoft.com/dotnet/sdk:10.0-alpine", Weight.FULL),
        ("nvidia/cuda:13.0.1-devel-ubuntu24.04", Weight.FULL),
        ("registry.access.redhat.com/ubi9/ubi:9.6", Weight.FULL),
        ("mcr.microsoft.com/windows/servercore:ltsc2025", Weight.FULL),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2025", Weight.SLIM),
        ("registry.example.com/bases/python:3.14-slim", Weight.SLIM),
        ("acme/app:1", None),
    ],
)
def test_how_much_a_base_brings_along(base: str, weight: Weight | None) -> None:
    assert weight_of(image(base)) == weight


@pytest.mark.parametrize(
    ("base", "environment"),
    [
        ("mcr.microsoft.com/dotnet/aspnet:8.0", {"APP_UID": "1654"}),
        ("mcr.microsoft.com/dotnet/nightly/runtime-deps:10.0-noble", {"APP_UID": "1654"}),
        ("mcr.microsoft.com/dotnet/aspnet:7.0", {}),
        ("debian:13", {}),
    ],
)
def test_the_user_that_dotnet_gives_a_number(base: str, environment: dict[str, str]) -> None:
    assert environment_of(image(base)) == environment
