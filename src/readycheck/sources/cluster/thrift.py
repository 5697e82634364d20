"""What is read of a large cluster, parsed and held once where it is said again: most of a pod is, by the next one."""

from __future__ import annotations

from typing import Any

import orjson
from msgspec import MsgspecError, Raw
from msgspec.json import Decoder

_OF_CONTAINERS = ("containers", "initContainers")
_COMMON = ("namespace", "labels", "annotations", "ownerReferences", "finalizers", "generateName")
"""What metadata of pods says that is not of one alone."""
_MOST_KNOWN = 20_000
"""Of what was parsed how much is known by its text: the pods of one workload follow each other in a list."""

_fields = Decoder(dict[str, Raw]).decode
_elements = Decoder(list[dict[str, Raw]]).decode


class Thrift:
    """Parses the objects of one reading.

    Pods of one workload differ by their names, their nodes and their status. What else they say alike (labels, owners,
    probes, requests, tolerations) is parsed and held once; nobody changes what a cluster gave.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Any] = {}

    def parse(self, item: Raw) -> Any:
        """What the JSON of an object says, without `managedFields`, which no rule asks about.

        Args:
            item: one item of a list; of another shape than objects, it is taken as it is.

        Raises:
            orjson.JSONDecodeError: it is no JSON.
        """
        try:
            return self._object(_fields(item))
        except (MsgspecError, UnicodeDecodeError, RecursionError):
            return _parsed(item)

    def _object(self, fields: dict[str, Any]) -> dict[str, Any]:
        spec = _fields(fields["spec"]) if "spec" in fields else {}
        is_pod = "containers" in spec
        for key, raw in fields.items():
            if key == "metadata":
                metadata = _fields(raw)
                # It is larger than the rest of many objects.
                metadata.pop("managedFields", None)
                fields[key] = {
                    name: self._once(each) if is_pod and name in _COMMON else _parsed(each)
                    for name, each in metadata.items()
                }
            elif key == "spec" and is_pod:
                fields[key] = {name: self._of_pod(name, each) for name, each in spec.items()}
            else:
                fields[key] = _parsed(raw)
        return fields

    def _of_pod(self, name: str, raw: Raw) -> Any:
        if name not in _OF_CONTAINERS:
            return self._once(raw)
        # Not as a whole: the mount of its token has a name of the pod's own.
        return [{key: self._once(each) for key, each in container.items()} for container in _elements(raw)]

    def _once(self, raw: Raw) -> Any:
        text = bytes(raw)
        found = self._known.get(text)
        if found is None:
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            found = self._known[text] = orjson.loads(text)
        return found


def _parsed(raw: Raw) -> Any:
    return orjson.loads(memoryview(raw))
