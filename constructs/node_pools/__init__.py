"""Karpenter in the cluster, and the node pools that it starts nodes for."""
