"""From a path to a valid environment: which file, what is wrong with it, what its user should know."""
