"""The way to a web UI that nobody reaches from outside the cluster."""

from __future__ import annotations

from constructs.airflow.network.peers import API_SERVER_PORT
from constructs.airflow.web.ingress import SERVICE

#: Address while the port is forwarded.
PORT_FORWARD_URL = f"http://localhost:{API_SERVER_PORT}"


def port_forward_command(namespace: str) -> str:
    """Return the command that forwards the web UI's port to this machine for as long as it runs."""
    return f"kubectl port-forward --namespace {namespace} service/{SERVICE} {API_SERVER_PORT}:{API_SERVER_PORT}"
