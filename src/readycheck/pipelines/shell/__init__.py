"""What a shell makes of a text: the commands that it runs, and what their failures do."""

from readycheck.pipelines.shell.reading import Reading, Start, Where
from readycheck.pipelines.shell.running import read

__all__ = ["Reading", "Start", "Where", "read"]
