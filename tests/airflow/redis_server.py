"""Redis as the chart starts it: with a password, and here without a file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.airflow.servers import Server, find_program, free_port, server_user


@contextlib.contextmanager
def running(folder: Path, password: str) -> Iterator[int]:
    """Serve at a free port, and give its number."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--save", ""]
    with Server(
        command=[find_program("redis-server"), *options],
        log=folder / "redis.log",
        address=("127.0.0.1", port),
        user=server_user(),
    ):
        yield port
