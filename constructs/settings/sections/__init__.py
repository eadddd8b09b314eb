"""The sections of the environment file, one module each."""
