"""Test in an environment that is thrown away.

Tests that share a standing environment disturb each other, and what one run leaves behind decides how the next one
ends. What counts: a kind, k3d or minikube cluster, compose, containers beside the job, testcontainers, a review app, a
namespace that the run makes and deletes.
"""

from collections.abc import Iterator

from readycheck.inventory import Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.pipelines.acts import Test, Throwaway
from readycheck.pipelines.model import Occasion
from readycheck.rule import rule
from readycheck.scope import nothing_to_build, pipelines_out_of_sight


@rule("Environment", severity=Severity.LOW, unless=nothing_to_build, needs=pipelines_out_of_sight)
def ephemeral_environment(environment: Resource, inventory: Inventory) -> Iterator[Verdict]:
    tests = [test for test in inventory.done(Test, *Occasion) if not test.powerless]
    made = [each for each in inventory.done(Throwaway, *Occasion) if inventory.tested_in(each)]
    brought = inventory.brings_containers if tests else None
    hidden = inventory.hidden_on(Occasion.PULL_REQUEST, Occasion.BRANCH, Occasion.MAIN)
    if made:
        yield environment.note(f"{made[0].named} makes {made[0].act.of} for the tests", at=made[0].act.place)
    elif brought is not None:
        yield environment.note("tests start containers by testcontainers", at=brought.at("testcontainers"))
    elif hidden is not None:
        yield environment.unknown(
            f"{hidden.reason}: whether it makes an environment for tests cannot be told", at=hidden.place
        )
    elif tests:
        yield environment.finding(f"{tests[0].named} tests in no environment of its own", at=tests[0].act.place)
    else:
        yield environment.finding(f"{inventory.what_is_read_of_pipelines}: no test runs in a throw-away environment")
