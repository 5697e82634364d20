"""Which files are read that are no manifests: what a file's name and text say that it is, and what parses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from msgspec import Struct

from readycheck.documents.alloy import parse_alloy
from readycheck.documents.dependencies import is_dependency_list, names_testcontainers, parse_dependencies
from readycheck.documents.dockerfile import parse_dockerfile
from readycheck.documents.hcl import parse_hcl, parse_hcl_json, parse_tfvars
from readycheck.documents.json import parse_json, parse_json_without_places
from readycheck.documents.makefile import parse_makefile
from readycheck.documents.script import parse_script
from readycheck.documents.trivyignore import parse_trivyignore
from readycheck.documents.yaml import Document, Fault, parse
from readycheck.images.trivy import TRIVY_REPORT
from readycheck.images.waivers import TRIVY_IGNORE, VEX
from readycheck.pipelines.pipeline import KIND as PIPELINE
from readycheck.pipelines.pipeline import READERS
from readycheck.sources.files import secret_files
from readycheck.sources.files.secret_files import SECRET_FILE

CONFIG_FILE = "ConfigFile"
"""A YAML document that is neither a Kubernetes object nor any other kind here."""


def _always(text: str) -> bool:
    del text
    return True


class Artefact(Struct, frozen=True, eq=False):
    """A kind of file.

    Args:
        kind: the kind of the resources that it becomes.
        matches: whether a path from the scan root may be one; asked of every file, so it looks at the name alone.
        parse: reads the text.
        claims: whether a text is one after all, where the name does not tell; a look at a few characters.
        apart: whether it is nothing else: False where it may be a manifest too.
        begins: what its first bytes are like, for kinds whose files have any name: others are not read further.
        placed: whether what is read knows where its parts stand: False where that is found when somebody asks.
        endings: what the names of its files have behind their last dot, "" where they have none; nothing where that may
            be anything. It spares most files the question whether they match.
    """

    kind: str
    matches: Callable[[str], object]
    parse: Callable[[str], tuple[Sequence[Document], Sequence[Fault]]]
    claims: Callable[[str], bool] = _always
    apart: bool = True
    begins: re.Pattern[bytes] | None = None
    placed: bool = True
    endings: tuple[str, ...] = ()


_YAML = ("yaml", "yml")
_REPORTS = ("json", "sarif")


def _paths(expression: str, *, holding: str) -> Callable[[str], object]:
    """Asks whether a path is one of some; of most it is enough that they do not hold what all of these hold.

    Args:
        expression: what the paths look like.
        holding: the text that stands in each of them.
    """
    search = re.compile(expression).search
    return lambda uri: holding in uri and search(uri)


# `Dockerfile.dockerignore` is an ignore file, `Dockerfile.md` and the like speak of one.
_NO_DOCKERFILE = (
    "dockerignore|containerignore|md|adoc|rst|j2|jinja2?|tmpl|tpl|template|gotmpl|hbs|mustache|erb|bak|orig"
)
_is_dockerfile = _paths(
    rf"(?:^|/)(?:(?:[Dd]ockerfile|Containerfile)(?:\.(?!(?:[\w.-]+\.)?(?:{_NO_DOCKERFILE})$)[\w.-]+)?"
    r"|[\w.-]+\.(?:[Dd]ockerfile|[Cc]ontainerfile))$",
    holding="erfile",
)
_is_compose = _paths(r"(?:^|/)(?:docker-compose[\w.-]*|compose(?:[._-][\w.-]+)?)\.ya?ml$", holding="compose")
# `Makefile.am` and `Makefile.in` are what a Makefile is made from, `makefile.py` is a module of that name.
_NO_MAKEFILE = "am|in|md|j2|tmpl|py|go|js|ts|rs|rb|java|html?|rst|txt|json|ya?ml"
_MAKEFILE = re.compile(rf"(?:^|/)(?:(?:GNU)?[Mm]akefile(?:\.(?!(?:{_NO_MAKEFILE})$)[\w-]+)?|[\w.-]+\.mk)$")
_README = re.compile(r"(?:^|/)README(?:\.md|\.markdown)?$", re.IGNORECASE)
_SHELL_FILE = re.compile(r"\.(?:sh|bash)$")
_NO_SUFFIX = re.compile(r"(?:^|/)[^./]+$")
_SHEBANG = re.compile(rb"#!\s*/\S*?(?:/env\s+(?:-S\s+)?)?(?:ba|da|a|z|k)?sh\b")
_is_action = _paths(r"(?:^|/)action\.ya?ml$", holding="action.")
_RUNS = re.compile(r"^runs:", re.MULTILINE)

# Tests of Terraform and Packer's templates describe no infrastructure.
_HCL = re.compile(r"(?:(?:\.tf|\.tofu)|(?<!\.tftest)(?<!\.tofutest)(?<!\.pkr)\.hcl)$")
_HCL_JSON = re.compile(r"\.(?:tf|tofu)\.json$")
_ALLOY = re.compile(r"\.(?:alloy|river)$")
# Fluent Bit's and Fluentd's own syntax, and Vector's TOML.
_COLLECTOR = re.compile(r"(?:^|/)(?:(?:fluent|td-agent)[\w.-]*\.conf|vector[\w.-]*\.toml)$")
# What Trivy and the makers of VEX documents write first, or comes first where a tool has sorted the keys. Any text of
# UTF-16 is looked at: Windows' shell writes that.
_REPORT_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*\{\s*\"(?:SchemaVersion|Artifact(?:ID|Name|Type)|ClusterName|CreatedAt|version|\$schema|runs|@context"
    rb"|bomFormat)\"|\xff\xfe\{|\xfe\xff\x00\{"
)
_REPORT_NAME = re.compile(r"\.(?:json|sarif)$")
_SCHEMA = re.compile(r'"SchemaVersion"\s*:\s*2\b')
_TRIVY = re.compile(r'"name"\s*:\s*"Trivy"')
_IGNORE_NAME = re.compile(r"\.trivyignore$")
_IGNORE_YAML_NAME = re.compile(r"\.trivyignore\.ya?ml$")


def _is_trivy_report(text: str) -> bool:
    if '"runs"' in text:
        return _TRIVY.search(text) is not None
    if '"ClusterName"' in text:
        return '"Resources"' in text or '"Findings"' in text
    return '"ArtifactName"' in text and _SCHEMA.search(text) is not None


def _is_vex(text: str) -> bool:
    return "openvex.dev/ns" in text or ('"CycloneDX"' in text and '"vulnerabilities"' in text and '"analysis"' in text)


TRIVY_REPORT_FILE = Artefact(
    TRIVY_REPORT,
    _REPORT_NAME.search,
    parse_json_without_places,
    _is_trivy_report,
    begins=_REPORT_START,
    placed=False,
    endings=_REPORTS,
)
ARTEFACTS: tuple[Artefact, ...] = (
    Artefact("SopsConfig", secret_files.is_sops_config, partial(parse, templated=False), endings=_YAML),
    Artefact(
        SECRET_FILE,
        secret_files.is_yaml,
        secret_files.parse_encrypted_yaml,
        secret_files.is_encrypted,
        apart=False,
        endings=_YAML,
    ),
    Artefact(
        SECRET_FILE,
        secret_files.is_json,
        secret_files.parse_encrypted_json,
        secret_files.is_encrypted,
        apart=False,
        endings=("json",),
    ),
    Artefact(
        SECRET_FILE, secret_files.is_ini, secret_files.parse_encrypted_ini, secret_files.is_encrypted, endings=("ini",)
    ),
    Artefact(SECRET_FILE, secret_files.is_env_file, secret_files.parse_env),
    Artefact(SECRET_FILE, secret_files.is_tfvars, parse_tfvars, secret_files.is_plain, endings=("tfvars",)),
    Artefact(SECRET_FILE, secret_files.is_tfvars_json, parse_json, secret_files.is_plain, endings=("json",)),
    Artefact(
        SECRET_FILE,
        secret_files.is_values_file,
        secret_files.parse_values,
        secret_files.is_plain,
        apart=False,
        endings=_YAML,
    ),
    Artefact(
        SECRET_FILE,
        secret_files.is_named_encrypted,
        secret_files.parse_named_encrypted,
        secret_files.is_plain,
        apart=False,
    ),
    Artefact(
        SECRET_FILE,
        secret_files.may_be_binary,
        secret_files.parse_encrypted_json,
        secret_files.is_encrypted,
        begins=secret_files.BINARY_START,
    ),
    TRIVY_REPORT_FILE,
    Artefact(
        VEX,
        _REPORT_NAME.search,
        partial(parse_json, templated=False),
        _is_vex,
        begins=_REPORT_START,
        endings=_REPORTS,
    ),
    Artefact(TRIVY_IGNORE, _IGNORE_NAME.search, parse_trivyignore, endings=("trivyignore",)),
    Artefact(TRIVY_IGNORE, _IGNORE_YAML_NAME.search, partial(parse, templated=False), endings=_YAML),
    Artefact(
        "DependencyList",
        is_dependency_list,
        parse_dependencies,
        names_testcontainers,
        apart=False,
        endings=("", "csproj", "exs", "fsproj", "gradle", "json", "kts", "mod", "props", "toml", "txt", "xml"),
    ),
    Artefact("Dockerfile", _is_dockerfile, parse_dockerfile),
    Artefact("Compose", _is_compose, parse, endings=_YAML),
    Artefact("Makefile", _MAKEFILE.search, parse_makefile),
    Artefact("Readme", _README.search, parse_script),
    Artefact("Script", _SHELL_FILE.search, parse_script, endings=("sh", "bash")),
    Artefact("Script", _NO_SUFFIX.search, parse_script, begins=_SHEBANG, endings=("",)),
    Artefact(
        "Action",
        _is_action,
        partial(parse, templated=False),
        lambda text: bool(_RUNS.search(text)),
        endings=_YAML,
    ),
    Artefact("TerraformFile", _HCL.search, parse_hcl, endings=("tf", "tofu", "hcl")),
    Artefact("TerraformFile", _HCL_JSON.search, parse_hcl_json, endings=("json",)),
    Artefact("AlloyConfig", _ALLOY.search, parse_alloy, endings=("alloy", "river")),
    Artefact("CollectorConfig", _COLLECTOR.search, parse_script, endings=("conf", "toml")),
    *(Artefact(PIPELINE, reader.matches, reader.parse, endings=reader.endings) for reader in READERS),
)


_ANY_ENDING = tuple(artefact for artefact in ARTEFACTS if not artefact.endings)
_BY_ENDING = {
    ending: tuple(artefact for artefact in ARTEFACTS if not artefact.endings or ending in artefact.endings)
    for ending in {ending for artefact in ARTEFACTS for ending in artefact.endings}
}


def artefacts_of(uri: str) -> Iterator[Artefact]:
    """The kinds that a file may be, by its path."""
    _, dot, ending = uri[uri.rfind("/") + 1 :].rpartition(".")
    candidates = _BY_ENDING.get(ending if dot else "", _ANY_ENDING)
    return (artefact for artefact in candidates if artefact.matches(uri))
