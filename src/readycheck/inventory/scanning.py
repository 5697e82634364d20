"""Which scans hold up the images that pipelines bring into registries and clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from readycheck.inventory.deeds import Deed, Deeds
from readycheck.kubernetes.image import ImageReference
from readycheck.model import Unjudged
from readycheck.pipelines.acts import Build, Deploy, Push, Way
from readycheck.pipelines.acts.words import names, segments
from readycheck.pipelines.model import Command, Job, Occasion, Run, Step, Unread, Use
from readycheck.pipelines.order import gap
from readycheck.pipelines.pipeline import Pipeline
from readycheck.pipelines.scanning import Scan, Subject, scans_of

Publication: TypeAlias = "Deed[Push] | Deed[Deploy]"
"""What brings an image to where it is used."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a publication waits for.

    Args:
        scan: the scan that it waits for; the nearest to that where it waits for none, None where there is none at all.
        why: why that scan does not hold it up; "" where it does.
        unsure: what decides whether it does and could not be read; "" where nothing does.
        promoted: whether it goes out before the scan under a name of its commit, and what puts it into use waits.
    """

    scan: Deed[Scan] | None
    why: str = ""
    unsure: str = ""
    promoted: bool = False

    @property
    def holds(self) -> bool:
        """Whether the publication waits for a scan that stops it."""
        return self.scan is not None and not self.why


class Scanning(Deeds):
    """The relations between what pipelines publish and what they scan before."""

    @cached_property
    def _scans(self) -> Mapping[int, Sequence[Deed[Scan]]]:
        """The scans of each pipeline, by the pipeline."""
        return {
            id(pipeline): [
                Deed(scan, pipeline, job, runs)
                for job in pipeline.flow.jobs
                for scan in scans_of(job, pipeline.files)
                if not scan.skipped
                for runs in [_runs(job, scan)]
                if runs
            ]
            for pipeline in self.pipelines
        }

    def scans_in(self, pipeline: Pipeline) -> Sequence[Deed[Scan]]:
        """What a pipeline scans for vulnerabilities.

        Args:
            pipeline: the pipeline.
        """
        return self._scans[id(pipeline)]

    @cached_property
    def _publications(self) -> Mapping[int, Sequence[Publication]]:
        pushes = [push for push in self.done(Push, *Occasion) if not _stays_here(push.act)]
        builders = {id(deed.pipeline) for deed in self.done(Build, *Occasion)}
        found: dict[int, list[Publication]] = {id(pipeline): [] for pipeline in self.pipelines}
        for push in pushes:
            found[id(push.pipeline)].append(push)
        for deploy in self.done(Deploy, *Occasion):
            own = found[id(deploy.pipeline)]
            built_here = id(deploy.pipeline) in builders and (deploy.act.images or deploy.act.way is Way.CLUSTER)
            if built_here and not any(isinstance(each.act, Push) for each in own):
                own.append(deploy)
        return found

    def publications_of(self, pipeline: Pipeline) -> Sequence[Publication]:
        """The pushes of images that a pipeline does; its deploys where it builds images and pushes none.

        Args:
            pipeline: the pipeline.
        """
        return self._publications[id(pipeline)]

    def only_copies(self, pipeline: Pipeline) -> bool:
        """Whether a pipeline pushes nothing but what lies in a registry already.

        Args:
            pipeline: the pipeline.
        """
        builds = any(deed.pipeline is pipeline for deed in self.done(Build, *Occasion))
        pushes = [each.act for each in self.publications_of(pipeline)]
        return not builds and all(isinstance(act, Push) and act.sources for act in pushes)

    # What holds it up ----------------------------------------------------------------------------------------------

    def hold_on(self, publication: Publication) -> Hold:
        """What a publication waits for, on each occasion on which it is done.

        Args:
            publication: the push or deploy.
        """
        held = self._hold(publication)
        if held.holds or not _names_its_commit(publication):
            return held
        promoters = [each for each in self._promoters(publication) if not _names_its_commit(each)]
        holds = [self._hold(promoter, of=publication) for promoter in promoters]
        if holds and all(hold.holds for hold in holds):
            return Hold(holds[0].scan, unsure=holds[0].unsure, promoted=True)
        return held

    def _promoters(self, publication: Publication) -> Iterator[Publication]:
        """What puts into use what was published: what else its pipeline, or one that follows it, pushes or deploys."""
        called = (publication.pipeline.name, publication.pipeline.flow.name)
        every: tuple[Publication, ...] = (*self.done(Push, *Occasion), *self.done(Deploy, *Occasion))
        for deed in every:
            here = deed.pipeline is publication.pipeline
            follows = any(follow.pipeline in called for follow in deed.pipeline.flow.follows)
            if deed.act.cause is not publication.act.cause and (here or follows):
                yield deed

    def _hold(self, publication: Publication, of: Publication | None = None) -> Hold:
        """What a publication waits for on the occasion on which it waits for the least.

        Args:
            publication: the push or deploy.
            of: what was published under the name that is scanned, where that is another push.
        """
        held = [self._hold_then(publication, of or publication, occasion) for occasion in _occasions(publication)]
        return max(held, key=lambda hold: _distance(hold, publication), default=Hold(None))

    def _hold_then(self, publication: Publication, of: Publication, occasion: Occasion) -> Hold:
        nearest = Hold(None)
        for scan in self._scans_near(publication):
            hold = self._held_by(scan, publication, of, occasion)
            nearest = min((nearest, hold), key=lambda each: _distance(each, publication))
        return nearest

    def _held_by(self, scan: Deed[Scan], publication: Publication, of: Publication, occasion: Occasion) -> Hold:
        try:
            reason = _why_not_of(scan, of, self._makers_of_list(scan))
        except Unjudged as unjudged:
            return Hold(scan, gap(scan.spot, publication.spot, occasion), unjudged.reason)
        if not reason and scan.act.harmless:
            reason = f"{scan.named} {scan.act.harmless}"
        missing = "" if reason else _gap(scan, publication, occasion)
        if missing:
            reason = f"{scan.named} does not hold it up: {missing}"
        return Hold(scan, reason, scan.act.unsure)

    def _scans_near(self, publication: Publication) -> Iterator[Deed[Scan]]:
        yield from self.scans_in(publication.pipeline)
        for pipeline in self.pipelines:
            if pipeline is not publication.pipeline and not pipeline.flow.called_only:
                yield from self.scans_in(pipeline)

    def _makers_of_list(self, scan: Deed[Scan]) -> Sequence[str]:
        """The commands of a scan's pipeline that name the file which it reads."""
        if scan.act.of is not Subject.SBOM:
            return ()
        name = scan.act.target.rpartition("/")[2]
        return [
            " ".join(_words(cause))
            for job in scan.pipeline.flow.jobs
            for step in job.steps
            for cause in (*step.commands, *((step.uses,) if step.uses else ()))
            if cause is not scan.act.cause and any(name and name in word for word in _words(cause))
        ]

    def hidden_around(self, pipeline: Pipeline, publication: Publication | None = None) -> Unread | None:
        """What of a pipeline could not be read and may scan images, or push them; the first of it.

        Args:
            pipeline: the pipeline.
            publication: what would have to wait for it; None where none is in sight.
        """
        jobs = [job.place.location for job in pipeline.flow.jobs if job.unread]
        of_all = next((unread for unread in pipeline.flow.unread if unread.place.location not in jobs), None)
        if of_all is not None:
            return of_all
        scanned = {id(scan.act.step) for scan in self.scans_in(pipeline)}
        for job in pipeline.flow.jobs:
            before = publication is None or job is publication.job or _waits_for(publication.job, job, pipeline)
            if before and job.unread and (publication is not None or segments(job.unread) & _PUBLISHING):
                return Unread(job.place, job.unread)
            for step in job.steps if before else ():
                if id(step) not in scanned and _may_matter(step, published=publication is not None):
                    return Unread(
                        step.place, step.unread or f"what {step.uses.name if step.uses else ''} does is not known"
                    )
        return None


