"""What stands where a secret would, and is none: references, dummies, nothing; and the places that hold examples."""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from readycheck.model import Unresolved


class Stand(Enum):
    """What a value is, as far as it shows."""

    NOTHING = auto()
    """Empty, or a word that says so."""
    REFERENCE = auto()
    """Names where the secret is kept: it is put in later."""
    CIPHERTEXT = auto()
    """Encrypted by something that shows in the text."""
    DUMMY = auto()
    """Says that something is still to be filled in."""
    LITERAL = auto()
    """The value itself."""


def stand_of(value: object) -> Stand:
    """What a value is that stands where a secret would."""
    if isinstance(value, Unresolved):
        return Stand.REFERENCE
    if value is None or isinstance(value, bool):
        return Stand.NOTHING
    text = str(value).strip()
    if text.lower() in _NOTHING:
        return Stand.NOTHING
    if _CIPHERTEXT.match(text):
        return Stand.CIPHERTEXT
    if _REFERENCE.match(text) or _HOLDS_REFERENCE.search(text):
        return Stand.REFERENCE
    return Stand.DUMMY if _DUMMY.match(text) else Stand.LITERAL


_NOTHING = frozenset({"", "null", "nil", "none", "n/a", "na", "-", "~", "undefined", "unset", "empty", "false", "true"})
_CIPHERTEXT = re.compile(
    r"ENC\[(?:AES256_GCM|PKCS7|GPG|KMS)\b|\$ANSIBLE_VAULT;|\{cipher\}|-----BEGIN PGP MESSAGE-----|"
    r"-----BEGIN AGE ENCRYPTED FILE-----|age-encryption\.org/v1|Salted__|vault:v\d+:"
)
# Argo CD Vault plugin, vals (Helmfile, kustomize), Bank-Vaults, 1Password, the secret managers of the clouds, Grafana,
# mounted files.
_REFERENCE = re.compile(
    r"<path:[^>]+>|(?:secret)?ref\+\w+://|vault:[\w.-]+/|>>vault:|op://|akv://|(?:aws)?sm://|ssm://|gcpsm://|awssecret|"
    r"arn:aws[\w-]*:(?:secretsmanager|ssm):|projects/[^/]+/secrets/|@Microsoft\.KeyVault\(|\$__(?:file|env|vault)\{|"
    r"(?:file://)?/(?:run/secrets|var/run|etc|vault|mnt|opt|secrets?|tmp|home)/[\w./-]+\Z|(?:env|file|secret)(?::/?/?|\()[\w./-]+\)?\Z",
    re.IGNORECASE,
)
_HOLDS_REFERENCE = re.compile(
    r"\$\{[^}]+\}|\{\{.*?\}\}|\{%|(?<![\w$])\$\([^()]*\)|\A`[^`]+`\Z|\A\$[A-Za-z_]\w*\Z|"
    r"<%=|#\{[^}]+\}|\A%\(?\w+\)?[s%]\Z|\A\$\w+\$\Z|"
    # Caddy, OpenCode, format strings; tags of Home Assistant and Recyclarr; what a script of one's own replaces.
    r"\A\{(?:\$|env[:.])?\w+\}\Z|\A![\w.-]+\s+\S+\Z|\A(?:<<|\[\[|@@?|__|%%)[A-Z][A-Z0-9_]*(?:>>|\]\]|@@?|__|%%)\Z|\A%s\Z|"
    # Positional parameters, LiteLLM, Cloud Foundry and Concourse.
    r"\A\$[\d@*]\Z|\Aos\.environ/\w+\Z|\A\(\([\w.:-]+\)\)\Z",
    re.DOTALL,
)
_DUMMY = re.compile(
    r"""(?:
      <[^<>]*> | .*x{8,}.* | \[[A-Za-z][\w -]*\] | \.{2,} | [*•x?#_-]{3,} | 0{6,} |
      (?:please[\s_-]*)? (?:change|replace|update|edit|fill|set|insert|enter|add|put|override|define|configure)
        [\s_-]* (?:me|this|it|in|with|by|to|your|here|before) \b.* |
      (?:please[\s_-]*)? change[\s_-]*in[\s_-]*prod\w* |
      (?:change|replace|fill|set|insert)me\d* |
      (?:change|replace|enter)[\s_-]?(?:the[\s_-]?)?(?:user\w*|pass\w*|secret|token|key) |
      my[\s_-](?:super[\s_-])?(?:secret[\s_-]?)?(?:pass\w*|pwd|secret|token|key) |
      your[\s_-] [\w\s.-]* (?:pass\w*|pwd|secret|token|key|credential\w*|value|id|here)\w* [\w\s.-]* |
      your\w*(?:here|password|token|secret|key) |
      (?:to[\s_-]*do|tbd|fix[\s_-]*me|dummy|placeholder|redacted|omitted|masked|removed|hidden|sanitized|
        example|sample|fake|foo|bar|baz|foobar|lorem|ipsum|secret-?value|some[\s_-](?:password|secret|token|key|value))
        (?:[\s_:.-].*)? |
      .* [\s_-] (?:placeholder|goes[\s_-]here|here|changeme|change[_-]me|dummy|replace[_-]me)
    )\Z""",
    re.IGNORECASE | re.VERBOSE,
)


@lru_cache(maxsize=1 << 16)
def example_of(uri: str) -> str | None:
    """What a file is, by its path, that holds no values in use: `a template`, `an example`, `a test`; None for others.

    A chart's `templates` are no templates in this sense: they are what is applied.
    """
    *folders, name = uri.lower().split("/")
    if _TEST_PATH.search(uri):
        return "a test"
    for kind, in_name, folder in _PLACES:
        if in_name.search(name) or any(folder.match(each) for each in folders):
            return kind
    return None


# Java's and others' tests, and the values that chart-testing installs a chart with. A folder that is called `test` and
# no more may be an environment.
_TEST_PATH = re.compile(
    r"(?:^|/)(?:src/test/|test/(?:data|e2e|fixtures|integration|manifests|resources|unit)/|ci/[^/]*values\.ya?ml\Z)"
)
_PLACES = (
    (
        "a template",
        re.compile(r"(?:^|[._-])(?:template|tmpl|tpl|tftpl|dist|j2)(?:[._-]|$)"),
        re.compile(r"[_.-]?template$|.*[_-]template$|template[_-]|skeleton$|boilerplate$|cookiecutter"),
    ),
    (
        "an example",
        re.compile(r"(?:^|[._-])(?:examples?|samples?|default-env)(?:[._-]|$)"),
        re.compile(r"(?:.*[_-])?(?:examples?|samples?|docs?|tutorials?)(?:[_-].*)?$"),
    ),
    (
        "a test",
        # `values-test.yaml` and `envs/test` are of an environment.
        re.compile(r"^test_|_test\.|\.(?:test|spec)\.|(?:^|[._-])(?:fixtures?|mock|e2e)(?:[._-]|$)"),
        re.compile(r"(?:.*[_-])?(?:tests|__tests__|spec|fixtures?|testdata|mocks?|e2e)$"),
    ),
)
