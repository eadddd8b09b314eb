"""The commands of `python -m ops`, one module each; it has `register(app)`, which adds it to the command line."""
