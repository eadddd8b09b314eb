"""What nodes carry, and whether the pods of an environment fit on them."""
