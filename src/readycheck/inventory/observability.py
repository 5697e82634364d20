"""The observability stack as the tree declares it: its components, where they stand, and what they send where."""

from __future__ import annotations

from readycheck.inventory.core import Core, remembered
from readycheck.kubernetes.controller import runs_controller
from readycheck.kubernetes.workload import Workload
from readycheck.observability.components import belongs_to_stack


class Observability(Core):
    """The relations of the observability stack."""

    @remembered
    def is_observability(self, workload: Workload) -> bool:
        """Whether a workload is the stack's own: it watches, and is not asked to be watched."""
        return belongs_to_stack(workload)

    @remembered
    def is_controller(self, workload: Workload) -> bool:
        """Whether a workload is a controller or another add-on of the cluster."""
        return runs_controller(workload)
