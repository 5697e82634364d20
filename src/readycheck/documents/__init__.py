"""Reading YAML and JSON as Kubernetes does, with the place of every key: for manifests, configuration and fixtures."""
