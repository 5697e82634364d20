"""Fixes from end to end: a scan, the changes that it proposes, and the scans of a copy that prove them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readycheck.documents.text import MarkedText, Unreadable, read_marked
from readycheck.fixes.additions import Neighbours
from readycheck.fixes.builds import misbuilt
from readycheck.fixes.choice import Choice
from readycheck.fixes.copies import Copy, moved, wanted
from readycheck.fixes.diffs import unified
from readycheck.fixes.forms import live_patches, patch_of
from readycheck.fixes.messages import commit_message, what_is_left, what_was_not_read
from readycheck.fixes.overlays import Overlays
from readycheck.fixes.ownership import Ownership
from readycheck.fixes.planning import Plan, plan
from readycheck.fixes.proof import Weighing, blamed, identity, undone
from readycheck.fixes.proposals import IN_GIT, Left, Proposal, Tree, proposals_of
from readycheck.fixes.reach import Reach
from readycheck.fixes.verifying import Verification, answerable
from readycheck.model import Collected, from_files
from readycheck.outputs.files import write_whole
from readycheck.report import ExitCode, Patch, Report
from readycheck.scan import Progress, ScanRequest, files_of, files_of_others, scan
from readycheck.sources.files import FilesRequest, collect
from readycheck.sources.files.git_index import is_staged, staged
from readycheck.sources.files.tree import repository_of, root_of

_MOST_ROUNDS = 4
"""Fixes reveal others: a second replica asks for a budget. Nothing needs more turns than this."""
_MOST_TRIES = 4
"""Scans in one turn until what is left of its proposals goes together."""


class FileChange(Struct, frozen=True):
    """What becomes of one file.

    Args:
        file: its absolute path, without links.
        path: its path from the repository's root, with forward slashes.
        before: what stands in it; None where it is new.
        after: what should.
    """

    file: str
    path: str
    before: MarkedText | None
    after: str

    @property
    def diff(self) -> str:
        """The change as `git apply` takes it."""
        mark = "\ufeff" if self.before and self.before.mark else ""
        return unified(self.path, mark + self.before.text if self.before else None, mark + self.after)

    @property
    def content(self) -> bytes:
        """The file's bytes afterwards."""
        return self.before.bytes_of(self.after) if self.before else self.after.encode()


class Fixed(Struct, frozen=True, eq=False):
    """What fixes come to.

    Args:
        before: the scan of the tree as it is.
        after: the scan with all changes made.
        changes: the files that change, by their paths.
        made: the fixes in them, in the order of their rounds.
        left: the findings that stay, and why.
        repository: the folder that the paths of changes start at.
    """

    before: Report
    after: Report
    changes: Sequence[FileChange]
    made: Sequence[Proposal]
    left: Sequence[Left]
    repository: str

    @property
    def message(self) -> str:
        """What the changes do, as the message of a commit."""
        titles = {rule: title for rule, (title, _) in self.before.rules.items()}
        return commit_message(self.made, titles, Reach(self.before.sources, self.after.sources))

    @property
    def still_open(self) -> Iterator[str]:
        """The findings that stay, and why, and what could not be read, line by line."""
        yield from what_is_left(self.left)
        yield from what_was_not_read(self.before.sources)

    @property
    def exit_code(self) -> ExitCode:
        """What the process says to the shell."""
        if any(each.code != IN_GIT for each in self.left):
            return ExitCode.VIOLATIONS
        return ExitCode.INCOMPLETE if self.before.gate.exit_code is ExitCode.INCOMPLETE else ExitCode.READY


class UnsavedChanges(Exception):  # noqa: N818 - the user's to decide
    """Files would be changed that git has no copy of as they are."""


def apply(fixed: Fixed, *, force: bool = False) -> None:
    """Write the changes: each file whole or not at all.

    Args:
        fixed: the changes.
        force: whether files may be changed that git has no copy of as they are.

    Raises:
        UnsavedChanges: there are such files; nothing was written.
        OSError: a file cannot be written; those before it were.
    """
    if not force:
        unsaved = _unsaved(fixed)
        if unsaved:
            raise UnsavedChanges(
                f"git has no copy of {', '.join(unsaved)} as {'they stand' if len(unsaved) > 1 else 'it stands'}: "
                "`git add` what is yours first, or give --force"
            )
    for change in fixed.changes:
        if change.before is not None and Path(change.file).read_bytes() != change.before.bytes_of(change.before.text):
            raise UnsavedChanges(f"{change.path} has been changed meanwhile")
        Path(change.file).parent.mkdir(parents=True, exist_ok=True)
        write_whole(Path(change.file), change.content)