_SCANNING = names(
    "scan scans scanner scanning trivy grype anchore snyk security vulnerability vulnerabilities cve cves"
)
_PUBLISHING = names("build image images docker container publish release deploy push registry")


def _runs(job: Job, scan: Scan) -> tuple[Run, ...]:
    runs = (job.run_of(scan.step, occasion) if scan.step else job.run(occasion) for occasion in Occasion)
    return tuple(run for run in runs if run is not None)


def _occasions(publication: Publication) -> Sequence[Occasion]:
    """The occasions that count: what is published of a pull request is for its own review, unless all is."""
    every = [run.occasion for run in publication.runs]
    return [occasion for occasion in every if occasion is not Occasion.PULL_REQUEST] or every


def _gap(scan: Deed[Scan], publication: Publication, occasion: Occasion) -> str:
    """Why a publication may be done though a scan failed or was not done; "" where it waits."""
    missing = gap(scan.spot, publication.spot, occasion)
    if missing and scan.pipeline is publication.pipeline and scan.spot.run(occasion) is None:
        return f"it runs on {scan.occasions} only"
    return "it waits for somebody to start it" if missing and scan.manual else missing


def _distance(hold: Hold, publication: Publication) -> tuple[bool, ...]:
    """How far a scan is from holding something up."""
    scan = hold.scan
    if scan is None:
        return (True,) * 5
    elsewhere = scan.pipeline is not publication.pipeline
    return bool(hold.why), bool(hold.unsure), scan.act.of is Subject.FILES, elsewhere, bool(scan.act.harmless)


