"""Airflow's web interface: its load balancer, who makes it, what is believed of it."""
