"""Tests with the real Terraform and the real AWS provider."""
