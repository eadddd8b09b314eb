"""What Airflow's pods read as secrets: their names, URLs and files."""
