"""A day of tasks on fleets of workers, fixed and elastic: how long tasks wait, and what the nodes cost."""
