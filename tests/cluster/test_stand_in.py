"""What the stand-in knows of pods, and the tests of kubeconfigs: without any cluster."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.kubelet import references
from tests.cluster.kubernetes_api import Kubeconfig, KubeconfigError


def written(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    """A kubeconfig with a second context that is not the current one."""
    path = folder / "kubeconfig"
    content = {
        "current-context": "here",
        "contexts": [
            {"name": "elsewhere", "context": {"cluster": "none", "user": "none"}},
            {"name": "here", "context": {"cluster": "hollow", "user": "admin"}},
        ],
        "clusters": [{"name": "hollow", "cluster": cluster}],
        "users": [{"name": "admin", "user": user}],
    }
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def encoded(text: str) -> str:
    """As kubeconfigs embed files."""
    return base64.b64encode(text.encode()).decode()


CLUSTER = {"server": "https://127.0.0.1:6443", "certificate-authority-data": encoded("authority")}


class TestKubeconfig:
    def test_embedded_certificates(self, tmp_path: Path) -> None:
        """A user with an embedded certificate logs in with it."""
        user = {"client-certificate-data": encoded("certificate"), "client-key-data": encoded("key")}
        found = Kubeconfig.read(written(tmp_path, CLUSTER, user))
        assert (found.server, found.authority) == ("https://127.0.0.1:6443", b"authority")
        assert json.loads(found.exec_credential())["status"] == {
            "clientCertificateData": "certificate",
            "clientKeyData": "key",
        }

    def test_files_beside_it(self, tmp_path: Path) -> None:
        """Certificates in files are found relative to the kubeconfig, as kwokctl writes them."""
        for name in ("ca", "crt", "key"):
            (tmp_path / name).write_text(name, encoding="utf-8")
        cluster = {"server": CLUSTER["server"], "certificate-authority": "ca"}
        user = {"client-certificate": str(tmp_path / "crt"), "client-key": "key"}
        found = Kubeconfig.read(written(tmp_path, cluster, user))
        assert (found.authority, found.certificate, found.key) == (b"ca", b"crt", b"key")

    def test_a_token(self, tmp_path: Path) -> None:
        """A user with a token logs in with it."""
        found = Kubeconfig.read(written(tmp_path, CLUSTER, {"token": "made-up"}))
        assert json.loads(found.exec_credential())["status"] == {"token": "made-up"}

    @pytest.mark.parametrize(
        ("cluster", "user", "reason"),
        [
            (CLUSTER, {"exec": {"command": "aws"}}, "neither a client certificate with its key nor a token"),
            (CLUSTER | {"server": "http://127.0.0.1:8080"}, {"token": "made-up"}, "https://"),
        ],
        ids=["login-command", "no-tls"],
    )
    def test_what_cannot_be_used_is_said(
        self, tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], reason: str
    ) -> None:
        """A login by command, and an API without TLS, are refused with the reason."""
        with pytest.raises(KubeconfigError, match=reason):
            Kubeconfig.read(written(tmp_path, cluster, user))

    def test_a_missing_file_is_said(self, tmp_path: Path) -> None:
        """A kubeconfig that isn't there is refused with its path."""
        with pytest.raises(KubeconfigError, match="nowhere can't be read"):
            Kubeconfig.read(tmp_path / "nowhere")


class TestReferences:
    def test_everything_that_a_pod_cannot_start_without(self) -> None:
        """Secrets and config maps of variables, of whole environments and of volumes, in init containers too."""
        spec = {
            "containers": [
                {
                    "env": [
                        {"name": "PLAIN", "value": "1"},
                        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "a", "key": "password"}}},
                        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "b", "key": "text"}}},
                    ]
                }
            ],
            "initContainers": [{"envFrom": [{"secretRef": {"name": "c"}}, {"configMapRef": {"name": "d"}}]}],
            "volumes": [
                {"secret": {"secretName": "e", "items": [{"key": "file", "path": "file"}]}},
                {"projected": {"sources": [{"configMap": {"name": "f"}}, {"serviceAccountToken": {}}]}},
                {"emptyDir": {}},
            ],
        }
        assert list(references(spec)) == [
            ("secrets", "a", {"password"}),
            ("configmaps", "b", {"text"}),
            ("secrets", "c", set()),
            ("configmaps", "d", set()),
            ("secrets", "e", {"file"}),
            ("configmaps", "f", set()),
        ]

    def test_what_is_optional_may_be_missing(self) -> None:
        """References that say that they are optional keep no pod from starting."""
        optional = {"name": "a", "key": "password", "optional": True}
        spec = {
            "containers": [{"env": [{"valueFrom": {"secretKeyRef": optional}}], "envFrom": [{"secretRef": optional}]}],
            "volumes": [{"secret": {"secretName": "e", "optional": True}}],
        }
        assert list(references(spec)) == []
