"""Files that hold secrets: what SOPS encrypted, in each of its formats, and what holds settings in plain text.

Formats: getsops/sops 3.13, README and stores; the file's extension tells the format, and any other is binary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from readycheck.documents.dotenv import parse_dotenv
from readycheck.documents.ini import parse_ini
from readycheck.documents.json import parse_json
from readycheck.documents.yaml import Document, Fault
from readycheck.model import Map, Seq
from readycheck.secrets.sops import DOCUMENTS, is_ciphertext, leaves, metadata_of
from readycheck.secrets.sops_config import FILE_NAME
from readycheck.sources.files.parsed import parse_once

Read: TypeAlias = tuple[Sequence[Document], Sequence[Fault]]
Parser: TypeAlias = Callable[[str], Read]

SECRET_FILE = "SecretFile"  # noqa: S105 - the name of a kind
BINARY_START = re.compile(rb'\s*\{\s*"data"\s*:\s*"ENC\[AES256_GCM,')
"""How a file begins that SOPS encrypted as a whole, whatever it is called."""

_MARK = "ENC[AES256_GCM,"
_SPELLED_OUT = ("sops:", '"sops"', "lastmodified")
_ENV = re.compile(r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|[^/]*\.env)\Z")
_ENV_OTHERWISE = re.compile(r"\.(?:ya?ml|json|[cm]?[jt]sx?|py|rb|go|php|sh|md|vue)\Z")
_VALUES = re.compile(r"(?:^|/)(?:(?:[^/]*[._-])?values|secrets?)(?:[._-][^/]*)?\.ya?ml\Z")
_TEMPLATES = re.compile(r"(?:^|/)templates/")
_NAMED_ENCRYPTED = re.compile(r"[^/]\.sops\.[^/]+\Z")
# What nobody gives to a file that SOPS encrypted: these files are not even opened.
_SOURCE_CODE = re.compile(
    r"\.(?:avif|bmp|c|cc|cfg|cpp|cs|css|gif|gitignore|go|gz|h|hpp|html?|ico|java|jpe?g|jsx?|kt|lock|lua|md|mdx|mjs|mod"
    r"|mp4|otf|pdf|php|png|proto|py|rb|rs|rst|scss|sh|sql|sum|svg|svelte|swift|tf|tgz|tofu|toml|ts|tsx|ttf|vue|wasm"
    r"|webp|woff2?|xml|zip)\Z"
)


def is_sops_config(uri: str) -> bool:
    """Whether a file says what SOPS does with new files."""
    return uri.rpartition("/")[2] == FILE_NAME


def is_yaml(uri: str) -> bool:
    """Whether a file is YAML by its name, and not SOPS' own configuration."""
    return uri.endswith((".yaml", ".yml")) and not is_sops_config(uri)


def is_json(uri: str) -> bool:
    """Whether a file is JSON by its name."""
    return uri.endswith(".json")


def is_ini(uri: str) -> bool:
    """Whether a file is an INI file by its name."""
    return uri.endswith(".ini")


def is_env_file(uri: str) -> bool:
    """Whether a file sets environment variables: `.env`, `.env.*` and `*.env`."""
    return ".env" in uri and _ENV.search(uri) is not None and _ENV_OTHERWISE.search(uri) is None


def is_values_file(uri: str) -> bool:
    """Whether a file holds the values of a chart, by its name; helm-secrets calls those that are secret `secrets`."""
    named = "values" in uri or "secret" in uri
    return named and _VALUES.search(uri) is not None and not _is_template(uri) and _NAMED_ENCRYPTED.search(uri) is None


def is_named_encrypted(uri: str) -> bool:
    """Whether a file's name says that SOPS encrypted it: `*.sops.*`."""
    return _NAMED_ENCRYPTED.search(uri) is not None and not _is_template(uri) and not is_env_file(uri)


def is_tfvars(uri: str) -> bool:
    """Whether a file sets Terraform variables."""
    return uri.endswith(".tfvars")


