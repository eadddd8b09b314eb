"""What keeps a change of the environment file from replacing something that holds data."""
