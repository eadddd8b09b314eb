"""Plans of Terraform's, read and reduced to what people look at."""
