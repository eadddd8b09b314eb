"""Variables and files of the environment file as objects in the cluster."""

from __future__ import annotations

from typing import Any

from constructs.airflow.secrets.given_secrets import GivenSecrets, GivenSecretsProps
from constructs.settings.sections.airflow.given import FileSettings, VariableSettings

from tests.unit.trial_stack import TrialStack


def _add(stack: TrialStack, **changes: Any) -> GivenSecrets:
    variable = {"name": "SENTRY_DSN", "secret": "acme/sentry", "components": ["workers"], **changes}
    props = GivenSecretsProps(
        namespace="airflow",
        variables=[
            VariableSettings.model_validate(variable),
            VariableSettings.model_validate({"name": "A", "value": "b"}),
        ],
        files=[
            FileSettings.model_validate(
                {"name": "google-key", "path": "/opt/x/a", "secret": "acme/google", "components": ["workers"]}
            ),
            FileSettings.model_validate({"name": "motd", "path": "/opt/x/b", "value": "${hello}"}),
        ],
    )
    return GivenSecrets(stack, "given", props)


def test_each_secret_is_an_object_of_its_own(stack: TrialStack) -> None:
    """So that a pod gets one and not its neighbours; a value in the file needs none."""
    _add(stack)
    assert stack.names_of("kubernetes_secret_v1") == {"environment_SENTRY_DSN", "file_google_key"}
    secret = stack.resource("kubernetes_secret_v1.environment_SENTRY_DSN")
    assert secret["metadata"]["name"] == "airflow-ext-env-sentry-dsn"
    assert stack.resource("kubernetes_secret_v1.file_google_key")["metadata"]["name"] == "airflow-ext-file-google-key"


def test_the_value_passes_through_no_state(stack: TrialStack) -> None:
    """Read anew in every run, and written into a write-only argument."""
    _add(stack)
    secret = stack.resource("kubernetes_secret_v1.environment_SENTRY_DSN")
    reference = "ephemeral.aws_secretsmanager_secret_version.environment_SENTRY_DSN"
    assert secret["data_wo"] == {"value": f"${{{reference}.secret_string}}"}
    assert "data" not in secret
    ephemeral = stack.synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]
    assert ephemeral["environment_SENTRY_DSN"] == {"secret_id": "acme/sentry"}


def test_a_key_of_the_secrets_json(stack: TrialStack) -> None:
    """Terraform takes one text out of it."""
    _add(stack, key="dsn")
    data = stack.resource("kubernetes_secret_v1.environment_SENTRY_DSN")["data_wo"]
    reference = "ephemeral.aws_secretsmanager_secret_version.environment_SENTRY_DSN.secret_string"
    assert data == {"value": f'${{tostring(jsondecode({reference})["dsn"])}}'}


def test_another_revision_writes_it_anew(stack: TrialStack) -> None:
    """So do another secret and another key."""
    revisions = set()
    cases: list[dict[str, Any]] = [{}, {"revision": 2}, {"key": "dsn"}, {"secret": "acme/other"}]
    for number, changes in enumerate(cases):
        trial = stack if number == 0 else TrialStack()
        _add(trial, **changes)
        revisions.add(trial.resource("kubernetes_secret_v1.environment_SENTRY_DSN")["data_wo_revision"])
    assert len(revisions) == 4


def test_texts_of_files_are_one_config_map(stack: TrialStack) -> None:
    """Nothing in them is Terraform's language; everything is there before the pods."""
    added = _add(stack)
    assert stack.resource("kubernetes_config_map_v1.files")["data"] == {"motd": "$${hello}"}
    assert len(added.resources) == 3


def test_nothing_without_any(stack: TrialStack) -> None:
    """An environment that gives nothing has no object more."""
    GivenSecrets(stack, "given", GivenSecretsProps(namespace="airflow", variables=[], files=[]))
    assert not stack.synthesized().document.get("resource")
