"""The bucket for task logs."""
