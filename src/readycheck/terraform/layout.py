"""What the names of folders and files say: which folder is an environment's, a template, or an example."""

from __future__ import annotations

import re

_ENVIRONMENT = frozenset(
    [
        *("acc", "acceptance", "demo", "dev", "develop", "development", "dr", "int", "integration", "lab", "live"),
        *("nonprod", "perf", "performance", "playground", "preprod", "preproduction", "preview", "prd", "prod"),
        *("production", "qa", "sandbox", "sbx", "sit", "stage", "staging", "stg", "test", "testing", "uat"),
    ]
)
_OF_ENVIRONMENTS = frozenset(["env", "envs", "environment", "environments", "stages", "live"])
_SEPARATOR = re.compile(r"[-_. ]+")
_TEMPLATE = re.compile(
    r"(?:^|.*[-_.])(?:templates?|tmpl|tpl|skeleton|scaffold|boilerplate|blueprint)(?:$|[-_.].*)", re.IGNORECASE
)
_EXAMPLE = frozenset(["example", "examples", "test", "tests", "fixtures", "fixture", "e2e", "wrappers"])
_MODULE = frozenset(["modules", "module"])

# Files that say nothing of what an environment consists of.
_BESIDE = re.compile(
    r"\..*|README.*|.*\.md|LICENSE.*|CODEOWNERS|OWNERS|.*\.tfstate(?:\..*)?|(?:.*\.)?(?:tf)?plan(?:\.out|\.json)?|crash.*\.log",
    re.IGNORECASE,
)


def is_environment_name(name: str) -> bool:
    """Whether a name is that of an environment, alone or among others: `prod`, `eu-west-1-staging`.

    Args:
        name: the name of a folder, or of a file without its suffix.
    """
    words = (word.rstrip("0123456789") for word in _SEPARATOR.split(name.lower()))
    return not _ENVIRONMENT.isdisjoint(words)


def holds_environments(name: str) -> bool:
    """Whether a folder is called after the environments in it: `envs`, `live`."""
    return name.lower() in _OF_ENVIRONMENTS


def is_template_name(name: str) -> bool:
    """Whether a folder is called a template: `template`, `_template`, `env-template`."""
    return _TEMPLATE.fullmatch(name) is not None


def is_example(folder: str) -> bool:
    """Whether a folder holds an example or a test, by its path."""
    return not _EXAMPLE.isdisjoint(folder.lower().split("/")[:-1]) or folder.lower().rpartition("/")[2] in (
        _EXAMPLE - {"test"}
    )


def is_module_path(folder: str) -> bool:
    """Whether a folder stands below one of modules, by its path."""
    return not _MODULE.isdisjoint(folder.lower().split("/"))


def counts(name: str) -> bool:
    """Whether a file is a part of what an environment consists of: no lock file, state or readme.

    Args:
        name: the name of the file.
    """
    return _BESIDE.fullmatch(name) is None


def without_environment(name: str, environment: str) -> str:
    """A file's name with that of its environment left open, so that `dev.tfvars` and `prod.tfvars` are alike.

    Args:
        name: the path of the file below its environment's folder.
        environment: the name of that folder.
    """
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])", "<environment>", name)
