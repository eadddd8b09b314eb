"""What of a plan a reviewer would stop at: what it loses, opens, weakens or interrupts, by rules over its changes."""