def _unsaved(fixed: Fixed) -> list[str]:
    """The files that change, and that git's index holds otherwise or not at all."""
    repository = Path(fixed.repository)
    if not (repository / ".git").exists():
        return []
    known = staged(repository)
    return [
        change.path
        for change in fixed.changes
        if change.before is not None
        and (
            known is None
            or change.path not in known
            or not is_staged(change.before.bytes_of(change.before.text), known[change.path])
        )
    ]


def fix(
    request: ScanRequest,
    choice: Choice,
    progress: Progress = lambda _: None,
    report: Report | None = None,
    *,
    verification: Verification | None = None,
) -> Fixed:
    """Propose changes, and prove them on a copy: whatever does not hold there is left out.

    Args:
        request: what to scan and how.
        choice: which fixes are wanted.
        progress: told what is being done.
        report: the scan of the same request, where that has been made already.
        verification: asks an API server about each object that changes; None where none is to be asked.

    Raises:
        ConnectionFault: the API server cannot be asked.
        ConfigError: the request or the configuration cannot be used.
        RuleError: a rule pack cannot be used.
    """
    before = report or scan(request, progress)
    files = files_of(request)
    if files is None:
        _, left = proposals_of(before.outcomes, choice, Tree("/", "/", Neighbours((), single=False)))
        return Fixed(before, before, (), (), left, str(Path.cwd()))
    return _Fixing(request, choice, progress, files, before, verification).run()


def propose(request: ScanRequest, report: Report, progress: Progress = lambda _: None) -> Mapping[int, Patch]:
    """The patch of each finding by itself, by the identity of the finding; for pages and viewers of a report.

    All that change files were proven together; those of unsafe fixes are among them, and those of what runs and no file
    declares, which are not proven.

    Args:
        request: what was scanned.
        report: the report of that scan.
        progress: told what is being done.
    """
    live = live_patches(report)
    files = files_of(request)
    if files is None:
        return live
    fixing = _Fixing(request, Choice(unsafe=True), progress, files, report)
    proven = {id(each.finding) for each in fixing.run().made}
    return {**live, **fixing.alone(proven)}


def with_patches(request: ScanRequest, report: Report, progress: Progress = lambda _: None) -> Report:
    """A report with the patch of each finding that has one.

    Args:
        request: what was scanned.
        report: the report of that scan.
        progress: told what is being done.
    """
    # What the gate compares with has no part in what a patch makes better.
    plain = replace(request, new_since="", baseline=None, accept=False)
    return replace(report, patches=propose(plain, report, progress))


