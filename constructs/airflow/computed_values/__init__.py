"""The chart's values that the stack computes from the environment."""
