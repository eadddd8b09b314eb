"""What `status` shows: states, versions, and what is under way."""
