"""Who may start pods, in the released chart."""

from __future__ import annotations

import pytest
from constructs.airflow.launched_pods import CHARTS_ROLE

from tests.chart.conftest import Render


@pytest.mark.parametrize("allowed", [False, True])
def test_celerys_workers_and_the_triggerer_where_the_file_says_so(render: Render, *, allowed: bool) -> None:
    """They have a token and the role then, and nobody else has either; by default nobody."""
    rendering = render("dev", executor="CeleryExecutor", allow_pod_launching=allowed)
    launching = {"airflow-worker", "airflow-triggerer"} if allowed else set()
    accounts = rendering.named("ServiceAccount")
    with_token = {name for name, each in accounts.items() if each.get("automountServiceAccountToken") is not False}
    assert with_token == launching
    assert (CHARTS_ROLE in rendering.named("Role")) is allowed
    bound = {
        subject["name"]
        for binding in rendering.named("RoleBinding").values()
        if binding["roleRef"]["name"] == CHARTS_ROLE
        for subject in binding["subjects"]
    }
    assert bound == launching
