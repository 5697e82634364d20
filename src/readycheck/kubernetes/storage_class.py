"""Where a StorageClass makes its volumes (Kubernetes, Storage Classes; the drivers' own pages)."""

from __future__ import annotations

from readycheck.model import Place, Resource

# Drivers whose volumes lie in one zone each, with the parameter whose value makes some of them regional.
_ZONAL_DRIVERS: dict[str, tuple[str, str]] = {
    "ebs.csi.aws.com": ("", ""),
    "ebs.csi.eks.amazonaws.com": ("", ""),
    "kubernetes.io/aws-ebs": ("", ""),
    "pd.csi.storage.gke.io": ("replication-type", "regional-pd"),
    "kubernetes.io/gce-pd": ("replication-type", "regional-pd"),
    "disk.csi.azure.com": ("skuName", "_ZRS"),
    "kubernetes.io/azure-disk": ("skuName", "_ZRS"),
}


def zonal(storage_class: Resource) -> Place | None:
    """What says that each of its volumes lies in one zone, whose pods it holds there; None where nothing does."""
    driver = storage_class.string("provisioner")
    parameter, regional = _ZONAL_DRIVERS.get(driver, ("", ""))
    if driver not in _ZONAL_DRIVERS or (
        parameter and storage_class.string(("parameters", parameter)).endswith(regional)
    ):
        return None
    return storage_class.at("provisioner")


def only_zone(storage_class: Resource) -> tuple[str, Place] | None:
    """The one zone that all of its volumes are made in, and what says so; None where there may be several."""
    zones: set[str] = set()
    places: list[Place] = []
    # The terms are alternatives; each driver has its own name for the label.
    for index in range(len(storage_class.mappings("allowedTopologies"))):
        path = ("allowedTopologies", index, "matchLabelExpressions")
        for position, expression in enumerate(storage_class.mappings(path)):
            if str(expression.get("key")).endswith("/zone"):
                zones.update(storage_class.strings((*path, position, "values")))
                places.append(storage_class.at((*path, position)))
                break
        else:
            return None
    return (zones.pop(), places[0]) if len(zones) == 1 else None
