"""How changes reach clusters: pipelines, charts, GitOps, and the services that they bring."""
