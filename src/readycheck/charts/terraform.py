"""Helm releases that Terraform makes: `helm_release` of the provider hashicorp/helm (its documentation)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from readycheck.charts.parameters import parameter
from readycheck.charts.texts import parsed_values, text_layer
from readycheck.charts.values import Layer
from readycheck.charts.versions import as_written
from readycheck.documents.hcl import EXPRESSION, parse_hcl
from readycheck.model import Place, Resource, Unresolved
from readycheck.terraform.blocks import Block

RELEASE = "helm_release"

_ENCODED = re.compile(r"(?:yaml|json)encode\((.*)\)\s*\Z", re.DOTALL)
_FILE = re.compile(r'(?:file\(|templatefile\()\s*"(?:\$\{path\.(?:module|root|cwd)\}/|\./)?([^"$]+)"\s*[,)]')
_SETS = ("set", "set_sensitive", "set_list", "set_wo")


def release_of(block: Block) -> Resource:
    """A `helm_release` as a thing of its own, called by its address.

    Args:
        block: the `resource`.
    """
    return Resource(
        RELEASE, block.address, "", block.attributes, block.file.origin, block.file, (*block.path, "attributes")
    )


def chart_of(block: Block) -> tuple[str, str]:
    """The chart's name and its repository, as far as they are decided: a chart may name both at once."""
    chart, repository = block.decided("chart"), block.decided("repository")
    if repository or "/" not in chart:
        return chart, repository
    holder, _, name = chart.rpartition("/")
    # `repository/chart`, whose first part is what somebody has called the repository.
    return name, chart if chart.startswith("oci://") else holder


def version_of(block: Block) -> str | None:
    """The chart's version, as it is written, even where an expression says it; None where nothing does."""
    version = block.attributes.get("version")
    return None if version is None else as_written(version)


def layers_of(block: Block, file: Callable[[str], Resource | None]) -> Iterator[Layer]:
    """The values that a release is given, what counts most first.

    Args:
        block: the `resource`.
        file: finds a file by its path from the configuration's folder.
    """
    yield from reversed(list(_set_values(block)))
    values = block.attributes.get("values")
    if values is not None and not isinstance(values, list):
        yield Layer(block.at("values"), hidden="its values are an expression, which Terraform evaluates when it runs")
        return
    for index, text in reversed(list(enumerate(values or ()))):
        yield _layer(block.at("values", index), text, file)


def _set_values(block: Block) -> Iterator[Layer]:
    """What is set value by value, in blocks or, since the provider's version 3, in lists."""
    for name in _SETS:
        listed = block.attributes.get(name)
        if isinstance(listed, list):
            for index, each in enumerate(listed):
                if isinstance(each, Mapping):
                    yield _set(each, block.at(name, index, "value"))
                else:
                    yield Layer(block.at(name, index), hidden=f"what it sets is an expression: {each!s}")
        elif listed is not None:
            yield Layer(block.at(name), hidden="what it sets is an expression, which Terraform evaluates when it runs")
    for inner in block.blocks(*_SETS, "dynamic"):
        if inner.type != "dynamic":
            yield _set(inner.attributes, inner.at("value"))
        elif inner.labels and inner.labels[0] in _SETS:
            yield Layer(inner.at(), hidden="a dynamic block sets values, which Terraform evaluates when it runs")


def _set(attributes: Mapping[str, Any], place: Place) -> Layer:
    return parameter(
        attributes.get("name", ""), attributes.get("value"), place, literal=attributes.get("type") == "string"
    )


def _layer(place: Place, text: object, file: Callable[[str], Resource | None]) -> Layer:
    if not isinstance(text, Unresolved):
        return text_layer(place, text)
    written = str.__str__(text)
    if encoded := _ENCODED.match(written):
        documents, faults = parse_hcl(f"values = {encoded[1]}")
        body = documents[0].body["attributes"].get("values") if documents and not faults else None
        if isinstance(body, Mapping):
            return Layer(place, body, text=True)
    if (named := _FILE.match(written)) and (found := file(named[1])) is not None:
        return Layer(Place(found, ()), _as_expressions(found.body))
    if "(" in written.partition("\n")[0]:
        return Layer(place, hidden=f"its values are an expression: {written.partition(chr(10))[0]}")
    values = parsed_values(written)
    if values is None:
        return Layer(place, hidden="its values are a template that is not YAML before Terraform has filled it")
    return Layer(place, _as_expressions(values), text=True)


def _as_expressions(value: Any) -> Any:
    """Values with the reason of Terraform for what is not decided in them."""
    if isinstance(value, Mapping):
        return {key: _as_expressions(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_expressions(each) for each in value]
    return Unresolved(str.__str__(value), EXPRESSION) if isinstance(value, Unresolved) else value
