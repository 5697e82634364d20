"""What a report shows of the values that stand in a tree: cut where they are long, and no credential among them.

A report is pasted into tickets and kept by pipelines, while what it quotes may hold a password in plain text.
"""

from __future__ import annotations

import re
from typing import Any

from readycheck.model import Unresolved

HIDDEN = "(not shown)"
_LONGEST_SEEN = 200
_MOST_SEEN = 20

_CREDENTIAL_NAME = r"(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
_CREDENTIAL = re.compile(
    rf"""({_CREDENTIAL_NAME}["']?(?:\s*=\s*|\s*:\s+|(?<=["'])\s*:\s*))(?!\{{|\[|true\b|false\b|null\b|\$\()\S.*""",
    re.IGNORECASE,
)
_CREDENTIAL_KEY = re.compile(rf"{_CREDENTIAL_NAME}\Z", re.IGNORECASE)
_CREDENTIAL_ANYWHERE = re.compile(_CREDENTIAL_NAME, re.IGNORECASE)
# Of a variable, as manifests write it: `- name: DB_PASSWORD`, and its value on a line of its own.
_VALUE_LINE = re.compile(r"^[-+ ][\s-]*[\"']?value[\"']?\s*[:=]", re.MULTILINE | re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)")


def shorten(seen: Any) -> Any:
    """What was seen, cut where it is long: evidence shows, it does not copy."""
    if isinstance(seen, str):
        text = without_credentials(str(seen))
        return text if len(text) <= _LONGEST_SEEN else text[:_LONGEST_SEEN] + "…"
    if isinstance(seen, dict):
        return {str(key): _entry(seen, key) for key in list(seen)[:_MOST_SEEN]}
    if isinstance(seen, list):
        return [shorten(item) for item in seen[:_MOST_SEEN]]
    return seen


def _entry(seen: dict[Any, Any], key: Any) -> Any:
    value = seen[key]
    # An environment variable is `name` and `value`.
    secret = (key == "value" and "name" in seen) or _CREDENTIAL_KEY.search(str(key))
    if isinstance(value, Unresolved):
        # Where a value will come from is no credential, and asking what it is has no answer.
        return shorten(value)
    return HIDDEN if secret and value and not isinstance(value, (bool, dict, list)) else shorten(value)


def without_credentials(text: str) -> str:
    """A text without what follows the name of a credential, and without the passwords of URLs."""
    # Most of what is seen is short and names nothing.
    if "=" not in text and ":" not in text:
        return text
    return _URL_PASSWORD.sub(rf"\1{HIDDEN}", _CREDENTIAL.sub(rf"\1{HIDDEN}", text))


def showable(diff: str) -> str:
    """A unified diff that can stand in a report; "" where a line of it may hold a credential.

    What stands around a change is shown with it: the value of a variable that is named beside it too. `readycheck fix`
    prints such a diff.
    """
    may_hold = _VALUE_LINE.search(diff) is not None and _CREDENTIAL_ANYWHERE.search(diff) is not None
    return "" if may_hold or without_credentials(diff) != diff else diff
