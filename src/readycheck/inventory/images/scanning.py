"""Which scans hold up the images that pipelines bring into registries and clusters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from msgspec import Struct

from readycheck.inventory.delivery.deeds import Deed, Deeds
from readycheck.model import Unjudged
from readycheck.pipelines.acts import Build, Deploy, Push, Throwaway, Way
from readycheck.pipelines.acts.words import CONTAINER_TOOLS, called
from readycheck.pipelines.model import Command, Job, Occasion, Run, Unread, Use
from readycheck.pipelines.order import gap
from readycheck.pipelines.pipeline import Pipeline
from readycheck.pipelines.scanning import Scan, Subject, hints, naming, published, scans_of
from readycheck.pipelines.scanning.verdicts import judged_by

Publication: TypeAlias = "Deed[Push] | Deed[Deploy]"
"""What brings an image to where it is used."""


class Hold(Struct, frozen=True):
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

    def _copies(self, push: Deed[Push]) -> bool:
        """Whether a push only gives another name to what lies in a registry, or puts a list of platforms above it."""
        if push.act.sources or push.act.what.endswith("manifest push"):
            return True
        return id(push.job) not in self._builds_by_job and any(
            (call := called(command.words)).program in CONTAINER_TOOLS and call.arguments[:1] == ("pull",)
            for step in push.job.steps
            for command in step.commands
        )

    @cached_property
    def _publications(self) -> Mapping[int, Sequence[Publication]]:
        pushes = [
            push for push in self.done(Push, *Occasion) if not published.stays_here(push.act) and not self._copies(push)
        ]
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

        What only copies or names anew what lies in a registry already is none: what made it is judged.

        Args:
            pipeline: the pipeline.
        """
        return self._publications[id(pipeline)]

    def only_copies(self, pipeline: Pipeline) -> bool:
        """Whether a pipeline pushes images, but none that does not lie in a registry already.

        Args:
            pipeline: the pipeline.
        """
        return not self.publications_of(pipeline) and any(
            push.pipeline is pipeline and self._copies(push) for push in self.done(Push, *Occasion)
        )

    @cached_property
    def _jobs_with_clusters(self) -> frozenset[int]:
        return frozenset(id(made.job) for made in self.done(Throwaway, *Occasion) if "cluster" in made.act.of)

    def may_stay_here(self, publication: Publication) -> bool:
        """Whether something may be pushed for a cluster that the same job makes, by a name that a variable decides.

        Args:
            publication: the push or deploy.
        """
        undecided = any("$" in image for image in publication.act.images) or not publication.act.images
        return undecided and id(publication.job) in self._jobs_with_clusters

    # What holds it up ----------------------------------------------------------------------------------------------

    def hold_on(self, publication: Publication) -> Hold:
        """What a publication waits for, on each occasion on which it is done.

        Args:
            publication: the push or deploy.
        """
        held = self._hold(publication)
        if held.holds or not published.names_its_commit(publication.act):
            return held
        promoters = [each for each in self._promoters(publication) if not published.names_its_commit(each.act)]
        holds = [self._hold(promoter, of=publication) for promoter in promoters]
        if holds and all(hold.holds for hold in holds):
            return Hold(holds[0].scan, unsure=holds[0].unsure, promoted=True)
        return held

    def _promoters(self, publication: Publication) -> Iterator[Publication]:
        """What puts into use what was published: what else its pipeline, or one that follows it, pushes or deploys."""
        names = (publication.pipeline.name, publication.pipeline.flow.name)
        every: tuple[Publication, ...] = (*self.done(Push, *Occasion), *self.done(Deploy, *Occasion))
        for deed in every:
            here = deed.pipeline is publication.pipeline
            follows = any(follow.pipeline in names for follow in deed.pipeline.flow.follows)
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
            own = nearest.scan is not None and nearest.scan.pipeline is publication.pipeline
            if own and scan.pipeline is not publication.pipeline and not self._follows(publication, scan):
                # A scan of a pipeline that nothing leads on from holds nothing up elsewhere.
                if not publication.pipeline.flow.follows:
                    break
                continue
            hold = self._held_by(scan, publication, of, occasion)
            nearest = min((nearest, hold), key=lambda each: _distance(each, publication))
        return nearest

    def _follows(self, publication: Publication, scan: Deed[Scan]) -> bool:
        """Whether what publishes runs after the pipeline of a scan."""
        names = (scan.pipeline.name, scan.pipeline.flow.name)
        return any(follow.pipeline in names for follow in publication.pipeline.flow.follows)

    def _held_by(self, scan: Deed[Scan], publication: Publication, of: Publication, occasion: Occasion) -> Hold:
        try:
            reason = _why_not_of(scan, self._names_of(of, scan), self._makers_of_list(scan))
        except Unjudged as unjudged:
            return Hold(scan, gap(scan.spot, publication.spot, occasion), unjudged.reason)
        if not reason and scan.act.harmless:
            reason = f"{scan.named} {scan.act.harmless}"
        judge = judged_by(scan.act, scan.job) if reason.endswith(_WITHOUT_CODE) or scan.act.swallowed else ""
        if judge and not _ordered(scan, publication):
            return Hold(scan, unsure=f"{judge}, and whether that fails cannot be told")
        missing = "" if reason else _gap(scan, publication, occasion)
        if missing:
            reason = f"{scan.named} does not hold it up: {missing}"
        return Hold(scan, reason, scan.act.unsure)

    def _scans_near(self, publication: Publication) -> Iterator[Deed[Scan]]:
        yield from self.scans_in(publication.pipeline)
        for pipeline in self.pipelines:
            if pipeline is not publication.pipeline and not pipeline.flow.called_only:
                yield from (scan for scan in self.scans_in(pipeline) if scan.act.of is not Subject.FILES)

    def _names_of(self, publication: Publication, scan: Deed[Scan]) -> frozenset[str]:
        """The names that what is published goes by; UNTOLD among them where a scan may know it by another one."""
        pipelines = {id(pipeline) for pipeline in (publication.pipeline, scan.pipeline)}
        alike = chain.from_iterable(self._synonyms[pipeline] for pipeline in pipelines)
        names = naming.also_called(publication.act.images, alike)
        untold = {id(publication.job), id(scan.job)} & self._jobs_with_untold_names
        return names | {naming.UNTOLD} if untold else names

    @cached_property
    def _synonyms(self) -> Mapping[int, Sequence[frozenset[str]]]:
        """The names that are one image's in each pipeline, by the pipeline."""
        return {id(pipeline): self._synonyms_in(pipeline.flow.jobs) for pipeline in self.pipelines}

    @cached_property
    def _jobs_with_untold_names(self) -> frozenset[int]:
        jobs = (job for pipeline in self.pipelines for job in pipeline.flow.jobs)
        return frozenset(id(job) for job in jobs if any(naming.UNTOLD in names for names in self._synonyms_in((job,))))

    def _synonyms_in(self, jobs: Sequence[Job]) -> Sequence[frozenset[str]]:
        builds = (build for job in jobs for build in self._builds_by_job.get(id(job), ()))
        return naming.synonyms(builds, (command for job in jobs for step in job.steps for command in step.commands))

    @cached_property
    def _builds_by_job(self) -> Mapping[int, Sequence[Build]]:
        """What each job builds, by the job."""
        builds: dict[int, list[Build]] = defaultdict(list)
        for deed in self.done(Build, *Occasion):
            builds[id(deed.job)].append(deed.act)
        return builds

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
        hidden_in = hints.hidden_push if publication is None else hints.hidden_scan
        for job in pipeline.flow.jobs:
            if (
                publication is not None
                and job is not publication.job
                and not _waits_for(publication.job, job, pipeline)
            ):
                continue
            if job.unread and (publication is not None or hints.may_publish(job.unread)):
                return Unread(job.place, job.unread)
            for step in job.steps:
                reason = hidden_in(step) if id(step) not in scanned else ""
                if reason:
                    return Unread(step.place, reason)
        return None


