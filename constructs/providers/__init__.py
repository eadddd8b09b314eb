"""The Terraform providers that the stacks demand: their versions, what only newer ones know, the lock file of each."""
