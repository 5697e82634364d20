"""The ways in which a workflow comes to run, each with what is known of its contexts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readycheck.pipelines.github.answers import OPEN, Result
from readycheck.pipelines.globs import pattern_of
from readycheck.pipelines.model import Files, Follow, Occasion
from readycheck.pipelines.node import Node
from readycheck.pipelines.values import MAIN_BRANCH, OTHER_BRANCH, RELEASE_TAG, Own, Some

FOLDERS = (".github/workflows", ".gitea/workflows", ".forgejo/workflows")
_DEEPEST = 4
"""Workflows that follow workflows; GitHub's own limit is three."""
_OPENED = ("opened", "synchronize", "reopened", "ready_for_review", "edited")
"""What happens to a pull request whenever it is worked on."""
_BY_HAND = ("workflow_dispatch", "repository_dispatch")


class Situation(Struct, frozen=True, eq=False):
    """A way in which a workflow comes to run.

    Args:
        occasion: the occasion.
        contexts: what is known, by path in lower case.
        paths: the globs of which a changed file must match one.
        unsure: the condition that could not be decided; "" where it surely comes to this.
    """

    occasion: Occasion
    contexts: Mapping[str, Result]
    paths: tuple[str, ...] = ()
    unsure: str = ""

    def lookup(self, path: str) -> Result:
        """The value of a context."""
        if path in self.contexts:
            return self.contexts[path]
        # What an event does not have is empty; whether it has it is told by the event alone.
        return None if path.startswith(self._absent) else OPEN

    @property
    def _absent(self) -> tuple[str, ...]:
        event = str(self.contexts.get("github.event_name"))
        absent = (
            []
            if event.startswith("pull_request")
            else ["github.event.pull_request.", "github.head_ref", "github.base_ref"]
        )
        if event not in _BY_HAND:
            absent += ["github.event.inputs", "github.event.client_payload", "inputs."]
        return tuple(absent)


def situations(on: Node, files: Files, depth: int = 0) -> Iterator[Situation]:
    """The ways in which a workflow comes to run.

    Args:
        on: its `on`.
        files: finds the workflows that it follows.
        depth: how many workflows it follows.
    """
    for event, settings in events(on).items():
        if event == "push":
            yield from _pushes(settings)
        elif event in ("pull_request", "pull_request_target"):
            yield from _pull_requests(event, settings)
        elif event == "merge_group":
            yield _situation(Occasion.PULL_REQUEST, event, ref="refs/heads/gh-readonly-queue/main/pr-1")
        elif event == "release":
            yield _on_tag(event, settings)
        elif event == "schedule":
            yield _on_main(Occasion.SCHEDULE, event)
        elif event in _BY_HAND:
            yield _on_main(Occasion.MANUAL, event)
        elif event == "workflow_run" and depth < _DEEPEST:
            yield from _after(settings, files, depth)
        elif event not in ("workflow_call", "workflow_run"):
            yield replace(_on_main(Occasion.MANUAL, event), unsure=f"on: {event}")


def events(on: Node) -> Mapping[str, Node]:
    """The events of an `on`, which may be a text, a list or a mapping."""
    return on.entries if on.is_mapping else {item.text: Node(None, on.resource, item.path) for item in on.items}


# Pushes --------------------------------------------------------------------------------------------------------


def _pushes(settings: Node) -> Iterator[Situation]:
    paths = tuple(glob for glob in settings["paths"].texts if not glob.startswith("!"))
    branches = _Filter(settings["branches"].texts, settings["branches-ignore"].texts)
    tags = _Filter(settings["tags"].texts, settings["tags-ignore"].texts)
    if branches.given or not tags.given:
        for occasion, name in ((Occasion.MAIN, MAIN_BRANCH), (Occasion.BRANCH, OTHER_BRANCH)):
            answer = branches.passes(name)
            if answer is not False:
                made = _on_main(occasion, "push") if occasion is Occasion.MAIN else _on_branch(occasion, "push")
                yield replace(made, paths=paths, unsure="" if answer else f"branches: {branches.text}")
    if tags.given or not branches.given:
        answer = tags.passes(RELEASE_TAG)
        if answer is not False:
            # Paths are not looked at when a tag is pushed.
            unsure = "" if answer or tags.only else f"tags: {tags.text}"
            yield _situation(Occasion.TAG, "push", name=RELEASE_TAG, kind="tags", ref_type="tag", unsure=unsure)


