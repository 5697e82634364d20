"""What states and plans come to beside the resources in them: themselves, what they recorded, and what drifted."""

from __future__ import annotations

STATE = "TerraformState"
"""A state. Its name is its uri; its body says how it is written and where it holds secrets, and none of them."""
PLAN = "TerraformPlan"
"""A plan as `show -json` prints it. Its name is its uri; its body is like that of a state."""
RECORD = "TerraformRecord"
"""What a state says of an instance that a plan tells of too: the plan's is judged, this one can be compared."""
DRIFT = "TerraformDrift"
"""What a plan found changed by somebody else: the body holds the values `before` and `after`."""
BACKEND = "TerraformBackend"
"""The backend that an initialised root module uses. Its name is the root's folder; its body `type` and `config`."""
