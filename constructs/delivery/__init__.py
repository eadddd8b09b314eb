"""What workflows need in AWS before they can deploy: a bucket for the state, and roles that trust their tokens."""
