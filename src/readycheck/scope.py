"""Reasons why a rule has nothing to say, for `@rule(unless=...)` of a thing and `@rule(needs=...)` of everything."""

from __future__ import annotations

from functools import lru_cache

from readycheck.charts.catalogue import known_chart
from readycheck.images.dockerfile import Dockerfile
from readycheck.inventory import Inventory
from readycheck.kubernetes import autoscaling
from readycheck.kubernetes.load_balancer import Design
from readycheck.kubernetes.recommendation import recommends
from readycheck.kubernetes.workload import Workload
from readycheck.model import NO_SOURCE, Entry, Listing, Resource
from readycheck.secrets.placeholder import example_of
from readycheck.terraform.load_balancers import LISTENERS, LOAD_BALANCERS
from readycheck.terraform.registries import REPOSITORY

_OF_TERRAFORM = (*LOAD_BALANCERS, *LISTENERS)


def completing(workload: Workload, inventory: Inventory) -> str | None:
    """Jobs, CronJobs, the pods of Helm hooks and those that are not started again end by themselves."""
    if workload.runs_to_completion:
        return "a Helm hook ends by itself" if workload.helm_hook else f"a {workload.kind} ends by itself"
    if workload.kind == "Pod" and workload.get("spec.restartPolicy") in ("Never", "OnFailure"):
        return f"ends by itself (restartPolicy {workload.get('spec.restartPolicy')})"
    return finished(workload, inventory)


def helm_hook(workload: Workload, _inventory: Inventory) -> str | None:
    """What Helm runs at install, upgrade or test time is no part of what runs in production."""
    return "a Helm hook" if workload.helm_hook else None


def finished(workload: Workload, _inventory: Inventory) -> str | None:
    """A pod that has run to its end needs nothing any more."""
    return "has finished" if workload.ended else None


def parked(workload: Workload, inventory: Inventory) -> str | None:
    """A workload that runs no replicas, on purpose, has no availability to judge."""
    rollout = inventory.run_by(workload)
    if rollout is not None:
        return f"Rollout {rollout.name} runs its pods"
    floor = inventory.replica_floor(workload)
    return "parked: runs 0 replicas" if floor.count == 0 and floor.autoscaler is None else None


def resting(workload: Workload, inventory: Inventory) -> str | None:
    """A workload that its autoscaler may take down to 0 replicas rests there on purpose."""
    floor = inventory.replica_floor(workload)
    if floor.count or floor.autoscaler is None:
        return None
    return f"{floor.autoscaler.kind} {floor.autoscaler.name} may scale it to 0"


def machinery(workload: Workload, inventory: Inventory) -> str | None:
    """Controllers and the observability stack serve the cluster: their own makers say what to watch in them."""
    if inventory.is_observability(workload):
        return "is a part of the observability stack"
    return "is a controller of the cluster" if inventory.is_controller(workload) else None


def installs_machinery(installer: Resource, inventory: Inventory) -> str | None:
    """The chart of a controller or of the observability stack runs nobody's service."""
    charts = [known for release in inventory.installed_by(installer) if (known := known_chart(release.chart))]
    if not charts or any(chart.service for chart in charts):
        return None
    return f"the chart {charts[0].chart} installs a controller or a part of the observability stack"


def single(workload: Workload, inventory: Inventory) -> str | None:
    """With a floor of one replica there is nothing to spread or to keep available; workload/replicas says so."""
    reason = parked(workload, inventory) or resting(workload, inventory)
    if reason is None and inventory.replica_floor(workload).count < 2:  # noqa: PLR2004 - two is what "several" starts at
        return "can run with 1 replica: workload/replicas judges that"
    return reason


def keda_s_own(autoscaler: Resource, _inventory: Inventory) -> str | None:
    """What a ScaledObject made says nothing that the ScaledObject does not."""
    return "a ScaledObject owns it and is judged in its place" if autoscaling.made_by_keda(autoscaler) else None


def switched_off(autoscaler: Resource, inventory: Inventory) -> str | None:
    """A HorizontalPodAutoscaler rests as long as its target is declared with 0 replicas."""
    target = inventory.workload_of(autoscaler)
    if autoscaler.kind != "HorizontalPodAutoscaler" or target is None or not inventory.declared_zero(target):
        return None
    return f"parked: {target.kind} {target.name} runs 0 replicas"


def not_for_production(dockerfile: Dockerfile, _inventory: Inventory) -> str | None:
    """What is built to develop, to test or to build with is pulled by no cluster."""
    return f"is for {dockerfile.purpose}, by its path" if dockerfile.purpose else None


