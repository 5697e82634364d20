"""Credentials that are known by how they look, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

# Some character sequence that every credential below begins with or holds: all that is asked of most values, and what
# spares them the detectors. Each alternative begins with a letter of its own, so that the search passes over others.
_SUSPECT = re.compile(
    r"AKIA|ASIA|ABIA|ACCA|A3T|gh[oprsu]_|github_pat_|glpat-|gl[a-z]{2,5}-|xox[abeoprs]-|hooks\.slack\.com|rk_live_|sk_live_|SG\.|"
    r"npm_|BEGIN [A-Z ]*PRIVATE KEY|eyJ|://[^\s/:@]*:[^\s/@]+@|sq0csp-|AIza|dop_v1_|hv[sb]\.|AGE-SECRET-KEY-1|"
    r"dckr_pat_|pypi-AgE|sk-[A-Za-z]|-us\d|AccountKey="
)
# Formats that the library does not know, each from its vendor's documentation of token prefixes; and private keys:
# their first line, which is all that the library asks for, is none.
_FURTHER = (
    ("GitHub token", re.compile(r"\bgithub_pat_\w{22}_\w{59}\b")),
    ("GitLab token", re.compile(r"\bgl(?:pat|dt|rt|ptt|ft|soat|cbt)-[\w-]{20,}")),
    ("Google API key", re.compile(r"\bAIza[\w-]{35}\b")),
    ("DigitalOcean token", re.compile(r"\bdo[opr]_v1_[0-9a-f]{64}\b")),
    ("Vault token", re.compile(r"\bhv[sb]\.[\w-]{24,}")),
    ("age secret key", re.compile(r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b")),
    ("Docker Hub token", re.compile(r"\bdckr_pat_[\w-]{27,}")),
    ("PyPI token", re.compile(r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}")),
    ("Anthropic or OpenAI key", re.compile(r"\bsk-(?:ant-|proj-)[\w-]{20,}")),
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=:\s]{40,}")),
    ("Azure storage key", re.compile(r"\bAccountKey=[A-Za-z0-9+/]{86}==")),
)
# Keys that vendors print in their documentation: nobody's.
_PUBLISHED = (
    "AKIAIOSFODNN7EXAMPLE",
    "AKIAI44QH8DHBEXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
    # The token of jwt.io's front page, by its first two parts.
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ",
)
_NAMES = {
    "AWS Access Key": "AWS access key",
    "Basic Auth Credentials": "password in a URL",
    "GitHub Token": "GitHub token",
    "JSON Web Token": "JSON web token",
    "Mailchimp Access Key": "Mailchimp access key",
    "NPM tokens": "npm token",
    "Slack Token": "Slack token",
    "Stripe Access Key": "Stripe access key",
}


def is_published(value: str) -> bool:
    """Whether a value is a key that a vendor's documentation shows as an example."""
    return any(example in value for example in _PUBLISHED)


class Recognised(NamedTuple):
    """A credential in a value.

    Args:
        kind: what it is: `GitHub token`.
        text: the credential itself.
    """

    kind: str
    text: str


@lru_cache(maxsize=8192)
def recognise(value: str) -> Recognised | None:
    """The first credential that a value holds by its look; None where it holds none.

    Entropy is not asked: hashes, digests and identifiers have it too.
    """
    if not _SUSPECT.search(value):
        return None
    for kind, pattern in _FURTHER:
        if found := pattern.search(value):
            return Recognised(kind, found[0])
    for detector in _detectors():
        for text in detector.analyze_string(value):
            return Recognised(_NAMES.get(detector.secret_type, detector.secret_type), text)
    return None


@lru_cache(maxsize=1)
def _detectors() -> Sequence[RegexBasedDetector]:
    """Those of the library whose format says enough by itself; imported when a first value is suspect."""
    from detect_secrets.plugins.aws import AWSKeyDetector  # noqa: PLC0415 - a tenth of a second, which few scans need
    from detect_secrets.plugins.basic_auth import BasicAuthDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.github_token import GitHubTokenDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.jwt import JwtTokenDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.mailchimp import MailchimpDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.npm import NpmDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.sendgrid import SendGridDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.slack import SlackDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector  # noqa: PLC0415 - same
    from detect_secrets.plugins.stripe import StripeDetector  # noqa: PLC0415 - same

    return (
        AWSKeyDetector(),
        BasicAuthDetector(),
        GitHubTokenDetector(),
        JwtTokenDetector(),
        MailchimpDetector(),
        NpmDetector(),
        SendGridDetector(),
        SlackDetector(),
        SquareOAuthDetector(),
        StripeDetector(),
    )
