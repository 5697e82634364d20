"""What Terraform's own code says: modules and what they call, pinned versions, environments by their shape."""
