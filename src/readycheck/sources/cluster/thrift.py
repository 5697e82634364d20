"""What is read of a large cluster, held in little memory: most of it is said again by the next pod."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import orjson

_OF_CONTAINERS = ("containers", "initContainers")


class Thrift:
    """Makes the objects of one list smaller, each as soon as its page has come.

    Pods of one workload differ by their names, their nodes and their status. What else they say alike (labels, owners,
    probes, requests, tolerations) is held once; nobody changes what a cluster gave.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, object] = {}

    def reduce(self, item: object) -> None:
        """Take out of an object what no rule asks about, and let a pod share what others say alike.

        Args:
            item: what the API server gave; it is changed.
        """
        metadata, spec = (item.get("metadata"), item.get("spec")) if isinstance(item, dict) else (None, None)
        if not isinstance(metadata, dict):
            return
        # It is larger than the rest of many objects.
        metadata.pop("managedFields", None)
        if not isinstance(spec, dict) or "containers" not in spec:
            return
        self._share(metadata)
        self._share(spec)
        for name in _OF_CONTAINERS:
            containers = spec.get(name)
            for container in containers if isinstance(containers, list) else ():
                if isinstance(container, dict):
                    self._share(container)

    def _share(self, mapping: dict[str, Any]) -> None:
        for key, value in mapping.items():
            # Containers not as a whole: the mount of its token has a name of the pod's own.
            if value and isinstance(value, dict | list) and key not in _OF_CONTAINERS:
                digest = blake2b(orjson.dumps(value), digest_size=16).digest()
                mapping[key] = self._known.setdefault(digest, value)
