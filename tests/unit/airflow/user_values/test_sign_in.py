"""What the user's file says of sign-in, in environments with an identity provider and without."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from constructs.airflow.computed_values.release import computed_values
from constructs.airflow.user_values.file import read_user_values, release_values
from constructs.settings.document.problems import EnvironmentFileError

from tests.chart.environments import SIGN_IN, environment, props
from tests.unit.airflow.conftest import Refused, Write

ADDITION = "apiServer:\n  apiServerConfig: |\n    FAB_ADD_SECURITY_PERMISSION_VIEW = False\n"


def _values(write: Write, content: str, **airflow: Any) -> dict[str, Any]:
    text = release_values(read_user_values(write(content)), computed_values(props(environment("prod", **airflow))))
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def test_an_addition_comes_last(write: Write) -> None:
    """The user's text is read after the stack's, and so counts where both say something."""
    ours = _values(write, "", sign_in=SIGN_IN)["apiServer"]["apiServerConfig"]
    both = _values(write, ADDITION, sign_in=SIGN_IN)["apiServer"]["apiServerConfig"]
    assert both.startswith(ours)
    assert both.endswith("# From helm/values.yaml\nFAB_ADD_SECURITY_PERMISSION_VIEW = False\n")


def test_without_a_provider_the_text_is_the_users(write: Write) -> None:
    """As it is written: whoever configures FAB by hand goes on doing so."""
    assert _values(write, ADDITION)["apiServer"]["apiServerConfig"] == "FAB_ADD_SECURITY_PERMISSION_VIEW = False\n"
    assert "apiServerConfig" not in _values(write, "")["apiServer"]


@pytest.mark.parametrize(
    ("content", "key", "fix"),
    [
        (
            "apiServer: {apiServerConfigConfigMapName: mine}",
            "apiServer.apiServerConfigConfigMapName",
            "apiServerConfig",
        ),
        ("config: {fab: {session_lifetime_minutes: 5}}", "config.fab.session_lifetime_minutes", "session_minutes"),
        ("config: {api_auth: {jwt_expiration_time: 5}}", "config.api_auth.jwt_expiration_time", "session_minutes"),
    ],
    ids=["file", "session", "token"],
)
def test_what_the_provider_decides_is_refused_beside_one(write: Write, content: str, key: str, fix: str) -> None:
    """With airflow.sign_in it would have no effect, or take the stack's place; without it is the user's."""
    with pytest.raises(EnvironmentFileError) as caught:
        _values(write, content, sign_in=SIGN_IN)
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (1, key)
    assert fix in problem.fix
    _values(write, content)


@pytest.mark.parametrize(
    "content",
    [
        "config: {core: {auth_manager: airflow.api_fastapi.auth.managers.simple.SimpleAuthManager}}",
        "env: [{name: AIRFLOW__CORE__AUTH_MANAGER, value: x}]",
    ],
    ids=["option", "variable"],
)
def test_another_auth_manager_is_refused_with_the_reason(refused: Refused, content: str) -> None:
    """Users and roles are FAB's here, and what does the same for a company is a setting."""
    (problem,) = refused(content)
    assert "SimpleAuthManager is for development" in problem.allowed
    assert "airflow.sign_in" in problem.fix


def test_the_secrets_variable_is_the_stacks(refused: Refused) -> None:
    """Nobody sets another secret in clear under its name."""
    (problem,) = refused("apiServer: {env: [{name: AIRFLOW_SIGN_IN_CLIENT_SECRET, value: x}]}")
    assert "airflow.sign_in" in problem.fix
