"""Regular expressions of Go, which SOPS matches keys and paths with.

RE2 reads the same syntax (Go's regexp/syntax package says so of itself) and takes time that grows with the text alone,
where Python's `re` knows neither `((?i)pass)` nor `[[:alpha:]]` and can be kept busy for ever by a scanned tree.
"""

from __future__ import annotations

from functools import lru_cache


class UnreadableRegex(Exception):  # noqa: N818 - a fault of what is read, not of the program
    """An expression cannot be read.

    Args:
        reason: why, for people; continues a sentence that starts with the expression.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GoRegex:
    """An expression, ready to match.

    Args:
        expression: the expression as Go would compile it.

    Raises:
        UnreadableRegex: Go would refuse it.
    """

    def __init__(self, expression: str) -> None:
        import re2  # noqa: PLC0415 - a tenth of the start, for what few scans have

        self.expression = expression
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(expression, options)
        except re2.error as error:
            detail = error.args[0]
            reason = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
            raise UnreadableRegex(f"is no regular expression of Go: {reason}") from error
        self.matches = lru_cache(maxsize=4096)(self._matches)

    def _matches(self, text: str) -> bool:
        """Whether the expression matches anywhere in a text."""
        return self._compiled.search(text) is not None
