"""Deploy what is merged to the main branch.

Changes that wait for somebody to deploy them pile up, and the one that breaks is hard to find among them. What counts
is a pipeline that runs on merges to the main branch and applies manifests, charts, images or infrastructure, or that
changes what Flux or Argo CD follow. A deploy that waits for an approval counts, and so does a repository whose
manifests Flux or Argo CD apply from its own main branch.

Options:
    releases: whether a deploy on a tag or a release is as good as one on a merge
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.pipelines.acts import Deploy, Way
from readycheck.pipelines.model import Occasion
from readycheck.rule import rule
from readycheck.scope import nothing_to_deploy, pipelines_out_of_sight


@rule("Environment", severity=Severity.MEDIUM, unless=nothing_to_deploy, needs=pipelines_out_of_sight)
def deploy_on_main(environment: Resource, inventory: Inventory, *, releases: bool = False) -> Iterator[Verdict]:
    occasions = (Occasion.MAIN, Occasion.TAG) if releases else (Occasion.MAIN,)
    deploy = inventory.surest(Deploy, *occasions)
    follower, possible = inventory.follower_of_main, inventory.possible_follower
    hidden = inventory.hidden_on(*occasions)
    elsewhere = inventory.surest(Deploy, *Occasion)
    other = inventory.follower_of_another
    if deploy is not None and not deploy.unsure:
        if deploy.manual:
            yield environment.note(f"{deploy.named} deploys after somebody starts it", at=deploy.act.place)
        elif deploy.act.way is Way.UNTOLD:
            yield environment.note(f"{deploy.named} deploys, going by its name", at=deploy.act.place)
        else:
            yield environment.note(f"{deploy.named} deploys", at=deploy.act.place)
    elif follower is not None:
        yield environment.note(f"{follower.kind} {follower.name} applies what is merged", at=follower.at("spec"))
    elif deploy is not None:
        yield environment.unknown(f"whether {deploy.named} deploys depends on {deploy.unsure}", at=deploy.act.place)
    elif possible is not None:
        applier = possible.resource
        yield environment.unknown(
            f"{applier.kind} {applier.name} may apply what is merged: {possible.reason}", at=applier.at(())
        )
    elif hidden is not None:
        yield environment.unknown(f"{hidden.reason}: whether it deploys cannot be told", at=hidden.place)
    elif elsewhere is not None:
        yield environment.finding(
            f"{elsewhere.named} deploys on {elsewhere.occasions} only: nothing deploys merges to the main branch",
            at=elsewhere.act.place,
            also=(elsewhere.job.place,),
        )
    elif other is not None:
        follows = f"{other.resource.kind} {other.resource.name} follows {other.seen}"
        yield environment.finding(f"{follows}: nothing deploys merges to the main branch", at=other)
    else:
        yield environment.finding(f"{inventory.what_is_read_of_pipelines}: nothing deploys merges to the main branch")