class _Filter(Struct, frozen=True):
    """Names of branches or tags that are let through or kept out."""

    only: Sequence[str]
    but: Sequence[str]

    @property
    def given(self) -> bool:
        return bool(self.only or self.but)

    @property
    def text(self) -> str:
        return ", ".join(self.only or [f"!{written}" for written in self.but])

    def passes(self, name: Some) -> bool | None:
        """Whether a name is let through; None where that depends on which one it is. The last pattern decides."""
        if not self.given:
            return True
        answer: bool | None = not self.only
        for written in self.only or [f"!{each}" for each in self.but]:
            found = _matches(name, written.removeprefix("!"))
            if written.startswith("!"):
                # Somebody keeps out what is not typical.
                answer = False if found else answer
            elif found or (found is None and answer is False):
                answer = found
        return answer


def _matches(name: Some, glob: str) -> bool | None:
    pattern = pattern_of(glob)
    if pattern is None:
        return None
    if any(pattern.match(like) for like in name.like):
        return True
    return False if name.only or glob in name.never else None


# Pull requests and the rest ------------------------------------------------------------------------------------


def _pull_requests(event: str, settings: Node) -> Iterator[Situation]:
    paths = tuple(glob for glob in settings["paths"].texts if not glob.startswith("!"))
    branches = _Filter(settings["branches"].texts, settings["branches-ignore"].texts)
    into_main = branches.passes(MAIN_BRANCH)
    unsure = "" if into_main else f"branches: {branches.text}"
    types = settings["types"].texts or _OPENED[:3]
    open_types = tuple(name for name in types if name != "closed")
    if open_types:
        made = _situation(Occasion.PULL_REQUEST, event, ref="refs/pull/1/merge", unsure=unsure)
        often = [name for name in open_types if name in _OPENED]
        if not often:
            unsure = unsure or f"types: {', '.join(open_types)}"
        action = Some(tuple(often or open_types), only=True)
        yield replace(made, contexts={**made.contexts, **_request(action, merged=False)}, paths=paths, unsure=unsure)
    if "closed" in types and into_main:
        made = _on_main(Occasion.MAIN, event)
        yield replace(made, contexts={**made.contexts, **_request("closed", merged=True)}, paths=paths)


def _request(action: Result, *, merged: bool) -> Mapping[str, Result]:
    return {
        "github.event.action": action,
        "github.base_ref": MAIN_BRANCH,
        "github.head_ref": OTHER_BRANCH,
        "github.event.number": Some(("1",)),
        "github.event.pull_request": Own(),
        "github.event.pull_request.number": Some(("1",)),
        "github.event.pull_request.merged": merged,
        "github.event.pull_request.state": "closed" if merged else "open",
        "github.event.pull_request.draft": False,
        "github.event.pull_request.base.ref": MAIN_BRANCH,
        "github.event.pull_request.head.ref": OTHER_BRANCH,
        "github.event.pull_request.head.repo.full_name": Own(),
        "github.event.pull_request.base.repo.full_name": Own(),
        "github.event.pull_request.head.repo.fork": False,
        "github.event.pull_request.user.login": Some(("somebody",)),
        "github.event.pull_request.title": Some(("Change it",)),
    }


def _on_tag(event: str, settings: Node) -> Situation:
    types = settings["types"].texts
    made = _situation(Occasion.TAG, event, name=RELEASE_TAG, kind="tags", ref_type="tag")
    action = Some(types, only=True) if types else Some(("published", "created", "released"))
    known: dict[str, Result] = {"github.event.action": action, "github.event.release.prerelease": False}
    return replace(made, contexts={**made.contexts, **known, "github.event.release.tag_name": RELEASE_TAG})


