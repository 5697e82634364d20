"""States, plans and the backends that keep them: what rules on Terraform judge where no configuration is read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from readycheck.inventory.core import Core
from readycheck.model import Resource
from readycheck.terraform import states
from readycheck.terraform.plans import Plan
from readycheck.terraform.stores import Store, state_address, store_of

STATE_KEEPER = "backend of an initialised root module"
"""The kind that rules on backends judge beside root modules: their folders; the environment for states by address."""
STATE_OR_PLAN = "state or plan"
"""The kind that rules on secrets in states judge: states, plans, and backends whose settings hold one."""
PLANNED = "plan"
"""The kind that rules on configuration judge where a plan tells it: the environment."""
RECORDED = "state"
"""The kind that rules on configuration judge where states and plans tell it: the environment."""


class States(Core):
    """The relations between states, plans and backends."""

    @cached_property
    def state_keepers(self) -> Sequence[Resource]:
        """The folders whose backend is known; and the environment, where states are named by nothing but an address."""
        folders = self.of(states.BACKEND)
        subjects = [Resource("Folder", each.name, "", each.body, each.origin) for each in folders]
        return [*subjects, *([self.environment] if self.loose_stores else [])]

    @cached_property
    def loose_stores(self) -> Sequence[Store]:
        """Where the states are kept that belong to no backend of a root module."""
        kept = {state_address(each) for each in self.of(states.BACKEND)}
        stores = [store for each in self.of(states.STATE) if (store := store_of(each)) is not None]
        return [store for store in stores if store.address not in kept]

    def store_at(self, address: str) -> Store | None:
        """What is known of the place of a state; None where it was not fetched from there.

        Args:
            address: `s3://BUCKET/KEY`.
        """
        stores = (store_of(each) for each in self.of(states.STATE) if each.name == address)
        return next(stores, None)

    @cached_property
    def secret_keepers(self) -> Sequence[Resource]:
        """What holds secrets in plain text, or may."""
        backends = [each for each in self.of(states.BACKEND) if each.body.get("secrets")]
        return [*self.of(states.STATE, states.PLAN), *backends]

    @cached_property
    def plans(self) -> Sequence[Plan]:
        """The plans, as what tells of configuration."""
        return list(map(Plan, self.of(states.PLAN)))

    @cached_property
    def called_in_states(self) -> frozenset[str]:
        """The names of the calls that made what states record: `module.NAME`."""
        instances = (each.name for source in self.collected for each in source.resources)
        return frozenset(name.split(".")[1].partition("[")[0] for name in instances if name.startswith("module."))

    @cached_property
    def recorded_subjects(self) -> Sequence[Resource]:
        """The environment, where states or plans tell of the configuration."""
        return [self.environment] if self.of(states.PLAN, states.STATE) else []

    @cached_property
    def planned_subjects(self) -> Sequence[Resource]:
        """The environment, where a plan tells of the configuration."""
        return [self.environment] if self.of(states.PLAN) else []
