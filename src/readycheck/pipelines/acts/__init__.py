"""What the commands and uses of a pipeline do."""

from __future__ import annotations

from readycheck.pipelines.acts.nouns import Act, Breadth, Build, Deploy, Push, Test, Throwaway, Way
from readycheck.pipelines.acts.telling import acts_of

__all__ = ["Act", "Breadth", "Build", "Deploy", "Push", "Test", "Throwaway", "Way", "acts_of"]
