"""The stacks and what passes between them. Stacks only wire constructs together."""
