"""Where `python -m ops kubeconfig` says that the context was written to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.clients.aws import Identity
from ops.commands.kubeconfig import add_cluster
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import load


def session(folder: Path, said: str) -> Any:
    """dev, whose cluster is there; an AWS CLI that says that."""
    (folder / "aws").write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    (folder / "aws").chmod(0o755)
    operated = load({"PATH": f"{folder}:/usr/bin:/bin"}, env="dev")
    aws = SimpleNamespace(
        require_account=lambda: Identity("1", "arn:aws:iam::1:user/a"),
        client=lambda _: SimpleNamespace(describe_cluster=lambda **_: {}),
    )
    return SimpleNamespace(operated=operated, aws=aws, output=Output(as_json=True))


class TestJson:
    @pytest.mark.parametrize(
        ("said", "target", "file"),
        [
            ("Added new context airflow-dev to /home/ann/.kube/config", None, "/home/ann/.kube/config"),
            ("Updated context airflow-dev in /etc/kube config", None, "/etc/kube config"),
            ("Added new context airflow-dev to /srv/mine", Path("/srv/mine"), "/srv/mine"),
            ("Done.", None, "/home/bea/.kube/config"),
        ],
    )
    def test_names_the_file(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        said: str,
        target: Path | None,
        file: str,
    ) -> None:
        """The file that the AWS CLI has written is named, also where nobody has named one: it is never null."""
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("HOME", "/home/bea")
        assert add_cluster(session(tmp_path, said), target) is ExitCode.DONE
        assert json.loads(capsys.readouterr().out)["kubeconfig"] == file
