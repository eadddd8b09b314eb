"""Rotation of secrets: an edit of the environment file, which the next deploy carries out."""
