"""A large account behind HTTP, in a process of its own: says its URL, and what it was asked whenever told to."""

from __future__ import annotations

import json
import sys

from tests.sources.aws.population import Size, fill
from tests.sources.aws.server import aws


def main() -> None:
    """Make the account, then answer each line of the standard input with what was asked since the last one."""
    with aws() as account:
        account.page_like_aws()
        fill(account, Size(*map(int, sys.argv[1:])))
        print(account.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps({".".join(call): count for call, count in account.calls.items()}), flush=True)
            account.calls.clear()


if __name__ == "__main__":
    main()
