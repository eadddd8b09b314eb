"""Generated secrets in Secrets Manager."""
