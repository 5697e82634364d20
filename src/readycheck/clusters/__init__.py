"""Clusters as manifests declare them: Karpenter's pools, eksctl's ClusterConfig, Cluster API, and what is supported."""
