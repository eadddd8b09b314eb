"""The EKS cluster: control plane, nodes, add-ons, who may use it, and roles for its pods."""
