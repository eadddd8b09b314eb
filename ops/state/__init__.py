"""A stack's state: where it lies, what it says, who holds its lock."""
