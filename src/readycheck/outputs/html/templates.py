"""The templates of a report: a team's own where it has them, else readycheck's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from readycheck.outputs.html.embedding import TemplateError, inline, source_hash
from readycheck.outputs.html.text import counted, day, minute

PAGE = "report.html.j2"
STYLES = ("theme.css", "page.css", "overview.css", "findings.css", "lists.css", "print.css", "custom.css")
SCRIPTS = ("data.js", "filters.js", "table.js", "detail.js", "page.js")


class Templates:
    """The templates in a folder of readycheck's own, and one of a team that overrides some of them.

    They run in a sandbox: a report's look may come with a repository, and is no program.

    Args:
        own: readycheck's folder.
        override: the team's; a file in it stands for the one of the same name. It may extend readycheck's as
            `readycheck/NAME`.
    """

    def __init__(self, own: Path, override: Path | None = None) -> None:
        folders: Sequence[Path] = (override, own) if override else (own,)
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folders), PrefixLoader({"readycheck": FileSystemLoader(own)})]),
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
            TemplateError: a template cannot be used.
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
            raise TemplateError(f"{error.filename or error.name}:{error.lineno}: {error.message}") from error
        except (JinjaError, TypeError, AttributeError, LookupError, ArithmeticError, ValueError) as error:
            raise TemplateError(f"the report's templates: {error}") from error

    def _joined(self, names: Sequence[str], element: str) -> Markup:
        return Markup("").join(inline(name, self._source(name), element) for name in names)

    def _source(self, name: str) -> str:
        loader = self._environment.loader
        assert loader is not None  # noqa: S101 - it is given above
        return loader.get_source(self._environment, name)[0]
