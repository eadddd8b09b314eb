"""What every command stands in: options, the session with its clients, errors turned into exit codes."""
