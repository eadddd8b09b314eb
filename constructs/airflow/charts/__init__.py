"""Helm charts: which, where they come from, and whether they are the released ones."""
