"""The words that rules speak about Kubernetes: workloads, containers, selectors, quantities, images."""
