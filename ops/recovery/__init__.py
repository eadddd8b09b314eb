"""What a killed or interrupted run leaves, what becomes of it, and its repair."""
