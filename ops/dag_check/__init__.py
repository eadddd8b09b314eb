"""The project's DAG files, imported in the Airflow of an environment before they get there."""
