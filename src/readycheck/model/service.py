"""What the user says of services, where their parts cannot be joined by guessing."""

from __future__ import annotations

from msgspec import Struct


class ServiceNaming(Struct, frozen=True):
    """What belongs to a service, as its owner names it.

    Args:
        name: the service's name.
        workload: the name of its workload; the service's own name where not given.
        dockerfile: the path of its Dockerfile from the scan root.
        chart: the folder of its chart, the same way.
        path: the folder of its code, the same way.
    """

    name: str
    workload: str = ""
    dockerfile: str = ""
    chart: str = ""
    path: str = ""
