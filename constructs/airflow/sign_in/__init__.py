"""How people sign in to Airflow by an identity provider: what its api-server reads."""
