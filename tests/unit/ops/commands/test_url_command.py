"""Where `python -m ops url` says that the web interface is."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.commands import url
from ops.console.output import Output
from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state

FORWARD = "kubectl port-forward --namespace airflow service/airflow-api-server 8080:8080"


def _printed(monkeypatch: pytest.MonkeyPatch, *, as_json: bool, **outputs: str) -> None:
    content = {"version": 4, "outputs": {name: {"value": value, "type": "string"} for name, value in outputs.items()}}

    def known(*_: object) -> StackState:
        return parse_state("platform", StateFile(Path("platform.tfstate")), json.dumps(content))

    monkeypatch.setattr(url, "read_state", known)
    session: Any = SimpleNamespace(operated=None, aws=None, output=Output(as_json=as_json))
    url.print_url(session)


def test_a_load_balancers_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The address and nothing else is on stdout."""
    _printed(monkeypatch, as_json=False, airflow_url="https://airflow.example.com", load_balancer_host_name="b")
    assert capsys.readouterr().out == "https://airflow.example.com\n"


def test_a_forwarded_port(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The address for scripts on stdout, and on stderr the command that has to run for it."""
    _printed(monkeypatch, as_json=False, airflow_url="http://localhost:8080", port_forward_command=FORWARD)
    said = capsys.readouterr()
    assert said.out == "http://localhost:8080\n"
    assert FORWARD in said.err


def test_a_forwarded_port_as_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Programs get the command, too."""
    _printed(monkeypatch, as_json=True, airflow_url="http://localhost:8080", port_forward_command=FORWARD)
    assert json.loads(capsys.readouterr().out) == {
        "url": "http://localhost:8080",
        "load_balancer": None,
        "port_forward": FORWARD,
    }
