"""Apache Airflow on the cluster: its release, secrets, jobs, network policies and address, and its role in AWS."""
