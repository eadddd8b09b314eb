"""Names, tags and Terraform addresses: one source for all of them."""
