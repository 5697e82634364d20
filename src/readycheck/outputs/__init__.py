"""How a report leaves the program: one module per format, each with a `render_all` function (see formats.py)."""

FORMATS = ("terminal", "json", "sarif", "junit", "markdown", "github", "gitlab", "csv", "html")
"""The names of the formats, which are those of their modules."""