def _runs(job: Job, scan: Scan) -> tuple[Run, ...]:
    runs = (job.run_of(scan.step, occasion) if scan.step else job.run(occasion) for occasion in Occasion)
    return tuple(run for run in runs if run is not None)


def _occasions(publication: Publication) -> Sequence[Occasion]:
    """The occasions that count: what is published of a pull request is for its own review, unless all is."""
    every = [run.occasion for run in publication.runs]
    return [occasion for occasion in every if occasion is not Occasion.PULL_REQUEST] or every


_WITHOUT_CODE = ("exits with 0 whatever it finds", "exits with 0 whatever it finds (no exit code is set)")


def _ordered(scan: Deed[Scan], publication: Publication) -> str:
    """Why a publication does not come after the end of a scan's job or step; "" where it does."""
    if scan.job is publication.job:
        return "it comes later" if scan.spot.step >= publication.spot.step else ""
    return "" if _waits_for(publication.job, scan.job, publication.pipeline) else "it does not wait"


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


def _why_not_of(scan: Deed[Scan], names: frozenset[str], makers: Sequence[str]) -> str:
    """Why a scan is not of what is published; "" where it is or may be.

    Args:
        scan: the scan.
        names: what is published, by all of its names.
        makers: the commands that make the list of packages which it reads.

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
    target = published.name_of(act.target)
    if target and names and target not in names and naming.UNTOLD not in names:
        return f"{scan.named} scans another image, {act.target}"
    return ""


def _words(cause: Command | Use) -> Sequence[str]:
    return cause.words if isinstance(cause, Command) else (cause.name, *cause.inputs.values())


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
