"""Let Flux or Argo CD manage the environment.

What is pushed into a cluster by hand or by a pipeline drifts from what git says, and nobody can tell what runs. What
counts is a Flux Kustomization or HelmRelease, a FluxInstance, or an Argo CD Application; what is suspended, or has a
version of the API that Flux does not serve any more, applies nothing. Without any of them, a pipeline that deploys to
the cluster fails the rule; without that too, what manages the environment may stand in another repository.

In a live cluster their controllers have to run, or have to have run elsewhere: a central Argo CD leaves its marks on
what it applies. Whether each object is reconciled is asked by delivery/reconciled.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.delivery import managed_by
from readycheck.kubernetes.reconciliation import State, standing_in_argo, standing_in_flux
from readycheck.model import Place, Resource, Severity, Verdict
from readycheck.pipelines.acts import Deploy, Way
from readycheck.pipelines.model import Occasion
from readycheck.rule import FILES_AND_CLUSTER, apart, rule
from readycheck.terraform.blocks import TERRAFORM_FILE, blocks_of
from readycheck.terraform.releases import brings_gitops, runs_on_cluster

_SYNCED = (flux.KUSTOMIZATION, flux.HELM_RELEASE, flux.INSTANCE, *argo.KINDS)
_STANDING = tuple(occasion for occasion in Occasion if occasion is not Occasion.PULL_REQUEST)


@rule("Environment", severity=Severity.HIGH, sources=FILES_AND_CLUSTER)
def gitops(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if inventory.live:
        yield from _of_cluster(environment, inventory)
        return
    objects = _once(inventory.of(*flux.KINDS, *argo.KINDS))
    if any(each.kind in _SYNCED for each in objects):
        yield from apart(environment, *(_works(each, environment) for each in objects))
    else:
        yield from _pushed(environment, inventory)


def _of_cluster(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    synced = inventory.of(*_SYNCED)
    controllers = inventory.gitops_controllers
    if synced and any(each.ready_pods for each in controllers):
        return
    if synced and controllers:
        (controller, *others) = controllers
        yield environment.finding(
            f"no pod of {controller.kind} {controller.name} is ready, which applies what git says",
            at=controller.at("status"),
            also=[each.at("status") for each in others],
        )
    elif synced and any(map(_is_looked_after, synced)):
        yield environment.note(
            "no controller of Flux or Argo CD runs here: one runs elsewhere", at=synced[0].at("status")
        )
    elif synced:
        first = synced[0]
        yield environment.finding(
            f"nothing reconciles {first.kind} {first.name}: no controller of Flux or Argo CD runs", at=first.at("kind")
        )
    elif inventory.applied_by_gitops is not None:
        applied = inventory.applied_by_gitops
        yield environment.note(
            f"{managed_by(applied)} applies from another cluster: {applied.kind} {applied.name} bears its mark",
            at=applied.at("metadata"),
        )
    else:
        yield environment.finding("nothing in the cluster is applied by Flux or Argo CD: there is no object of theirs")


def _is_looked_after(synced: Resource) -> bool:
    """Whether a controller has said how an object stands."""
    standing = standing_in_argo(synced) if synced.kind == argo.APPLICATION else standing_in_flux(synced)
    return standing.state is State.DONE


def _works(each: Resource, environment: Resource) -> Iterator[Verdict]:
    release = flux.removed_in(each)
    if release:
        yield environment.finding(
            f"{each.kind} {each.name} has {each.api_version}, which Flux {release} and later do not serve",
            at=each.at("apiVersion"),
            fix=each.set("apiVersion", flux.current_version(each), safe=False),
        )
    if each.kind in flux.KINDS and flux.suspended(each):
        yield environment.finding(
            f"{each.kind} {each.name} is suspended in git: nothing is applied",
            at=each.at("spec.suspend"),
            fix=each.set("spec.suspend", value=False, safe=False),
        )
    if each.kind in argo.KINDS and not argo.automated(each):
        yield environment.note(f"{each.kind} {each.name} is synced by hand only", at=each.at("spec.syncPolicy"))


def _pushed(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    resources = [block for file in inventory.of(TERRAFORM_FILE) for block in blocks_of(file, "resource")]
    brought = next(filter(brings_gitops, resources), None)
    pushing = {Way.CLUSTER, *((Way.INFRASTRUCTURE,) if any(map(runs_on_cluster, resources)) else ())}
    done = inventory.done(Deploy, *_STANDING)
    deploys = [each for each in done if each.act.way in pushing]
    sure = [each for each in deploys if not each.unsure]
    hands_over = next((each for each in done if each.act.way is Way.GITOPS), None)
    if brought is not None:
        yield environment.unknown(
            f"{brought.name} brings Flux or Argo CD: what it follows is not in the tree", at=brought.at()
        )
    elif sure:
        yield environment.finding(
            f"{sure[0].named} pushes to the cluster, and nothing in the tree is applied by Flux or Argo CD",
            at=sure[0].act.place,
        )
    elif deploys:
        yield environment.unknown(
            f"{deploys[0].named} pushes to the cluster if {deploys[0].unsure}", at=deploys[0].act.place
        )
    elif hands_over is not None:
        yield environment.unknown(
            f"{hands_over.named} hands over to Flux or Argo CD, whose objects are not in the tree",
            at=hands_over.act.place,
        )
    else:
        yield environment.unknown("no object of Flux or Argo CD in the tree: they may stand in another repository")


def _once(objects: list[Resource]) -> list[Resource]:
    """Each object once: what several overlays render from one file is one thing here."""
    found: dict[tuple[str, int | None], Resource] = {}
    for each in objects:
        location = Place(each, ("kind",)).location
        found.setdefault((location.uri, location.line), each)
    return list(found.values())
