"""The nouns of what a pipeline does: it builds, pushes, deploys, tests, and makes places that it throws away."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from readycheck.model import Place
from readycheck.pipelines.model import Command, Step, Use


class Act(Struct, frozen=True, eq=False, kw_only=True):
    """Something that a step does.

    Args:
        what: what people call it: `docker build`, `docker/build-push-action`, `make deploy`.
        step: the step that does it.
        cause: the command or the use that shows it; None where the job as a whole does (its service containers).
        place: where that stands.
    """

    what: str
    step: Step | None
    cause: Command | Use | None
    place: Place

    @property
    def swallowed(self) -> str:
        """Why its failure does not stop the job; "" where it does."""
        command = self.cause.swallowed if isinstance(self.cause, Command) else ""
        return command or (self.step.may_fail if self.step else "")

    @property
    def skipped(self) -> str:
        """Why it is never done (`if: false`); "" where it may be."""
        return self.step.skipped if self.step else ""

    @property
    def conditional(self) -> str:
        """The condition that it stands under, as it is written; "" where it is done whenever its job is."""
        command = self.cause.conditional if isinstance(self.cause, Command) else ""
        return command or (self.step.condition if self.step else "")


class Build(Act, frozen=True, kw_only=True):
    """It builds a container image.

    Args:
        context: the folder that it is built from, as a path from the root of the repository ("" for the root itself);
            as it is written where a variable decides; None where the command does not say.
        dockerfile: the Dockerfile, the same way; None where it is the tool's usual one, or the tool needs none.
        images: the names that it gets, as they are written.
        target: the stage that it ends with; "" for the last one.
        pushes: whether the same command pushes it; a `Push` with the same cause then follows.
        definition: the file that says what is built, where one does: a compose, bake or skaffold file; "" where
            none does.
        parts: the services or targets of that file which are built; empty for all of them.
        from_code: whether the tool needs no Dockerfile: jib, ko, buildpacks.
    """

    context: str | None = None
    dockerfile: str | None = None
    images: tuple[str, ...] = ()
    target: str = ""
    pushes: bool = False
    definition: str = ""
    parts: tuple[str, ...] = ()
    from_code: bool = False


class Push(Act, frozen=True, kw_only=True):
    """It brings a container image into a registry.

    Args:
        images: the names that are pushed, as they are written; empty where they cannot be told.
        sources: what is copied, where it is a copy from one registry or tag to another (a promotion).
    """

    images: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Way(Enum):
    """How a deploy brings about what it deploys."""

    CLUSTER = "to the cluster"
    """It applies manifests, charts or images to a cluster itself."""
    GITOPS = "through the GitOps repository"
    """It changes what Flux or Argo CD follow, or tells them to look."""
    INFRASTRUCTURE = "as infrastructure"
    """Terraform and its like."""
    PLATFORM = "to a platform"
    """A service of a cloud, a serverless platform, a host."""
    UNTOLD = "by a script of its own"
    """A script, target or action whose name says that it deploys, and that could not be read."""


class Deploy(Act, frozen=True, kw_only=True):
    """It deploys.

    Args:
        way: how.
        images: the images that it names, as they are written (`kubectl set image`, `kustomize edit set image`).
    """

    way: Way
    images: tuple[str, ...] = ()


class Breadth(Enum):
    """How much a test covers, as far as its name tells."""

    UNIT = "unit"
    """A test that says nothing else of itself."""
    SMOKE = "smoke"
    WIDE = "wide"
    """Regression, end-to-end, integration, full, acceptance."""


class Test(Act, frozen=True, kw_only=True):
    """It tests.

    Args:
        breadth: how much.
    """

    breadth: Breadth


class Throwaway(Act, frozen=True, kw_only=True):
    """It makes an environment that is thrown away after use: `kind create cluster`, service containers.

    Args:
        of: what is made: `a kind cluster`.
        review_app: whether it is one for each branch or pull request, for people to test in.
    """

    of: str
    review_app: bool = False