def unmeasured(inventory: Inventory) -> str | None:
    """Where no recommender has said anything, no size can be compared with what is needed."""
    if any(recommends(recommender) for recommender in inventory.of("VerticalPodAutoscaler")):
        return None
    if inventory.live:
        return (
            "nothing was measured: no VerticalPodAutoscaler of the cluster recommends anything (Goldilocks makes them)"
        )
    return (
        "nothing was measured: no VerticalPodAutoscaler with a recommendation was read (Goldilocks makes them; export "
        "them into the tree with `kubectl get vpa -A -o yaml`)"
    )


def unscanned(inventory: Inventory) -> str | None:
    """Where there is no report on any image, nothing is known of what is in them."""
    if not (inventory.is_tree or inventory.in_cluster):
        return f"{NO_SOURCE}files or cluster"
    if inventory.scan_reports or not inventory.workloads:
        return None
    if inventory.live:
        return "no image was scanned: the cluster holds no VulnerabilityReport (the Trivy operator makes them)"
    return (
        "no image was scanned: no Trivy report was read (save one into the tree with `trivy image -f json`, or name it "
        "under `images.trivy` in the configuration)"
    )


def no_nodes_declared(inventory: Inventory) -> str | None:
    """Where nothing in the tree declares nodes, a cluster has to be asked; a live one shows them."""
    if not inventory.is_tree or inventory.clusters:
        return None
    dead = next(iter(inventory.dead_pools), None)
    if dead is not None:
        return f"{dead.kind} {dead.name} has {dead.api_version}, which no Karpenter since 0.33 reads: it makes no nodes"
    return f"{NO_SOURCE}cluster"


def no_control_plane_declared(inventory: Inventory) -> str | None:
    """Where nothing in the tree declares a control plane of EKS, AWS has to be asked."""
    if not inventory.is_tree:
        return None
    told = inventory.cluster_configs or inventory.control_planes or inventory.eks_clusters or another_cloud(inventory)
    return None if told else f"{NO_SOURCE}aws"


def no_repositories_declared(inventory: Inventory) -> str | None:
    """Where nothing in the tree declares a repository of images, AWS has to be asked."""
    return f"{NO_SOURCE}aws or terraform" if inventory.is_tree and not inventory.of(REPOSITORY) else None


def no_other_control_plane(subject: Resource, inventory: Inventory) -> str | None:
    """Where all control planes are Terraform's, each is judged by itself, and the environment has none."""
    if inventory.cluster_configs or inventory.control_planes:
        return None
    return judged_apart(subject, inventory)


def no_other_nodes(subject: Resource, inventory: Inventory) -> str | None:
    """Where all nodes are of clusters of Terraform's, each is judged by itself, and the environment has none."""
    return None if inventory.in_cluster or inventory.clusters_of(subject) else judged_apart(subject, inventory)


def judged_apart(subject: Resource, inventory: Inventory) -> str | None:
    """Clusters of Terraform's are judged each by itself: nothing is left to say of the environment."""
    apart = subject is inventory.environment and inventory.eks_clusters
    return "its clusters are judged each by itself" if apart else None


def another_cloud(inventory: Inventory) -> str | None:
    """Why there is no EKS: the tree shows another cloud, or another way to clusters, and none of AWS.

    Machines and networks of AWS show no cluster of EKS, and leave open whether there is one.
    """
    if not inventory.is_tree or inventory.cluster_configs or inventory.control_planes or inventory.eks_clusters:
        return None
    if inventory.strangers:
        nodes = inventory.strangers[0]
        return f"{nodes.name} is made of {nodes.foreign}, which is none of AWS"
    if inventory.clusters or inventory.cloud is None or inventory.cloud.aws or inventory.builds_in_aws:
        return None
    return f"the tree shows {inventory.cloud.cloud}, not AWS"


def outside_aws(_subject: Resource, inventory: Inventory) -> str | None:
    """What only AWS has is asked of no other cloud."""
    return another_cloud(inventory)


def pipelines_out_of_sight(inventory: Inventory) -> str | None:
    """The pipelines of a repository stand at its root: who scans a folder of it does not see them."""
    if not any(source.listing is not None for source in inventory.collected):
        return f"{NO_SOURCE}files"
    if not inventory.listing.whole:
        return "only a folder of a repository was scanned: its pipelines stand above"
    return None


