"""The templates of a report: a team's own where it has them, else readycheck's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateError
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from readycheck.outputs.formats import LayoutError, Look
from readycheck.outputs.html.embedding import inline, source_hash
from readycheck.outputs.html.text import counted, day, minute

PAGE = "report.html.j2"
STYLES = ("theme.css", "page.css", "overview.css", "findings.css", "lists.css", "print.css", "custom.css")
SCRIPTS = ("data.js", "filters.js", "table.js", "detail.js", "page.js")


class Templates:
    """The templates of readycheck, and of a team that overrides some of them.

    They run in a sandbox: a report's look may come with a repository, and is no program.

    Args:
        look: where they stand. A file of the team stands for the one of the same name, and may extend that as
            `readycheck/NAME`.
    """

    def __init__(self, look: Look) -> None:
        own = FileSystemLoader(look.templates)
        theirs = [FileSystemLoader(look.override)] if look.override else []
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([*theirs, own, PrefixLoader({"readycheck": own})]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {"day": day, "minute": minute, "thousands": "{:,}".format, "counted": counted}

    def render(self, context: Mapping[str, Any]) -> str:
        """The whole page.

        Raises:
            LayoutError: a template cannot be used.
        """
        try:
            style = self._joined(STYLES, "style")
            script = self._joined(SCRIPTS, "script")
            return self._environment.get_template(PAGE).render(
                context,
                style=style,
                script=script,
                style_hash=source_hash(style),
                script_hash=source_hash(script),
            )
        except TemplateSyntaxError as error:
            raise LayoutError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except (TemplateError, TypeError, AttributeError, LookupError, ArithmeticError, ValueError) as error:
            raise LayoutError(f"the report's templates: {error}") from error

    def _joined(self, names: Sequence[str], element: str) -> Markup:
        return Markup("").join(inline(name, self._source(name), element) for name in names)

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - it is given above
        return loader.get_source(self._environment, name)[0]
