"""IAM roles and policy documents."""
