"""The jobs around a release of Airflow: migration before it, re-encryption after it."""