def is_tfvars_json(uri: str) -> bool:
    """Whether a file sets Terraform variables in JSON."""
    return uri.endswith(".tfvars.json")


def may_be_binary(uri: str) -> bool:
    """Whether a file of another name may be one that SOPS encrypted as a whole."""
    others = is_yaml(uri) or is_json(uri) or is_ini(uri) or is_env_file(uri)
    return not others and _SOURCE_CODE.search(uri) is None


def is_encrypted(text: str) -> bool:
    """Whether a text shows SOPS' hand: a look that spares parsing."""
    return _MARK in text or (_SPELLED_OUT[2] in text and any(sign in text for sign in _SPELLED_OUT[:2]))


def is_plain(text: str) -> bool:
    """Whether a text shows nothing of SOPS."""
    return not is_encrypted(text)


def parse_encrypted_yaml(text: str) -> Read:
    """The one document of a YAML file that SOPS encrypted, or one of all its documents; none where SOPS did not."""
    return _if_encrypted(*_joined(*parse_once(text)))


def parse_encrypted_json(text: str) -> Read:
    """The object of a JSON file that SOPS encrypted, all of it or by value; none where SOPS did not."""
    return _if_encrypted(*parse_json(text))


def parse_encrypted_ini(text: str) -> Read:
    """The sections of an INI file that SOPS encrypted; none where SOPS did not."""
    return _if_encrypted(*parse_ini(text))


def parse_env(text: str) -> Read:
    """The variables of an environment file, encrypted or not, by value or as a whole."""
    if text.lstrip().startswith("{"):
        return parse_encrypted_json(text)
    return parse_dotenv(text)


def parse_values(text: str) -> Read:
    """The values in a YAML file; none where it holds Kubernetes objects."""
    documents, faults = parse_once(text)
    return _joined([document for document in documents if not _is_object(document.body)], faults)


def parse_named_encrypted(text: str) -> Read:
    """What stands in plain text in a file of any format whose name says that it is encrypted."""
    if text.lstrip().startswith(("{", "[")):
        return parse_json(text)
    documents, faults = parse_once(text)
    if any(isinstance(document.body, Mapping) for document in documents):
        return _joined(documents, faults)
    variables, broken = parse_dotenv(text)
    return ([], []) if broken else (variables, [])


def _is_template(uri: str) -> bool:
    """Whether a file may be a chart's template, which is YAML when it is rendered and not before."""
    return _TEMPLATES.search(uri) is not None


def _if_encrypted(documents: Sequence[Document], faults: Sequence[Fault]) -> Read:
    shown = [document for document in documents if isinstance(document.body, Map) and _shows_sops(document.body)]
    # What else is wrong with a file that is none of SOPS' is for others to say.
    return shown, faults if shown else ()


def _shows_sops(body: Mapping[str, Any]) -> bool:
    return any(metadata_of(part) is not None for part in _parts(body)) or any(
        is_ciphertext(value) for _, value in leaves(body)
    )


def _parts(body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    several = body.get(DOCUMENTS) if len(body) == 1 else None
    return [part for part in several if isinstance(part, Mapping)] if isinstance(several, Seq) else [body]


def _joined(documents: Sequence[Document], faults: Sequence[Fault]) -> Read:
    """One document for each file: a secret file is judged as a whole, and SOPS encrypts it as a whole."""
    mappings = [document for document in documents if isinstance(document.body, Map)]
    if len(mappings) < 2:  # noqa: PLR2004 - several documents start at two
        return mappings, faults
    several = Seq(document.body for document in mappings)
    several.marks = [document.offset for document in mappings]
    body = Map({DOCUMENTS: several})
    body.marks = [mappings[0].offset]
    return [Document(body, mappings[0].offset, mappings[0].line)], faults


def _is_object(body: object) -> bool:
    return isinstance(body, Mapping) and "apiVersion" in body and "kind" in body