class _Fixing:
    """One run over the files of a request."""

    def __init__(
        self,
        request: ScanRequest,
        choice: Choice,
        progress: Progress,
        files: FilesRequest,
        before: Report,
        verification: Verification | None = None,
    ) -> None:
        self._request = request
        self._choice = choice
        self._progress = progress
        self._files = files
        self._before = before
        self._verification = verification
        self._known = [source for source in before.sources if source.source != "files"]
        self._root = root_of(files.paths)
        self._repository = str(repository_of(Path(self._root)))
        self._boundary = str(files.repository.resolve()) if files.repository else self._repository
        self._originals: dict[str, MarkedText | None] = {}
        self._texts: dict[str, str] = {}
        self._made: list[Proposal] = []
        self._dropped: dict[tuple[str, ...], Left] = {}
        self._agreed: set[tuple[str, ...]] = set()

    @cached_property
    def _ownership(self) -> Ownership:
        return Ownership(self._root, self._boundary, self._files, files_of_others(self._request))

    def run(self) -> Fixed:
        report = self._before
        made, left = self._proposals(report)
        if made:
            with Copy(self._repository, *wanted(self._files, self._root, report)) as copy:
                for _ in range(_MOST_ROUNDS):
                    after = self._turn(copy, made, report)
                    if after is None:
                        break
                    report = after
                    made, left = self._proposals(report)
                    if not made:
                        break
                else:
                    self._drop(undone(each, "conflict", "comes after others: another run makes it") for each in made)
        left = [*left, *(self._dropped[name] for name in sorted(self._dropped))]
        return Fixed(self._before, report, self._changes(), self._made, left, self._repository)

    def _proposals(self, report: Report) -> tuple[list[Proposal], list[Left]]:
        single = len(self._files.paths) == 1 and self._files.paths[0].is_file()
        neighbours = Neighbours(from_files(report.sources), single=single)
        overlays = None
        if self._choice.environment_only:
            overlays = Overlays(report.sources, self._root, self._ownership, self._read)
        tree = Tree(self._root, self._boundary, neighbours, report.counterparts, overlays)
        made, left = proposals_of(report.outcomes, self._choice, tree)
        made = [each for each in made if identity(each) not in self._dropped]
        return [each for each in made if self._is_wanted(each)], left

    def _is_wanted(self, proposal: Proposal) -> bool:
        """Whether a person wants a proposal; nobody is asked about one twice."""
        if self._choice.ask is None or identity(proposal) in self._agreed:
            return True
        if self._choice.ask(proposal.question):
            self._agreed.add(identity(proposal))
            return True
        self._drop([undone(proposal, "not-asked", "was not wanted")])
        return False

    def _turn(self, copy: Copy, proposals: Sequence[Proposal], report: Report) -> Report | None:
        """Make some proposals; the report afterwards, or None where not one of them holds."""
        for _ in range(_MOST_TRIES):
            planned = plan(proposals, self._read)
            self._drop(planned.left)
            if not planned.made:
                return None
            copy.write({file: self._content(file, text) for file, text in planned.texts.items()})
            self._progress("proving fixes")
            after = self._scan(copy)
            bad = _misfits(planned, report, after) or self._strayed(planned, report, after)
            bad = bad or self._refused(planned, report, after)
            if not bad:
                self._texts |= planned.texts
                self._made += planned.made
                return after
            self._take_back(copy, planned)
            self._drop(replace(each, reason=copy.told_outside(each.reason)) for each in bad)
            proposals = [each for each in proposals if identity(each) not in self._dropped]
        self._drop(undone(each, "conflict", "could not be proven together with others") for each in proposals)
        return None

    def _strayed(self, planned: Plan, before: Report, after: Report) -> Sequence[Left]:
        """The proposals for one environment alone of which its overlays make more than they mean."""
        if not self._choice.environment_only:
            return ()
        return [undone(each, "worse", reason) for each, reason in misbuilt(before.sources, after.sources, planned.made)]

    def _refused(self, planned: Plan, before: Report, after: Report) -> Sequence[Left]:
        """The proposals of a plan after which the API server would no longer take an object."""
        if self._verification is None:
            return ()
        self._progress("asking the API server")
        words = self._verification.refused(before.sources, after.sources)
        blame = answerable(words, planned.made)
        return [
            undone(each, "refused", f"would be refused: the API server {words[blame[id(each)]]}")
            for each in planned.made
            if id(each) in blame
        ]

    def _drop(self, left: Iterable[Left]) -> None:
        self._dropped |= {identity(each): each for each in left}

    def _take_back(self, copy: Copy, planned: Plan) -> None:
        for file in planned.texts:
            if file in self._texts or self._original(file) is not None:
                copy.write({file: self._content(file, self._read(file))})
            else:
                copy.remove(file)

    def _scan(self, copy: Copy) -> Report:
        def read_files(files: FilesRequest, tell: Progress) -> Collected:
            with copy.at_work():
                return collect(moved(files, copy.moved), tell)

        return scan(self._request, self._progress, read_files=read_files, known=self._known)

    def alone(self, findings: Collection[int]) -> Mapping[int, Patch]:
        """The patch of each of some findings of the first scan, made by itself."""
        self._texts = {}
        found: dict[int, Patch] = {}
        for proposal in self._proposals(self._before)[0]:
            if id(proposal.finding) in findings and (planned := plan([proposal], self._read)).made:
                self._texts = dict(planned.texts)
                diff = "".join(change.diff for change in self._changes())
                self._texts = {}
                found[id(proposal.finding)] = patch_of(proposal.fix, diff)
        return found

    # Files -----------------------------------------------------------------------------------------------------

    def _original(self, file: str) -> MarkedText | None:
        """What stands in a file; None where it is not there."""
        if file not in self._originals:
            self._originals[file] = read_marked(file) if os.path.lexists(file) else None
        return self._originals[file]

    def _read(self, file: str) -> str:
        if file in self._texts:
            return self._texts[file]
        original = self._original(file)
        if original is None:
            raise Unreadable("does not exist")
        return original.text

    def _content(self, file: str, text: str) -> bytes:
        original = self._original(file)
        return original.bytes_of(text) if original else text.encode()

    def _changes(self) -> Sequence[FileChange]:
        paths = {Path(os.path.relpath(file, self._repository)).as_posix(): file for file in self._texts}
        return [FileChange(file, path, self._original(file), self._texts[file]) for path, file in sorted(paths.items())]


def _misfits(planned: Plan, before: Report, after: Report) -> Sequence[Left]:
    """The proposals of a plan that do not hold, and why."""
    weighing = Weighing(before.outcomes, after.outcomes)
    bad: dict[int, Left] = {}
    for proposal in planned.made:
        if weighing.still_there(proposal):
            bad[id(proposal)] = undone(proposal, "still-fails", "would not make the rule hold")
    for objection in weighing.objections():
        for proposal in blamed(objection, planned.made):
            bad.setdefault(id(proposal), undone(proposal, "worse", f"would do harm: {objection.reason}"))
    return list(bad.values())
