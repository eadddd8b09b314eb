"""What people and workflows run around an environment: `python -m ops`, one command each in `commands/`."""