def _after(settings: Node, files: Files, depth: int) -> Iterator[Situation]:
    """The ways in which the workflows come to run that one follows."""
    branches = _Filter(settings["branches"].texts, settings["branches-ignore"].texts)
    for name in settings["workflows"].texts:
        followed = _workflow(name, files)
        if followed is None:
            yield replace(
                _on_main(Occasion.MAIN, "workflow_run"), unsure=f"workflow_run: {name}, which is not in the tree"
            )
            continue
        for situation in situations(followed["on"], files, depth + 1):
            head = MAIN_BRANCH if situation.occasion is Occasion.MAIN else OTHER_BRANCH
            if situation.occasion in (Occasion.SCHEDULE, Occasion.MANUAL):
                head = MAIN_BRANCH
            answer = branches.passes(head)
            if answer is False:
                continue
            known: dict[str, Result] = {
                **_on_main(situation.occasion, "workflow_run").contexts,
                "github.event.workflow_run.head_branch": head,
                "github.event.workflow_run.event": situation.contexts["github.event_name"],
                "github.event.workflow_run.conclusion": "success",
                "github.event.workflow_run.name": name,
                "github.event.workflow_run.head_repository.full_name": Own(),
            }
            unsure = situation.unsure or ("" if answer else f"branches: {branches.text}")
            yield replace(situation, contexts=known, unsure=unsure)


def _workflow(name: str, files: Files) -> Node | None:
    """The workflow of a name."""
    for folder in FOLDERS:
        for entry in files.listing.files_in(folder):
            found = files.file(entry.uri)
            if found is not None and name in (Node.of(found)["name"].text, entry.uri):
                return Node.of(found)
    return None


def follows(on: Node) -> Iterator[Follow]:
    """The workflows that one runs after."""
    settings = events(on).get("workflow_run")
    for name in settings["workflows"].texts if settings else ():
        yield Follow(name)


# Contexts ------------------------------------------------------------------------------------------------------


def _on_main(occasion: Occasion, event: str) -> Situation:
    return _situation(occasion, event, name=MAIN_BRANCH)


def _on_branch(occasion: Occasion, event: str) -> Situation:
    return _situation(occasion, event, name=OTHER_BRANCH)


def _situation(
    occasion: Occasion,
    event: str,
    *,
    name: Some | None = None,
    ref: str = "",
    kind: str = "heads",
    ref_type: str = "branch",
    unsure: str = "",
) -> Situation:
    """A situation, from the branch or tag that it is about."""
    full: Result = ref
    short: Result = ref.removeprefix("refs/").removeprefix("heads/").removeprefix("pull/")
    if name is not None:
        full = Some(
            tuple(f"refs/{kind}/{like}" for like in name.like),
            tuple(f"refs/{kind}/{never}" for never in name.never),
            name.only,
        )
        short = name
    contexts: dict[str, Result] = {
        "github.event_name": event,
        "github.ref": full,
        "github.ref_name": short,
        "github.ref_type": ref_type,
        "github.ref_protected": True if name is MAIN_BRANCH else OPEN,
        "github.repository": Own(),
        "github.repository_owner": Own(),
        "github.event.repository.full_name": Own(),
        "github.event.repository.name": Own(),
        "github.event.repository.fork": False,
        "github.event.repository.private": OPEN,
        "github.event.repository.default_branch": MAIN_BRANCH,
        "github.actor": Some(("somebody",)),
        "github.triggering_actor": Some(("somebody",)),
        "github.event.head_commit.message": Some(("Change it",)),
        "github.event.head_commit.author.name": Some(("Somebody",)),
        "github.event.deleted": False,
        "github.event.created": False,
        "github.event.forced": False,
        "github.server_url": Own(),
        "runner.os": "Linux",
        "env.act": None,
    }
    return Situation(occasion, contexts, unsure=unsure)
