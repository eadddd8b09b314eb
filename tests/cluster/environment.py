"""The environment dev on a real Kubernetes API: its file, and what has to differ in the stack `platform`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cluster.kubernetes_api import Kubeconfig
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

STACKS = ("infrastructure", "platform")

_OUTPUTS = "data.terraform_remote_state.infrastructure.outputs"


def workspace(
    toolchain: Toolchain,
    folder: Path,
    environ: Mapping[str, str],
    kubeconfig: Kubeconfig,
    charts: Mapping[str, str],
    **airflow: Any,
) -> Workspace:
    """environments/dev.yaml with other chart sources, pods scheduled on the given API, ready to be deployed."""
    file = environment_file("dev", folder, airflow={"chart": dict(charts), **airflow})
    overrides = {"platform": {"provider": _login(kubeconfig, folder)}}
    return Workspace(toolchain, folder, file, environ, name="platform", overrides=overrides)


def _login(kubeconfig: Kubeconfig, folder: Path) -> dict[str, Any]:
    """Providers that log in as the kubeconfig's user: the API server can't check what `aws eks get-token` prints."""
    credential = folder / "credential.json"
    credential.write_text(kubeconfig.exec_credential(), encoding="utf-8")
    login = {"api_version": "client.authentication.k8s.io/v1beta1", "command": "cat", "args": [str(credential)]}
    cluster = {
        "host": f"${{{_OUTPUTS}.cluster_endpoint}}",
        "cluster_ca_certificate": f"${{base64decode({_OUTPUTS}.cluster_certificate_authority)}}",
    }
    return {
        "kubernetes": [{**cluster, "exec": [login]}],
        "helm": [{"kubernetes": {**cluster, "exec": login}}],
    }
