"""A small chart that is called as the official one, and a repository on the loopback that has it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from constructs.airflow.charts.released_chart import AIRFLOW, ReleasedChart, archive_digest, files_digest
from helm_python import package, repo_index_generate

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: airflow-scheduler}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
        - name: scheduler
          image: apache/airflow:3.3.2
          resources: {requests: {cpu: 250m}}
"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's signature
        """Say nothing."""


def write_chart(folder: Path) -> Path:
    """Write a chart with one deployment and notes."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: airflow\nversion: {AIRFLOW.version}\n", encoding="utf-8")
    (folder / "values.yaml").write_text("replicas: 1\n", encoding="utf-8")
    (folder / "templates" / "deployment.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "templates" / "NOTES.txt").write_text("Thank you\n", encoding="utf-8")
    return folder


def packed(source: Path, destination: Path) -> ReleasedChart:
    """Make the repository's files of a chart: archive and index; return the chart as released by that."""
    destination.mkdir()
    package(source, destination=destination)
    repo_index_generate(destination)
    archive = archive_digest(destination / AIRFLOW.archive)
    return ReleasedChart(
        name=AIRFLOW.name, version=AIRFLOW.version, archive_sha256=archive, files_sha256=files_digest(source)
    )


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a repository's files on the loopback; the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
