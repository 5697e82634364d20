"""What GitLab's predefined variables are on each occasion (GitLab docs: Predefined CI/CD variables reference)."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from readycheck.pipelines.model import Occasion
from readycheck.pipelines.values import MAIN_BRANCH, OTHER_BRANCH, RELEASE_TAG, Some, Unset, Value


class Situation(Struct, frozen=True):
    """A way in which a pipeline comes to run.

    Args:
        occasion: what it counts as.
        variables: what is known of the variables that GitLab sets.
        keywords: the words of `only` and `except` that stand for it.
        compares: whether there is a push whose changes `changes` can ask for; it is true everywhere else.
    """

    occasion: Occasion
    variables: Mapping[str, Value]
    keywords: frozenset[str]
    compares: bool

    @property
    def of_branch_or_tag(self) -> bool:
        """Whether `only` and `except` may name its branch or tag."""
        return not self.keywords.isdisjoint(("branches", "tags"))

    @property
    def may_be_given_variables(self) -> bool:
        """Whether whoever starts it may give variables other values than the files do."""
        return self.occasion in {Occasion.SCHEDULE, Occasion.MANUAL}

    def in_child(self) -> Situation:
        """The same for a child pipeline: it is started by its parent and knows the rest."""
        variables = {**self.variables, "CI_PIPELINE_SOURCE": "parent_pipeline"}
        kept = self.keywords & {"branches", "tags", "merge_requests"}
        return replace(self, variables=variables, keywords=kept | {"parent_pipelines"})

    def with_variables(self, given: Mapping[str, str]) -> Situation:
        """The same with variables that files give values, over those before; GitLab's own cannot be given others."""
        known = dict(self.variables)
        for name, text in given.items():
            if name not in PREDEFINED:
                known[name] = self._value(text, known)
        return replace(self, variables=known)

    def _value(self, text: str, known: Mapping[str, Value]) -> Value:
        if "$" not in text:
            return Some((text,)) if self.may_be_given_variables else text
        name = text.removeprefix("$").strip("{}")
        return known.get(name, Unset()) if name.isidentifier() else Unset()


def _situation(
    occasion: Occasion, source: str, *keywords: str, branch: Value = None, tag: Value = None, request: str = ""
) -> Situation:
    ref = OTHER_BRANCH if request else branch or tag
    variables: dict[str, Value] = {
        "CI_PIPELINE_SOURCE": source,
        "CI_DEFAULT_BRANCH": MAIN_BRANCH,
        "CI_COMMIT_BRANCH": branch,
        "CI_COMMIT_TAG": tag,
        "CI_COMMIT_REF_NAME": ref,
        "CI_COMMIT_REF_SLUG": ref,
        "CI_COMMIT_REF_PROTECTED": "true" if branch is MAIN_BRANCH else Some(("false",)),
        "CI_MERGE_REQUEST_ID": _NUMBER if request else None,
        "CI_MERGE_REQUEST_IID": _NUMBER if request else None,
        "CI_MERGE_REQUEST_EVENT_TYPE": request or None,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": MAIN_BRANCH if request else None,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": OTHER_BRANCH if request else None,
        "CI_MERGE_REQUEST_TITLE": Some(("Change it",)) if request else None,
        "CI_MERGE_REQUEST_LABELS": Unset() if request else None,
        "CI_EXTERNAL_PULL_REQUEST_IID": None,
    }
    compares = source in {"push", "merge_request_event"} and tag is None
    return Situation(occasion, variables, frozenset(keywords), compares)


_NUMBER = Some(("42",))

SITUATIONS: tuple[Situation, ...] = (
    *(
        _situation(Occasion.PULL_REQUEST, "merge_request_event", "merge_requests", request=request)
        for request in ("detached", "merged_result", "merge_train")
    ),
    _situation(Occasion.MAIN, "push", "branches", "pushes", branch=MAIN_BRANCH),
    _situation(Occasion.BRANCH, "push", "branches", "pushes", branch=OTHER_BRANCH),
    _situation(Occasion.TAG, "push", "tags", "pushes", tag=RELEASE_TAG),
    _situation(Occasion.SCHEDULE, "schedule", "branches", "schedules", branch=MAIN_BRANCH),
    *(
        _situation(Occasion.MANUAL, source, "branches", keyword, branch=MAIN_BRANCH)
        for source, keyword in (("web", "web"), ("api", "api"), ("trigger", "triggers"), ("pipeline", "pipelines"))
    ),
    _situation(Occasion.MANUAL, "web", "branches", "web", branch=OTHER_BRANCH),
    _situation(Occasion.MANUAL, "web", "tags", "web", tag=RELEASE_TAG),
)
"""Every way in which a pipeline comes to run."""
PREDEFINED = frozenset(SITUATIONS[0].variables)
"""The variables that GitLab sets."""
