"""What is below every command: its errors and exit codes, and what it prints."""
