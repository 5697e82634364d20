"""What releases of the chart cert-manager tell the controller (its values.yaml)."""

from __future__ import annotations

from collections.abc import Mapping

from readycheck.charts.release import ChartRelease
from readycheck.kubernetes.issuers import names_default_issuer

CHART = "cert-manager"


def tells_default_issuer(release: ChartRelease) -> bool:
    """Whether a release tells the controller the issuer of those that name none.

    Raises:
        Unjudged: it cannot be told.
    """
    shim = release.mapping("config").get("ingressShimConfig")
    configured = isinstance(shim, Mapping) and bool(shim.get("defaultIssuerName"))
    return (
        configured
        or bool(release.mapping("ingressShim").get("defaultIssuerName"))
        or any(names_default_issuer(each) for each in release.items("extraArgs") if isinstance(each, str))
    )
