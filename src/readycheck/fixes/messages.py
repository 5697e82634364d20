"""What was done, in words: a message for a commit, by topic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from readycheck.fixes.proposals import Left, Proposal, named
from readycheck.fixes.reach import Reach
from readycheck.model import Collected


def commit_message(made: Sequence[Proposal], titles: Mapping[str, str], reach: Reach) -> str:
    """A message for the commit of some fixes: one topic for each rule.

    Args:
        made: the fixes.
        titles: what each rule demands, by its ID.
        reach: tells how far they reach.
    """
    topics = _by_rule(made)
    if not topics:
        return ""
    if len(topics) == 1:
        subject = titles.get(next(iter(topics)), "").rstrip(".") or next(iter(topics))
    else:
        subject = f"Make ready for production: {len(made)} fixes of {len(topics)} rules"
    lines = [subject]
    for rule, proposals in topics.items():
        lines += ["", f"{rule}: {titles.get(rule, '')}".rstrip(": ")]
        lines += _bullets(proposals, reach)
    if reach.in_all:
        lines += ["", f"In all, at the fewest replicas that can run: {reach.in_all}."]
    return "\n".join(lines) + "\n"


def _bullets(proposals: Sequence[Proposal], reach: Reach) -> Iterator[str]:
    said: dict[str, None] = {}
    for proposal in proposals:
        files = ", ".join(dict.fromkeys([*(a.target.uri for a in proposal.aims), *(a.uri for a in proposal.additions)]))
        unsafe = "" if proposal.fix.safe else " (unsafe)"
        far = reach.of(proposal)
        said[
            f"* {named(proposal.outcome.resource)}: {proposal.fix.title}{unsafe} in {files}{f' [{far}]' if far else ''}"
        ] = None
    yield from said


def what_is_left(left: Sequence[Left]) -> Iterator[str]:
    """The findings that stay: what can be done about each, or how many there are where nothing is known."""
    grouped: dict[tuple[str, str], list[Left]] = defaultdict(list)
    plain: Counter[str] = Counter()
    for each in left:
        if each.title or each.code != "by-hand":
            grouped[each.outcome.rule, each.reason].append(each)
        else:
            plain[each.outcome.rule] += 1
    for (rule, reason), members in sorted(grouped.items(), key=lambda item: item[0]):
        yield f"{rule}: {reason}"
        for each in members:
            location = each.finding.place.location
            where = f"{location.uri}:{location.line}" if location.line else location.uri
            yield f"  {where}: {named(each.outcome.resource)}: {each.title}".removesuffix(": ")
    if plain:
        rules = ", ".join(f"{rule} ({count})" for rule, count in sorted(plain.items()))
        yield f"no fix is known for {plain.total()} findings: {rules}"


def what_was_not_read(sources: Iterable[Collected]) -> Iterator[str]:
    """What could not be read, rendered or judged, so that nothing in it is mended."""
    for source in sources:
        for problem in source.problems:
            where = f"{problem.uri}:{problem.line}" if problem.line else problem.uri
            yield f"not read: {where}: {problem.reason}"


def _by_rule(made: Iterable[Proposal]) -> Mapping[str, list[Proposal]]:
    found: dict[str, list[Proposal]] = defaultdict(list)
    for proposal in made:
        found[proposal.outcome.rule].append(proposal)
    return dict(sorted(found.items()))
