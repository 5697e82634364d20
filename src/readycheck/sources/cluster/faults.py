"""What can go wrong between here and an API server, in words for people."""

from __future__ import annotations

import re
import ssl

_LONGEST_WORDS = 300
_LONG_WORD = re.compile(r"[A-Za-z0-9+_=.-]{40,}")
"""Tokens are long; so is little else that a program says when it fails."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]{40,}")
"""Keys of clouds, which may hold slashes; so do paths."""
_NAMED = re.compile(r"(?i)\b(\w{0,64}?(?:password|passwd|secret|token|access_key)\w{0,64}=)[^\s&;,]+")
_HEADER = re.compile(r"(?i)(authorization: *\w{1,20} +)\S+")
_CREDENTIALS_OF_URL = re.compile(r"(?<=://)\S+@")


class ConnectionFault(Exception):  # noqa: N818 - what it says is what went wrong
    """The API server cannot be asked at all, for a reason that is told to people."""


class Unauthorized(ConnectionFault):
    """The API server does not take the credentials, new ones neither."""


class RequestError(Exception):
    """One request went wrong.

    Args:
        reason: what the API server did, to follow its name.
        status: the HTTP status; 0 where no answer came.
        retry_after: how many seconds the server wants to be left alone; None where it says nothing.
        passing: whether the same request may well work the next moment.
    """

    def __init__(
        self, reason: str, status: int = 0, *, retry_after: float | None = None, passing: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.passing = passing


def shortened(text: str) -> str:
    """One line of something that another program says, without what may be a credential."""
    line = _LONG_WORD.sub("[...]", _CREDENTIALS_OF_URL.sub("", " ".join(text.split())))
    line = _HEADER.sub(r"\1[...]", _NAMED.sub(r"\1[...]", _BASE64.sub(_unless_a_path, line)))
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."


def _unless_a_path(found: re.Match[str]) -> str:
    word = found[0]
    return "[...]" if re.search("[0-9]", word) and re.search("[A-Z]", word) else word


def explain(error: Exception, seconds: float) -> RequestError:
    """What became of a request that got no answer.

    Args:
        error: what the HTTP library raised.
        seconds: how long the request was waited for.
    """
    # Only who has the client gets here.
    from urllib3 import exceptions as of  # noqa: PLC0415

    if isinstance(error, of.ProxyError):
        reason = f"cannot be reached through the proxy: {shortened(str(error.original_error) or str(error))}"
    elif isinstance(error, (of.SSLError, ssl.SSLError)):
        reason = _of_tls(str(error))
    elif isinstance(error, of.NameResolutionError):
        reason = "cannot be found: its host name has no address"
    elif isinstance(error, of.NewConnectionError):
        reason = f"cannot be connected to: {shortened(getattr(error.__cause__, 'strerror', None) or str(error))}"
    elif isinstance(error, of.ConnectTimeoutError):
        reason = "cannot be connected to: nobody answers there"
    elif isinstance(error, (of.ReadTimeoutError, TimeoutError)):
        reason = f"gave no answer within {max(seconds, 1):.0f} seconds"
    elif isinstance(error, (of.ProtocolError, ConnectionError)):
        return RequestError("broke off the connection in the middle", passing=True)
    else:
        reason = f"cannot be asked: {shortened(str(error))}"
    return RequestError(reason)


_OF_THE_AUTHORITY = " (its authority belongs into the kubeconfig: certificate-authority-data)"
_ADVICE = {
    " mismatch": " (the name that it has belongs into the kubeconfig: tls-server-name)",
    "expired": "",
    "not yet valid": "",
}


def _of_tls(text: str) -> str:
    reason = re.search(r"certificate verify failed: ([^(]+)", text)
    if reason is not None:
        said = reason[1].strip()
        advice = next((advice for words, advice in _ADVICE.items() if words in said), _OF_THE_AUTHORITY)
        return f"shows a certificate that is not trusted: {said}{advice}"
    if "WRONG_VERSION_NUMBER" in text or "HTTP_REQUEST" in text:
        return "does not speak TLS there: is it http://?"
    return f"does not agree on TLS: {shortened(text)}"
