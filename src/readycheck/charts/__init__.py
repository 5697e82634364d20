"""Well-known Helm charts: how they are recognised, what they are by default, and what a release of one is given."""
