"""The child process that renders and lints charts with the Helm engine (helm-python-sdk), which nothing else imports.

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
            values = _values(question)
            if (wrong := _misfit(chart, values)) is not None:
                return {"error": wrong}
            return {"templates": chart.render(values, name=question["name"], namespace=question["namespace"])}
    except (helm_python.HelmError, OSError, UnicodeDecodeError) as error:
        return {"error": str(error)}


def lint(question: dict[str, Any]) -> dict[str, Any]:
    """The errors that the linter finds in a chart; an error in helm's own words is an answer too."""
    try:
        report = helm_python.lint(question["chart"], _values(question), namespace=question["namespace"])
    except (helm_python.HelmError, OSError, UnicodeDecodeError) as error:
        return {"error": str(error)}
    complaints = (each for each in report["messages"] if each["severity"] == _ERROR)
    return {"complaints": [f"{each['path']}: {each['error']}" for each in complaints]}


_ERROR = 3


def _values(question: dict[str, Any]) -> dict[str, Any]:
    files = [helm_python.values_from_yaml(Path(file).read_text("utf-8")) for file in question["values"]]
    return merged((*files, question["inline"]))


def _misfit(chart: helm_python.Chart, values: dict[str, Any]) -> str | None:
    """What the chart's schema refuses, as helm itself says it; None where it refuses nothing."""
    try:
        chart.validate_schema(values)
    except helm_python.HelmError as error:
        return f"values don't meet the specifications of the schema(s) in the following chart(s): {error}"
    return None


def _missing_dependencies(chart: helm_python.Chart) -> list[str]:
    """The engine renders what it has and says nothing of the rest; `helm` itself refuses."""
    there = {dependency["name"] for dependency in chart.dependencies}
    return [wanted["name"] for wanted in chart.metadata.get("dependencies") or () if wanted["name"] not in there]


def main() -> None:
    """Answer until standard input ends."""
    tasks = {"render": render, "lint": lint}
    for line in sys.stdin.buffer:
        question = orjson.loads(line)
        sys.stdout.buffer.write(orjson.dumps(tasks[question["task"]](question)) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
