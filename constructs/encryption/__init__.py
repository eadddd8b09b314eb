"""Keys for encryption at rest."""
