"""Which versions of TLS the security policies of AWS's load balancers accept.

The names are those of the user guides of Elastic Load Balancing, "Security policies", as of November 2026.
"""

from __future__ import annotations

import re

DEFAULT = "ELBSecurityPolicy-2016-08"
"""The policy of a listener that names none; only the console has another one."""
WANTED = "ELBSecurityPolicy-TLS13-1-2-2021-06"

_FROM_1_2 = re.compile(r"ELBSecurityPolicy-(?:TLS13-1-[23]|TLS-1-2|FS-1-2)(?:-.*)?")
_OLDER = re.compile(r"ELBSecurityPolicy-(?:20\d\d-\d\d|TLS-1-[01]|TLS13-1-[01]|FS-1-1|FS-2018-06)(?:-.*)?")


def accepts_old_versions(policy: str) -> bool | None:
    """Whether a policy accepts TLS 1.0 or 1.1; None where it is not one of AWS's own.

    Args:
        policy: its name; the default is meant where it is "".
    """
    if _FROM_1_2.fullmatch(policy):
        return False
    return True if _OLDER.fullmatch(policy or DEFAULT) else None
