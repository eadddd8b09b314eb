"""What exists in AWS and no state knows: what an apply leaves that was killed, or interrupted within a call."""
