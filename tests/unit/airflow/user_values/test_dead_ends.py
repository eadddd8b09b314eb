"""Values that the chart takes and that do nothing here, or harm, are refused, with what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs.airflow.user_values.file import read_user_values
from constructs.settings.document.problems import EnvironmentFileError, Problem

Refused = Callable[[str], list[Problem]]

CASES = {
    "role of a service account": (
        "workers:\n  celery:\n    serviceAccount:\n      annotations: {eks.amazonaws.com/role-arn: x}\n",
        'workers.celery.serviceAccount.annotations["eks.amazonaws.com/role-arn"]',
        "pod_policy_arns",
    ),
    "role of the api-server": (
        "apiServer: {serviceAccount: {annotations: {eks.amazonaws.com/role-arn: x}}}\n",
        'apiServer.serviceAccount.annotations["eks.amazonaws.com/role-arn"]',
        "pod_policy_arns",
    ),
    "role at the old place of the workers'": (
        "workers: {serviceAccount: {annotations: {eks.amazonaws.com/role-arn: x}}}\n",
        'workers.serviceAccount.annotations["eks.amazonaws.com/role-arn"]',
        "pod_policy_arns",
    ),
    "KEDA of workers": ("workers: {celery: {keda: {enabled: true}}}\n", "workers.celery.keda", "workers.autoscaling"),
    "KEDA of the triggerer": ("triggerer: {keda: {enabled: true}}\n", "triggerer.keda", "autoscaling"),
    "KEDA at its old place": ("workers: {keda: {enabled: true}}\n", "workers.keda", "workers.autoscaling"),
    "configuration of the webserver": (
        "webserver: {webserverConfig: 'X = 1'}\n",
        "webserver.webserverConfig",
        "write it as apiServer.apiServerConfig",
    ),
    "size of the webserver": ("webserver: {replicas: 2}\n", "webserver.replicas", "airflow.components.api_server"),
    "user of the webserver": ("webserver: {defaultUser: {}}\n", "webserver.defaultUser", "python -m ops password"),
    "anything else of the webserver": (
        "webserver: {nodeSelector: {disk: fast}}\n",
        "webserver.nodeSelector",
        "write it as apiServer.nodeSelector",
    ),
    "collector": ("otelCollector: {tracesEnabled: true}\n", "otelCollector", "airflow.scraping"),
    "network policy of the chart": (
        "pgbouncer: {extraNetworkPolicies: []}\n",
        "pgbouncer.extraNetworkPolicies",
        "a policy of your own",
    ),
    "network policy of the api-server": ("apiServer: {networkPolicy: {}}\n", "apiServer.networkPolicy", "your own"),
}


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """What is said about a file."""

    def problems(content: str) -> list[Problem]:
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(EnvironmentFileError) as caught:
            read_user_values(path)
        return caught.value.problems

    return problems


class TestDeadEnds:
    @pytest.mark.parametrize(("content", "key", "instead"), CASES.values(), ids=CASES.keys())
    def test_are_refused(self, refused: Refused, content: str, key: str, instead: str) -> None:
        """Once, at their line, with what does what they are for."""
        (problem,) = refused(content)
        assert problem.key == key
        assert problem.line == content.count("\n")
        assert instead in problem.fix

    def test_of_an_umbrella_chart_is_one(self, refused: Refused) -> None:
        """A whole file below `airflow`: how to put it right, and nothing about what is in it."""
        content = "airflow:\n  executor: CeleryExecutor\n  env: [{name: AIRFLOW__CORE__FERNET_KEY, value: x}]\n"
        (problem,) = refused(content)
        assert (problem.line, problem.key) == (1, "airflow")
        assert problem.fix == "take everything below airflow one level out"

    @pytest.mark.parametrize("place", ["workers", "webserver"])
    def test_are_not_found_one_after_the_other(self, refused: Refused, place: str) -> None:
        """What has to move is looked at as well: nobody moves a secret in clear to a place that refuses it."""
        moves, secret = refused(f"{place}:\n  env:\n    - {{name: DB_PASSWORD, value: x}}\n")
        assert (moves.line, moves.key) == (2, f"{place}.env")
        assert moves.fix.startswith("write it ")
        assert (secret.line, secret.key) == (3, f"{place}.env[0].value")

    @pytest.mark.parametrize(
        "content",
        [
            "apiServer: {serviceAccount: {annotations: {team: data}}}\n",
            "workers: {celery: {hpa: {enabled: true}}}\n",
            "apiServer: {apiServerConfig: 'X = 1'}\n",
            "cleanup: {enabled: true}\n",
        ],
        ids=["annotation", "autoscaling by CPU", "configuration of the api-server", "pod cleanup"],
    )
    def test_are_not_what_works(self, tmp_path: Path, content: str) -> None:
        """What stands beside them, and what they are sent to."""
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        assert read_user_values(path).warnings == []


class TestPodCleanup:
    @pytest.mark.parametrize(
        ("content", "on"), [("cleanup: {enabled: true}\n", True), ("cleanup: {resources: {}}\n", False), ("", False)]
    )
    def test_is_known_where_it_is_on(self, tmp_path: Path, content: str, *, on: bool) -> None:
        """Its pods then get a network policy."""
        path = tmp_path / "values.yaml"
        path.write_text(content, encoding="utf-8")
        assert read_user_values(path).cleans_pods is on
