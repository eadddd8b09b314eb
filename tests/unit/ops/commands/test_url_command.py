"""Where `python -m ops url` says that the web interface is."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from ops.__main__ import application
from ops.commands import url
from ops.console.output import Output
from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state
from programs.own_tools import ROOT
from tests.chart.environments import ENCRYPTED, SIGN_IN

CALLBACK = "https://airflow.example.com/auth/oauth-authorized/keycloak"
FORWARD = "kubectl port-forward --namespace airflow service/airflow-api-server 8080:8080"


def _operated(callback: str | None) -> SimpleNamespace:
    return SimpleNamespace(environment=SimpleNamespace(airflow=SimpleNamespace(callback_url=callback)))


def _printed(monkeypatch: pytest.MonkeyPatch, *, as_json: bool, **outputs: str) -> None:
    content = {"version": 4, "outputs": {name: {"value": value, "type": "string"} for name, value in outputs.items()}}

    def known(*_: object) -> StackState:
        return parse_state("platform", StateFile(Path("platform.tfstate")), json.dumps(content))

    monkeypatch.setattr(url, "read_state", known)
    session: Any = SimpleNamespace(operated=_operated(None), aws=None, output=Output(as_json=as_json))
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


@pytest.mark.parametrize("sign_in", [SIGN_IN, None], ids=["provider", "password"])
def test_callback_is_known_before_the_deploy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sign_in: dict[str, str] | None
) -> None:
    """What a provider has to be told is said from the file; that there is no address yet is said, too."""
    values = yaml.safe_load((ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8"))
    values["airflow"] |= {"web": ENCRYPTED, "sign_in": sign_in}
    file = tmp_path / "environments" / "dev.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(values), encoding="utf-8")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "cdktf.out"))
    with pytest.raises(SystemExit) as end:
        application()(["url", "--env-file", str(file)], prog_name="python -m ops")
    said = capsys.readouterr()
    assert end.value.code == 1
    assert said.out == ""
    assert (f"Callback URL of the client at the identity provider: {CALLBACK}" in said.err) is bool(sign_in)
