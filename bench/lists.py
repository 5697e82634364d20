"""The floor of a scan of a cluster: the same lists, fetched side by side by a bare HTTP client, parsed, and kept.

Its argument is a file that says as JSON what to ask: the server, its authority, a token, how many requests may be under
way, and the first page of each list.
"""

from __future__ import annotations

import gc
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import orjson
import urllib3


def main() -> int:
    """Fetch, parse, and say how many objects there were."""
    # As in a scan: nothing that is kept goes in circles.
    gc.disable()
    asked = orjson.loads(Path(sys.argv[1]).read_bytes())
    pool = urllib3.PoolManager(
        maxsize=asked["at_once"],
        ssl_context=ssl.create_default_context(cadata=asked["authority"]),
        headers={"Authorization": f"Bearer {asked['token']}", "Accept": "application/json"},
    )

    def whole(target: str) -> list[object]:
        items: list[object] = []
        token = ""
        while True:
            page = orjson.loads(pool.request("GET", asked["url"] + target + token).data)
            for item in page["items"]:
                # A scan keeps the objects without them, and may not look thrifty for that.
                item["metadata"].pop("managedFields", None)
            items += page["items"]
            following = page["metadata"].get("continue")
            if not following:
                return items
            token = f"&continue={quote(following)}"

    with ThreadPoolExecutor(asked["at_once"]) as threads:
        kept = list(threads.map(whole, asked["targets"]))
    print(sum(map(len, kept)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
