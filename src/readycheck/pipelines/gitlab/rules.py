"""When a job runs: `rules`, `only` and `except`, `when`, and the `workflow` around them.

The first rule that matches decides, so one that cannot be told leaves open whether the next ones are asked (GitLab
docs: CI/CD YAML syntax reference, Specify when jobs run).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from readycheck.model import Listing
from readycheck.pipelines.gitlab.configuration import variables_in
from readycheck.pipelines.gitlab.expression import holds
from readycheck.pipelines.gitlab.situation import Situation
from readycheck.pipelines.globs import selected
from readycheck.pipelines.model import Occasion, Run
from readycheck.pipelines.node import Node
from readycheck.pipelines.values import Value, all_of, any_of, equal, matches, negated

_JUDGED_FIRST = (
    Occasion.MAIN,
    Occasion.TAG,
    Occasion.BRANCH,
    Occasion.PULL_REQUEST,
    Occasion.SCHEDULE,
    Occasion.MANUAL,
)
_WITHOUT_RULES = ("branches", "tags")
"""What jobs run for that have neither `rules` nor `only`."""
_REF_PATTERN = re.compile(r"/(.*)/(i?)\Z", re.DOTALL)


class Outcome(Struct, frozen=True, eq=False):
    """What comes of the rules in one situation.

    Args:
        situation: the situation.
        when: `on_success`, `manual`, `always`, `delayed` or `on_failure`.
        paths: the globs of which a changed file must match one; empty where it does not matter what has changed.
        unsure: the condition that could not be decided; "" where it surely comes to this.
        rule: the rule that matched; None where no rule did.
    """

    situation: Situation
    when: str = "on_success"
    paths: tuple[str, ...] = ()
    unsure: str = ""
    rule: Node | None = None


class Timing(Struct, frozen=True, eq=False):
    """When a job runs and what its failure does.

    Args:
        runs: when it runs.
        may_fail: why its failure stops nothing; "" where it does.
        in_spite: what lets it run though an earlier job failed; "" where nothing does.
    """

    runs: tuple[Run, ...]
    may_fail: str
    in_spite: str


class Rules:
    """Judges the rules of one pipeline.

    Args:
        workflow: the pipeline's `workflow`.
        variables: the variables that hold for all its jobs.
        situations: the ways in which it comes to run.
        listing: the names in the tree, for `exists`.
    """

    def __init__(
        self, workflow: Node, variables: Mapping[str, str], situations: Iterable[Situation], listing: Listing
    ) -> None:
        self._listing = listing
        self._has_workflow = bool(workflow["rules"])
        self._pipelines: list[Outcome] = []
        for situation in situations:
            known = situation.with_variables(variables)
            found = self.outcomes(workflow["rules"], known, "always") if self._has_workflow else [Outcome(known)]
            for outcome in found:
                given = variables_in(outcome.rule["variables"]) if outcome.rule is not None else {}
                self._pipelines.append(replace(outcome, situation=known.with_variables(given), rule=None))

    def timing(self, job: Node, under: Sequence[Node] = ()) -> Timing:
        """When a job runs.

        Args:
            job: the job, extended.
            under: rules that must hold besides its own: those of the include that brought it.
        """
        found: list[Outcome] = []
        for pipeline in self._pipelines:
            situation = pipeline.situation.with_variables(variables_in(job["variables"]))
            outcomes = [replace(pipeline, situation=situation)]
            for rules in under:
                outcomes = list(_each_after(outcomes, list(self.outcomes(rules, situation, "on_success"))))
            found += _each_after(outcomes, list(self._of_job(job, situation)))
        return Timing(_runs(found), _may_fail(job, found), _in_spite(found))

    def _of_job(self, job: Node, situation: Situation) -> Iterator[Outcome]:
        when = job["when"].text or "on_success"
        if "rules" in job.entries:
            return self.outcomes(job["rules"], situation, when)
        return self._legacy(job, situation, when)

    # Rules -----------------------------------------------------------------------------------------------------

    def outcomes(self, rules: Node, situation: Situation, default: str) -> Iterator[Outcome]:
        """What a list of rules comes to: nothing where none matches, several where it cannot be told which does.

        Args:
            rules: the rules.
            situation: where they are asked.
            default: what `when` is where a rule does not say.
        """
        refusals: list[str] = []
        starts_by_hand: list[str] = []
        for rule in rules.items:
            when = rule["when"].text or default
            answer, condition = self._answer(rule, situation, typically=when == "never")
            if answer is False:
                continue
            paths = self._changes(rule["changes"]) if situation.compares else ()
            doubts = [
                *refusals,
                *(starts_by_hand if when != "manual" else ()),
                *([condition] if answer is None else []),
            ]
            if when != "never":
                yield Outcome(situation, when, paths, " and ".join(doubts), rule)
            if answer and not paths:
                return
            doubt = f"not ({condition or 'changes: ' + ', '.join(paths)})"
            if when == "never":
                refusals.append(doubt)
            elif answer is None and when == "manual":
                starts_by_hand.append(doubt)

    def _answer(self, rule: Node, situation: Situation, *, typically: bool) -> tuple[bool | None, str]:
        """Whether a rule matches, but for what has changed, and its condition for people."""
        condition = " ".join(rule["if"].text.split())
        ask = _keeps_out if typically else holds
        answer = ask(condition, situation.variables) if condition else True
        exists = self._exists(rule["exists"]) if "exists" in rule else True
        if exists is None:
            condition = condition or "exists: " + ", ".join(rule["exists"].texts)
        return all_of(answer, exists), condition

    def _exists(self, exists: Node) -> bool | None:
        if "project" in exists:
            return None
        globs = (exists["paths"] if exists.is_mapping else exists).texts
        if any(True for glob in globs if "$" not in glob for _ in selected(self._listing, glob)):
            return True
        return False if self._listing.whole and not any("$" in glob for glob in globs) else None

    @staticmethod
    def _changes(changes: Node) -> tuple[str, ...]:
        return (changes["paths"] if changes.is_mapping else changes).texts

    # The form before rules -------------------------------------------------------------------------------------

    def _legacy(self, job: Node, situation: Situation, when: str) -> Iterator[Outcome]:
        only, but = job["only"], job["except"]
        if only:
            wanted = self._policy(only, situation)
        else:
            wanted = self._has_workflow or any_of(*(_stands_for(word, situation) for word in _WITHOUT_RULES))
        refused = self._refused(but, situation) if but else False
        answer = all_of(wanted, negated(refused))
        if answer is False or when == "never":
            return
        doubts = [_in_words(name, node) for name, node in (("only", only), ("except", but)) if node and answer is None]
        if but["changes"] and situation.compares:
            doubts.append("except: changes")
        paths = self._changes(only["changes"]) if situation.compares else ()
        yield Outcome(situation, when, paths, " and ".join(doubts))

    @staticmethod
    def _policy(only: Node, situation: Situation) -> bool | None:
        """Whether `only` is met, but for what has changed: every part of it."""
        refs, conditions = _refs(only), only["variables"].texts
        return all_of(
            any_of(*(_stands_for(ref, situation) for ref in refs)) if refs else True,
            any_of(*(holds(condition, situation.variables) for condition in conditions)) if conditions else True,
        )

    @staticmethod
    def _refused(but: Node, situation: Situation) -> bool | None:
        """Whether `except` keeps a job out, but for what has changed: one part of it is enough."""
        named = any(_stands_for(ref, situation) for ref in _refs(but))
        return any_of(named, *(_keeps_out(text, situation.variables) for text in but["variables"].texts))


def _refs(policy: Node) -> Sequence[str]:
    return (policy["refs"] if policy.is_mapping else policy).texts


def _keeps_out(condition: str, variables: Mapping[str, Value]) -> bool | None:
    """Whether a condition keeps a job out: one that takes somebody to set a variable does not."""
    answer = holds(condition, variables)
    return False if answer is None and holds(condition, variables, typically=True) is False else answer


def _stands_for(ref: str, situation: Situation) -> bool | None:
    """Whether a word, a name or a pattern of `only` stands for a situation."""
    ref = ref.partition("@")[0]
    if ref in situation.keywords:
        return True
    if ref in _KEYWORDS or not situation.of_branch_or_tag:
        return False
    name = situation.variables["CI_COMMIT_REF_NAME"]
    pattern = _REF_PATTERN.match(ref)
    return matches(name, pattern[1], ignore_case=bool(pattern[2])) if pattern else equal(name, ref)


_KEYWORDS = frozenset(
    (
        *("api", "branches", "chat", "external", "external_pull_requests", "merge_requests", "parent_pipelines"),
        *("pipelines", "pushes", "schedules", "tags", "triggers", "web"),
    )
)


def _in_words(name: str, policy: Node) -> str:
    return f"{name}: " + ", ".join((*_refs(policy), *policy["variables"].texts))


def _each_after(first: Sequence[Outcome], then: Sequence[Outcome]) -> Iterator[Outcome]:
    """What comes of rules that are asked only where others let them be."""
    for before in first:
        for after in then:
            doubts = [doubt for doubt in (before.unsure, after.unsure) if doubt]
            if before.paths and after.paths and before.paths != after.paths:
                doubts.append("changes: " + ", ".join(before.paths))
            yield replace(after, paths=after.paths or before.paths, unsure=" and ".join(dict.fromkeys(doubts)))


def _runs(outcomes: Iterable[Outcome]) -> tuple[Run, ...]:
    """The runs that outcomes come to, those alike made one."""
    paths: dict[tuple[Occasion, bool, str], tuple[str, ...]] = {}
    for outcome in outcomes:
        unsure = outcome.unsure or ("when: on_failure" if outcome.when == "on_failure" else "")
        key = outcome.situation.occasion, outcome.when == "manual", unsure
        before = paths.get(key)
        if before is None or not outcome.paths:
            paths[key] = outcome.paths
        elif before:
            paths[key] = tuple(dict.fromkeys((*before, *outcome.paths)))
    surely = {key[:2] for key, found in paths.items() if not key[2] and not found}
    return tuple(
        Run(occasion, found, manual, unsure)
        for (occasion, manual, unsure), found in paths.items()
        if (occasion, manual) not in surely or not (unsure or found)
    )


def _may_fail(job: Node, outcomes: Sequence[Outcome]) -> str:
    """Why a failure stops nothing, on the occasion that matters most of those on which the job runs."""
    ranked = sorted(
        outcomes, key=lambda outcome: (bool(outcome.unsure), _JUDGED_FIRST.index(outcome.situation.occasion))
    )
    rule = ranked[0].rule if ranked else None
    said = (rule["allow_failure"] if rule is not None else None) or job["allow_failure"]
    if said.is_mapping:
        return "`allow_failure` for some exit codes" if said["exit_codes"] else ""
    if said:
        return "`allow_failure: true`" if said.flag else ""
    return "it waits for a start by hand that the pipeline does not wait for" if job["when"].text == "manual" else ""


def _in_spite(outcomes: Sequence[Outcome]) -> str:
    for outcome in outcomes:
        if outcome.when in {"always", "on_failure"}:
            return f"`when: {outcome.when}`"
    return ""
