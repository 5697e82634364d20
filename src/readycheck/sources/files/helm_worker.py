"""The child process that renders charts with the Helm engine (helm-python-sdk); the only place that imports it.

Reads a question a line from standard input, writes an answer a line to standard output.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import helm_python
import orjson

from readycheck.sources.files.helm import merged


def render(question: dict[str, Any]) -> dict[str, Any]:
    """Render one chart; an error in helm's own words is an answer too."""
    try:
        with helm_python.Chart.load(question["chart"]) as chart:
            missing = _missing_dependencies(chart)
            if missing:
                return {"error": f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}"}
            files = [helm_python.values_from_yaml(Path(file).read_text("utf-8")) for file in question["values"]]
            values = merged((*files, question["inline"]))
            chart.validate_schema(values)
            return {"templates": chart.render(values, name=question["name"], namespace=question["namespace"])}
    except (helm_python.HelmError, OSError, UnicodeDecodeError) as error:
        return {"error": str(error)}


def _missing_dependencies(chart: helm_python.Chart) -> list[str]:
    """The engine renders what it has and says nothing of the rest; `helm` itself refuses."""
    there = {dependency["name"] for dependency in chart.dependencies}
    return [wanted["name"] for wanted in chart.metadata.get("dependencies") or () if wanted["name"] not in there]


def main() -> None:
    """Answer until standard input ends."""
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(orjson.dumps(render(orjson.loads(line))) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
