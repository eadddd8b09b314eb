"""What `make` runs: set-up, locks, demo, benchmark. No part of what is deployed."""
