"""The environment that a command works on, its synthesis, and whether it may be deployed or destroyed."""
