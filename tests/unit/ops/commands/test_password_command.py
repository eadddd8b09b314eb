"""What `python -m ops password` says where people sign in by a provider."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import Any

import pytest

from ops.commands.password import print_password
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output


def _session(local_admin: str) -> Any:
    """An environment with a provider, and an account that has the password."""
    sign_in = SimpleNamespace(local_admin=local_admin)
    secrets = SimpleNamespace(get_secret_value=lambda SecretId: {"SecretString": f"of {SecretId}"})  # noqa: N803
    return SimpleNamespace(
        operated=SimpleNamespace(
            name="prod",
            environment=SimpleNamespace(airflow=SimpleNamespace(sign_in=sign_in)),
            labels=lambda _: SimpleNamespace(names=SimpleNamespace(secret=lambda user: f"airflow-prod/{user}")),
        ),
        aws=SimpleNamespace(require_account=contextlib.nullcontext, client=lambda _: secrets),
        output=Output(as_json=False),
    )


def test_without_the_user_there_is_nothing_to_print() -> None:
    """And the way to have one again."""
    with pytest.raises(OperationError) as refused:
        print_password(_session("none"))
    assert refused.value.exit_code is ExitCode.MISTAKE
    assert refused.value.message == "Airflow of prod has no user admin: airflow.sign_in.local_admin is none."
    assert refused.value.fix == "airflow.sign_in.local_admin: keep, then deploy"


@pytest.mark.parametrize(("local_admin", "warned"), [("keep", False), ("break_glass", True)])
def test_prints_it_for_the_user_that_is_or_may_be(
    local_admin: str, *, warned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone on stdout; on stderr that the user has to be made first."""
    print_password(_session(local_admin))
    said = capsys.readouterr()
    assert said.out == "of airflow-prod/admin\n"
    assert ("There is no user admin until somebody makes him" in said.err) == warned
