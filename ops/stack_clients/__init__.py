"""What works on a stack: Terraform in its folder, and the API of the cluster that its state names."""
