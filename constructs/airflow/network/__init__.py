"""Who may talk to whom in Airflow's namespace."""
