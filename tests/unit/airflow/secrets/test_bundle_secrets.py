"""Credentials of bundles as objects in the cluster."""

from __future__ import annotations

import json
from typing import Any

from constructs.airflow.secrets.bundle_secrets import BundleSecrets, BundleSecretsProps
from constructs.settings.sections.airflow.dags import BundleSettings

from tests.unit.trial_stack import TrialStack

TOKEN = {"repository": "https://git.example.com/a.git", "token_secret_name": "git/a", "token_username": "oauth2"}
KEY = {
    "repository": "git@git.example.com:b.git",
    "ssh_key_secret_name": "git/b",
    "known_hosts": "git.example.com ssh-ed25519 AAAA",
}
PUBLIC = {"repository": "https://git.example.com/c.git"}


def _add(stack: TrialStack, revision: int = 1, **bundles: dict[str, Any]) -> BundleSecrets:
    named = {name.replace("_", "-"): BundleSettings.model_validate(body) for name, body in bundles.items()}
    return BundleSecrets(stack, "bundles", BundleSecretsProps(namespace="airflow", bundles=named, revision=revision))


def _value(name: str) -> str:
    return f"trimspace(ephemeral.aws_secretsmanager_secret_version.{name}.secret_string)"


def test_a_token_is_a_connection_with_its_user(stack: TrialStack) -> None:
    """As Airflow reads connections from variables, and written without passing through any state."""
    _add(stack, team_a=TOKEN)
    secret = stack.resource("kubernetes_secret_v1.bundle_team_a")
    assert secret["metadata"]["name"] == "airflow-ext-bundle-team-a"
    pairs = f'"conn_type" = "git", "login" = "oauth2", "password" = {_value("bundle_team_a")}'
    assert secret["data_wo"] == {"connection": f"${{jsonencode({{{pairs}}})}}"}
    assert "data" not in secret


def test_a_key_is_a_file_and_the_hosts_key_has_to_be_known(stack: TrialStack) -> None:
    """The connection names both files; OpenSSH reads no key whose last line has no end."""
    _add(stack, b=KEY)
    data = stack.resource("kubernetes_secret_v1.bundle_b")["data_wo"]
    connection = json.loads(data["connection"])
    assert connection == {
        "conn_type": "git",
        "extra": {
            "key_file": "/etc/dag-bundles/b/ssh-key",
            "known_hosts_file": "/etc/dag-bundles/b/known_hosts",
            "strict_host_key_checking": "yes",
        },
    }
    assert data["ssh-key"] == f'${{format("%s\\n", {_value("bundle_b")})}}'
    assert data["known_hosts"] == "git.example.com ssh-ed25519 AAAA\n"


def test_a_public_repository_has_none(stack: TrialStack) -> None:
    """Nothing is read, nothing made, and no pod restarts for it."""
    assert _add(stack, c=PUBLIC).revision == 0
    assert not stack.synthesized().document.get("resource")


def test_another_revision_writes_all_anew_and_restarts_pods(stack: TrialStack) -> None:
    """So does another user of a token, or another list of hosts."""
    cases: list[tuple[int, dict[str, Any]]] = [
        (1, TOKEN),
        (2, TOKEN),
        (1, {**TOKEN, "token_username": "git"}),
        (1, KEY),
        (1, {**KEY, "known_hosts": "git.example.com ssh-ed25519 BBBB"}),
    ]
    of_pods, written = set(), set()
    for number, (revision, body) in enumerate(cases):
        trial = stack if number == 0 else TrialStack()
        of_pods.add(_add(trial, revision, a=body).revision)
        written.add(trial.resource("kubernetes_secret_v1.bundle_a")["data_wo_revision"])
    assert len(of_pods) == len(written) == len(cases)
