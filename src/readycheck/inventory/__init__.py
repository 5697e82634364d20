"""Everything that a scan read, indexed, and how one thing relates to another.

Each relation is an index built once, at the first question: no rule walks a list for each of its subjects.
"""

from readycheck.inventory.absence import Absence
from readycheck.inventory.deeds import Deeds
from readycheck.inventory.scaling import AUTOSCALERS, Scaling
from readycheck.inventory.selection import Selection

__all__ = ["AUTOSCALERS", "Inventory"]


class Inventory(Selection, Scaling, Absence, Deeds):
    """The resources of one environment, and every relation between them that rules ask about.

    Args:
        collected: what each source read.
        environment: the environment's name; "" where none was named.
        now: the moment that ages and dates are judged at, in seconds since the epoch.
    """
