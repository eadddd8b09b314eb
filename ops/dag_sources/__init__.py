"""Where DAGs come from and what of it Airflow has: the repositories and Airflow's API, side by side."""
