"""Airflow's API server, started as the chart starts it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.airflow.installation import Airflow
from tests.airflow.servers import Server, free_port

#: What all components share with the web server.
SECRETS = {"AIRFLOW__API__SECRET_KEY": "OfTheTests" * 4, "AIRFLOW__API_AUTH__JWT_SECRET": "OfTheTestsToo" * 5}


@dataclass(frozen=True)
class WebServer:
    """One that runs."""

    port: int
    server: Server


def variables(configuration: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the settings of airflow.cfg as environment variables."""
    return {
        f"AIRFLOW__{section.upper()}__{key.upper()}": value
        for section, settings in configuration.items()
        for key, value in settings.items()
    }


@contextlib.contextmanager
def running(airflow: Airflow, arguments: Sequence[str], **environment: str) -> Iterator[WebServer]:
    """Serve at a free port of the loopback, with one process as in a small environment."""
    port = free_port()
    settings = {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
    }
    with Server(
        command=arguments,
        log=airflow.home / f"api-server-{port}.log",
        address=("127.0.0.1", port),
        environment={**airflow.environment, **SECRETS, **settings, **environment},
    ) as server:
        yield WebServer(port, server)
