"""What the user's file says of bundles, in environments that have some and in others."""

from __future__ import annotations

from typing import Any

import pytest
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import read_user_values, release_values
from constructs.settings.document.problems import EnvironmentFileError

from tests.chart.environments import environment, props
from tests.unit.airflow.conftest import Write

DAGS = {"source": "bundles", "bundles": {"a": {"repository": "https://git.acme.com/a.git", "token_secret_name": "t"}}}


@pytest.mark.parametrize(
    "content",
    [
        "dagProcessor: {dagBundleConfigList: []}",
        "config: {dag_processor: {dag_bundle_config_list: '[]'}}",
    ],
)
def test_a_second_list_is_refused(write: Write, content: str) -> None:
    """Only one can be in force; without bundles in the environment file the list is the user's."""

    def release(**airflow: Any) -> str:
        return release_values(read_user_values(write(content)), computed_values(props(environment("dev", **airflow))))

    with pytest.raises(EnvironmentFileError) as caught:
        release(dags=DAGS)
    (problem,) = caught.value.problems
    assert "the setting is airflow.dags" in problem.fix
    release()
