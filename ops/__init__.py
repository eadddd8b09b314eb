"""What people run: so far the search for what no state knows."""
