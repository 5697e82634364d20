"""What is known of base images: how much they bring along, and whom they run as.

A table of November 2026, from the images' own Dockerfiles and pages: Docker's official images, distroless, Chainguard,
Red Hat's UBI, Microsoft's .NET, Bitnami and others that many Dockerfiles start from. What it does not know is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto

from readycheck.kubernetes.image import DOCKER_HUB, ImageReference


class Weight(Enum):
    """How much a base image brings along besides what runs the program."""

    EMPTY = auto()
    """Nothing: scratch."""
    STATIC = auto()
    """Certificates and time zones, perhaps libc: distroless and the like, no shell and no package manager."""
    SMALL = auto()
    """A small distribution with a shell: Alpine, BusyBox."""
    SLIM = auto()
    """What a runtime needs: `-slim`, `-alpine`, `-jre`, minimal variants, servers."""
    DEBUG = auto()
    """Distroless with a shell put back in."""
    FULL = auto()
    """A whole distribution, or a language with its compilers."""


_DISTRIBUTIONS = frozenset(
    {
        "almalinux",
        "amazonlinux",
        "archlinux",
        "buildpack-deps",
        "centos",
        "debian",
        "fedora",
        "kalilinux/kali-rolling",
        "opensuse/leap",
        "opensuse/tumbleweed",
        "oraclelinux",
        "photon",
        "redhat/ubi8",
        "redhat/ubi9",
        "redhat/ubi10",
        "rockylinux",
        "ubuntu",
    }
)
_LANGUAGES = frozenset(
    {
        "amazoncorretto",
        "clojure",
        "composer",
        "dart",
        "denoland/deno",
        "eclipse-temurin",
        "elixir",
        "erlang",
        "gcc",
        "golang",
        "gradle",
        "groovy",
        "haskell",
        "ibm-semeru-runtimes",
        "ibmjava",
        "julia",
        "maven",
        "node",
        "openjdk",
        "oven/bun",
        "perl",
        "php",
        "pypy",
        "python",
        "r-base",
        "ruby",
        "rust",
        "sapmachine",
        "sbtscala/scala-sbt",
        "swift",
        "swipl",
    }
)
_JDKS = frozenset({"amazoncorretto", "eclipse-temurin", "ibm-semeru-runtimes", "ibmjava", "openjdk", "sapmachine"})
TOOLCHAINS = frozenset({"gcc", "golang", "gradle", "haskell", "maven", "rust", "sbtscala/scala-sbt", "buildpack-deps"})
"""Images that are there to build with."""
_SERVERS = frozenset(
    {
        "adminer",
        "caddy",
        "cassandra",
        "consul",
        "couchdb",
        "drupal",
        "eclipse-mosquitto",
        "elasticsearch",
        "flink",
        "ghost",
        "haproxy",
        "httpd",
        "influxdb",
        "jetty",
        "joomla",
        "kong",
        "logstash",
        "kibana",
        "mariadb",
        "matomo",
        "memcached",
        "mongo",
        "mysql",
        "nats",
        "neo4j",
        "nextcloud",
        "nginx",
        "postgres",
        "rabbitmq",
        "redis",
        "registry",
        "solr",
        "sonarqube",
        "storm",
        "telegraf",
        "tomcat",
        "traefik",
        "valkey/valkey",
        "vault",
        "varnish",
        "wordpress",
        "zookeeper",
    }
)
_ROOT_UNLESS_SAID = _DISTRIBUTIONS | (_LANGUAGES - {"groovy"}) | {"alpine", "busybox"}
# Official images whose own Dockerfile ends as another user (docker-library).
_OFFICIAL_USERS = {
    "adminer": "adminer",
    "elasticsearch": "elasticsearch",
    "flink": "root",
    "fluentd": "fluent",
    "groovy": "groovy",
    "haproxy": "haproxy",
    "jetty": "jetty",
    "kibana": "kibana",
    "kong": "kong",
    "logstash": "logstash",
    "memcached": "memcache",
    "solr": "solr",
    "sonarqube": "sonarqube",
    "varnish": "varnish",
}
# The beginning of a repository, what stands in the tag, and the user that the image's own Dockerfile ends as.
_OTHER_USERS = (
    ("cgr.dev/chainguard/wolfi-base", "", "root"),
    ("cgr.dev/chainguard/", "", "nonroot"),
    ("docker.io/bitnami/minideb", "", "root"),
    ("docker.io/bitnami/", "", "1001"),
    ("docker.io/bitnamilegacy/", "", "1001"),
    ("docker.io/bitnamisecure/", "", "1001"),
    ("docker.io/continuumio/", "", "root"),
    ("docker.io/curlimages/curl", "", "curl_user"),
    ("docker.io/denoland/deno", "", "root"),
    ("docker.io/apache/kafka", "", "appuser"),
    ("docker.io/envoyproxy/envoy", "distroless", "nonroot"),
    ("docker.io/envoyproxy/envoy", "", "root"),
    ("docker.io/grafana/grafana", "", "472"),
    ("docker.io/grafana/k6", "", "12345"),
    ("docker.io/grafana/loki", "", "10001"),
    ("docker.io/grafana/promtail", "", "root"),
    ("docker.io/grafana/tempo", "", "10001"),
    ("docker.io/jenkins/jenkins", "", "jenkins"),
    ("docker.io/nginxinc/nginx-unprivileged", "", "nginx"),
    ("docker.io/nvidia/cuda", "", "root"),
    ("docker.io/openresty/openresty", "", "root"),
    ("docker.io/phusion/baseimage", "", "root"),
    *(
        (f"docker.io/prom/{name}", "", "nobody")
        for name in ("alertmanager", "node-exporter", "prometheus", "pushgateway")
    ),
    ("docker.io/pytorch/pytorch", "", "root"),
    ("docker.io/tensorflow/tensorflow", "", "root"),
    ("gcr.io/distroless/", "nonroot", "nonroot"),
    ("gcr.io/distroless/", "", "root"),
    ("ghcr.io/astral-sh/uv", "", "root"),
    ("mcr.microsoft.com/dotnet/", "chiseled", "app"),
    ("mcr.microsoft.com/dotnet/", "distroless", "app"),
    ("mcr.microsoft.com/azurelinux/", "nonroot", "nonroot"),
    ("mcr.microsoft.com/azurelinux/", "", "root"),
    ("mcr.microsoft.com/cbl-mariner/", "", "root"),
    ("mcr.microsoft.com/dotnet/", "", "root"),
    ("mcr.microsoft.com/windows/nanoserver", "", "ContainerUser"),
    ("mcr.microsoft.com/windows", "", "ContainerAdministrator"),
    ("mcr.microsoft.com/openjdk/", "", "root"),
    ("public.ecr.aws/amazonlinux/", "", "root"),
    ("public.ecr.aws/lambda/", "", "root"),
    ("quay.io/keycloak/keycloak", "", "1000"),
    *((f"quay.io/prometheus/{name}", "", "nobody") for name in ("alertmanager", "node-exporter", "prometheus")),
)
# What Windows' own images run as, whatever was put on them.
_WINDOWS_USERS = {"nanoserver": "ContainerUser", "windowsservercore": "ContainerAdministrator"}
# Red Hat's language images run as 1001, the bare ones as root.
_UBI_RUNTIME = re.compile(
    r"registry\.(?:access\.)?redhat\.com/ubi\d+/(?:openjdk|nodejs|python|ruby|php|go-toolset|httpd|nginx|perl)"
)
_UBI = re.compile(r"registry\.(?:access\.)?redhat\.com/ubi\d*(?:/ubi\d*)?(?:-minimal|-micro|-init)?$")
_SLIM_TAG = re.compile(r"(?:^|[-_.])(?:slim|alpine|jre|minimal|micro|runtime|chiseled|distroless|noble-chiseled|musl)")
_JDK_TAG = re.compile(r"(?:^|[-_.\d])(?:jdk|sdk)")
_STATIC = re.compile(
    r"gcr\.io/distroless/|distroless\.dev/|cgr\.dev/chainguard/(?!wolfi-base|busybox)|mcr\.microsoft\.com/[\w-]+/distroless/"
)
_SMALL = frozenset({"alpine", "busybox", "bitnami/minideb", "frolvlad/alpine-glibc"})
_WOLFI = re.compile(r"cgr\.dev/chainguard/(?:wolfi-base|busybox)")
_SLIM = re.compile(
    r"registry\.(?:access\.)?redhat\.com/ubi\d*[-/].*(?:minimal|micro|runtime)|mcr\.microsoft\.com/dotnet/(?:runtime|aspnet)"
    r"|mcr\.microsoft\.com/windows/nanoserver|docker\.io/(?:apache/kafka|envoyproxy/envoy)$"
    r"|docker\.io/(?:grafana|prom)/|quay\.io/(?:prometheus/|keycloak/keycloak$)"
    r"|docker\.io/nginxinc/nginx-unprivileged$|docker\.io/openresty/openresty$"
    r"|docker\.io/bitnami(?:legacy|secure)?/|public\.ecr\.aws/lambda/"
)
_FULL = re.compile(
    r"mcr\.microsoft\.com/dotnet/sdk|mcr\.microsoft\.com/(?:openjdk|azurelinux|cbl-mariner)/"
    r"|mcr\.microsoft\.com/windows(?:/server|/servercore)?(?:/|$)"
    r"|registry\.(?:access\.)?redhat\.com/ubi\d+|public\.ecr\.aws/amazonlinux/"
    r"|docker\.io/(?:nvidia/cuda|pytorch/pytorch|tensorflow/tensorflow|continuumio/(?:ana|mini)conda3?|phusion/baseimage)$"
)


def weight_of(image: ImageReference) -> Weight | None:
    """How much a base brings along; None where the table does not know it."""
    repository, name, tag = _repository(image), _name(image), image.tag or ""
    if _STATIC.match(repository):
        return Weight.DEBUG if "debug" in tag else Weight.STATIC
    if name in _SMALL or _WOLFI.match(repository):
        return Weight.SMALL
    if brings_build_tools(image):
        return Weight.FULL
    if _SLIM.match(repository) or _SLIM_TAG.search(tag):
        return Weight.SLIM
    if name in _SERVERS:
        return Weight.SLIM
    return Weight.FULL if _known(name, repository) else None


def brings_build_tools(image: ImageReference) -> bool:
    """Whether an image has a compiler in it by what it is called, in however small a variant: a toolchain, a JDK."""
    name, tag = _name(image), image.tag or ""
    if is_toolchain(image) or (name in _JDKS and not _SLIM_TAG.search(tag)):
        return True
    return _known(name, _repository(image)) and _JDK_TAG.search(tag) is not None


def brings_a_runtime(image: ImageReference) -> bool:
    """Whether an image is there to run programs of its language, which no static binary needs: python, node, a JRE."""
    return _name(image) in _LANGUAGES - TOOLCHAINS


def is_toolchain(image: ImageReference) -> bool:
    """Whether an image is there to build with."""
    return _name(image) in TOOLCHAINS or "dotnet/sdk" in image.path or "go-toolset" in image.path


def user_of(image: ImageReference) -> str | None:
    """Whom a base runs as: a name or a number; None where the table does not know it."""
    repository, name, tag = _repository(image), _name(image), image.tag or ""
    for mark, user in _WINDOWS_USERS.items():
        if mark in tag:
            return user
    for beginning, mark, user in _OTHER_USERS:
        if repository.startswith(beginning) and mark in tag:
            return user
    if _UBI_RUNTIME.match(repository):
        return "1001"
    if _UBI.match(repository):
        return "root"
    if name in _OFFICIAL_USERS:
        return _OFFICIAL_USERS[name]
    return "root" if name in _ROOT_UNLESS_SAID or name in _SERVERS else None


_APP_UID_SINCE = 8


def environment_of(image: ImageReference) -> Mapping[str, str]:
    """The variables that a base sets for those who build on it to name its user by (.NET's images, from version 8)."""
    if not _repository(image).startswith("mcr.microsoft.com/dotnet/"):
        return {}
    version = re.match(r"\d+", image.tag or "")
    return {"APP_UID": "1654"} if version is None or int(version[0]) >= _APP_UID_SINCE else {}


def _known(name: str, repository: str) -> bool:
    return name in _DISTRIBUTIONS or name in _LANGUAGES or _FULL.match(repository) is not None


def _repository(image: ImageReference) -> str:
    return f"{image.registry}/{image.path}"


def _name(image: ImageReference) -> str:
    """What Docker Hub calls an image, also where a mirror serves it; "" for what is no image of Docker Hub."""
    if image.registry == DOCKER_HUB:
        return _OF_ONE_ARCHITECTURE.sub("", image.path)
    mirrored = _MIRRORS.match(_repository(image))
    return mirrored[1] if mirrored else ""


# Docker's official images as they are built for one architecture alone.
_OF_ONE_ARCHITECTURE = re.compile(
    r"^(?:library|amd64|arm32v[567]|arm64v8|i386|mips64le|ppc64le|riscv64|s390x|winamd64)/"
)
# Amazon's, Google's and GitLab's copies of Docker's official images.
_MIRRORS = re.compile(
    r"(?:public\.ecr\.aws/docker/library|mirror\.gcr\.io(?:/library)?|registry\.hub\.docker\.com(?:/library)?)/(.+)"
)
