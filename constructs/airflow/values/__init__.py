"""A chart's values whoever wrote them: how they are merged, and how they become text."""