# What is scanned -------------------------------------------------------------------------------------------------


def _why_not_of(scan: Deed[Scan], publication: Publication, makers: Sequence[str]) -> str:
    """Why a scan is not of what is published; "" where it is or may be.

    Raises:
        Unjudged: it cannot be told.
    """
    act = scan.act
    if act.of is Subject.FILES:
        return f"{scan.named} scans files and not the image"
    if act.of is Subject.SBOM:
        if not makers:
            raise Unjudged(f"it scans {act.target}, and what that is made from cannot be seen")
        of_files = any(re.search(r"\b(?:dir:|fs |filesystem |rootfs |repo )", text) for text in makers)
        return f"{scan.named} scans a list of the packages of files and not of the image" if of_files else ""
    published = publication.act.images
    names_published = {name for image in published if (name := _name(image))}
    target = _name(act.target)
    if target and len(names_published) == len(set(published)) and published and target not in names_published:
        return f"{scan.named} scans another image, {act.target}"
    return ""


def _name(image: str) -> str:
    """The last part of an image's name where that is decided; "" where a variable may be in it."""
    if "$" in image or "{{" in image or image.endswith((".tar", ".tar.gz", ".tgz")):
        return ""
    reference = ImageReference.of(image)
    return (reference.name or "") if reference else ""


def _words(cause: Command | Use) -> Sequence[str]:
    return cause.words if isinstance(cause, Command) else (cause.name, *cause.inputs.values())


# What is published -----------------------------------------------------------------------------------------------


def _stays_here(push: Push) -> bool:
    """Whether a push goes to a registry of the run itself."""
    local = ("localhost", "127.0.0.1", "kind-registry", "k3d-")
    return bool(push.images) and all(image.startswith(local) for image in push.images)


_COMMIT = re.compile(
    r"(?i)sha|commit|rev[-_]?parse|pipeline_i?id|run_(?:id|number)|build_?(?:id|number|num)|git_?hash|short_?hash|digest"
)


def _names_its_commit(publication: Publication) -> bool:
    """Whether all that is published is named by its commit, its run or its digest: nobody uses it unasked."""
    act = publication.act
    if not isinstance(act, Push):
        return False
    if isinstance(act.cause, Use) and "push-by-digest=true" in act.cause.inputs.get("outputs", ""):
        return True
    tags = [_tag(image) for image in act.images]
    return bool(tags) and all(_COMMIT.search(tag) for tag in tags)


def _tag(image: str) -> str:
    """What follows the last colon outside of an expression; "" where nothing does."""
    return (
        re.sub(r"\$\{\{.*?\}\}|\$\{[^}]*\}", lambda match: match[0].replace("/", "."), image)
        .rpartition("/")[2]
        .partition(":")[2]
    )


# What could not be read ------------------------------------------------------------------------------------------


def _may_matter(step: Step, *, published: bool) -> bool:
    """Whether a step that could not be read goes by the name of a scan, or of a push where none is in sight."""
    if step.skipped:
        return False
    if step.uses is not None and not step.unread:
        words = segments(step.uses.name)
        return published and bool(words & _SCANNING) and not words & _NO_GATE
    return bool(step.unread) and (step.uses is not None or bool(segments(step.unread) & (_SCANNING | _PUBLISHING)))


_NO_GATE = names(
    "setup install download upload report reporter codeql secret secrets gitleaks sbom dependency semgrep node golang",
    "python maven gradle iac code scorecard sast dast zap login configure monitor sarif review audit gosec trufflehog",
)
"""Words in the names of ready-made steps that scan something else, or nothing."""


def _waits_for(job: Job, first: Job, pipeline: Pipeline) -> bool:
    """Whether a job waits for another one, directly or not."""
    jobs = {each.id: each for each in pipeline.flow.jobs}
    waiting, seen = [need.job for need in job.needs], set[str]()
    while waiting:
        name = waiting.pop()
        if name == first.id:
            return True
        if name not in seen and name in jobs:
            seen.add(name)
            waiting += [need.job for need in jobs[name].needs]
    return False
