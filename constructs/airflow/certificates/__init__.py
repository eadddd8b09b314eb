"""The authorities that RDS servers' certificates are verified by."""
