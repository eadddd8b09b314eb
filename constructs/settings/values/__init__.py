"""What a value of the environment file may look like, whichever section it stands in."""