def nothing_to_build(_subject: Resource, inventory: Inventory) -> str | None:
    """Where there is neither a Dockerfile nor source code, there is nothing to build, to scan or to test."""
    if inventory.of("Dockerfile") or _holds_source(inventory.listing):
        return None
    return "nothing to build: no Dockerfile and no source code in the tree"


@lru_cache(maxsize=4)
def _holds_source(listing: Listing) -> bool:
    """Whether any file of a tree is code: asked for every service of it."""
    return any(_is_source(entry, listing) for entry in listing.entries.values())


def nothing_to_deploy(subject: Resource, inventory: Inventory) -> str | None:
    """Where nothing is applied, no infrastructure is made and no code is built, nothing is deployed.

    Modules that others call, and what stands in examples and tests, are deployed by nobody.
    """
    if inventory.opaque or inventory.root_modules or any(map(_is_applied, inventory.objects)):
        return None
    return (
        "nothing to deploy: no object of Kubernetes, no infrastructure and no code in the tree"
        if nothing_to_build(subject, inventory)
        else None
    )


def _is_applied(resource: Resource) -> bool:
    return example_of(resource.origin.file) is None


def no_load_balancer_of_aws(subject: Resource, inventory: Inventory) -> str | None:
    """What asks for no load balancer, or for one of another cloud, makes none in AWS."""
    if subject.kind in _OF_TERRAFORM:
        return None
    made = inventory.load_balancers_made(subject)
    if not made:
        services = inventory.services_released(subject)
        asked = [subject] if subject.kind == "Service" else services
        types = " and ".join(dict.fromkeys(each.string("spec.type") or "ClusterIP" for each in asked))
        return f"is no load balancer ({types or 'without a Service'})"
    others = [each.cloud for each in made if each.cloud is not None and each.design is Design.OTHER]
    return others[0].why if len(others) == len(made) else None


def no_entry_of_aws(subject: Resource, inventory: Inventory) -> str | None:
    """What makes no load balancer in AWS, and needs none: an ingress controller's ports on nodes wait for one."""
    reason = no_load_balancer_of_aws(subject, inventory)
    if reason is None or subject.kind != "Service" or inventory.load_balancers_made(subject):
        return reason
    alb = inventory.alb_before(subject)
    if alb is not None:
        return (
            f"{reason}: the Application Load Balancer of Ingress {alb.name} takes its requests, which is another design"
        )
    return None if inventory.waits_for_load_balancer(subject) is not None else reason


def only_an_example(subject: Resource, _inventory: Inventory) -> str | None:
    """What stands in an example or a test runs nowhere as it stands."""
    kind = example_of(subject.origin.file)
    return f"is of {kind}, by its path" if kind in ("an example", "a test") else None


def _is_source(entry: Entry, listing: Listing) -> bool:
    """Whether a file is code of something that runs; scripts for the tree's own upkeep and mounted files are not."""
    if entry.link is not None or entry.name.rpartition(".")[2] not in _SOURCE_SUFFIXES:
        return False
    folder = entry.parent
    if not _UPKEEP.isdisjoint(folder.split("/")):
        return False
    while folder:
        names = listing.folders.get(folder, ())
        if not _INFRASTRUCTURE.isdisjoint(names):
            return False
        if not _BUILT_WITH.isdisjoint(names):
            return True
        if not _DEPLOYED_WITH.isdisjoint(names):
            return False
        folder = folder.rpartition("/")[0]
    return True


_SOURCE_SUFFIXES = frozenset(
    [
        *("go", "rs", "c", "cc", "cpp", "java", "kt", "scala", "groovy", "clj", "cs", "fs", "vb", "swift", "dart"),
        *("py", "rb", "php", "pl", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "svelte", "ex", "exs", "erl"),
        *("hs", "ml", "nim", "zig", "cr", "lua", "r", "jl", "elm"),
    ]
)
_UPKEEP = frozenset(
    ["scripts", "script", "hack", "tools", "tool", "ci", ".ci", ".github", ".gitlab", "bin", "docs", "doc", "website"]
)
"""Folders whose code runs nowhere but here."""
_INFRASTRUCTURE = frozenset(["Pulumi.yaml", "cdk.json", "cdktf.json"])
"""Code below these makes infrastructure."""
_DEPLOYED_WITH = frozenset(["kustomization.yaml", "kustomization.yml", "Chart.yaml"])
"""Code below these is put into a ConfigMap, unless it is built there."""
_BUILT_WITH = frozenset(
    ["go.mod", "package.json", "pom.xml", "pyproject.toml", "setup.py", "requirements.txt", "Cargo.toml", "Gemfile"]
)
