"""Section `airflow` and its parts."""
