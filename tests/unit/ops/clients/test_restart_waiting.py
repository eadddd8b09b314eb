"""How a restart of the database is waited for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ops.clients.aws import Aws
from ops.commands import restart_database
from ops.console.errors import OperationError
from ops.inspection.running_database import RunningDatabase
from tests.unit.ops.commands.test_restart_database import running
from tests.unit.ops.conftest import TrialAccount


class TestRestart:
    @pytest.fixture
    def restart(self, account: TrialAccount, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunningDatabase]:
        """Restart the database where RDS says one thing after the other; the last one for ever."""

        def restarted(*looks: RunningDatabase | None) -> RunningDatabase:
            answers = list(looks)
            monkeypatch.setattr(Aws, "client", lambda *_: Rebooted())
            monkeypatch.setattr(
                restart_database, "running_database", lambda *_: answers.pop(0) if len(answers) > 1 else answers[0]
            )
            aws = Aws(account.names.region, account.names.account_id)
            return restart_database._restart(aws, "airflow-dev", sleep=self.slept.append)

        self.slept: list[float] = []
        return restarted

    def test_what_rds_says_before_it_has_begun_is_not_taken_for_the_end(
        self, restart: Callable[..., RunningDatabase]
    ) -> None:
        """Available with parameters that wait, as before; then it restarts, and then nothing waits."""
        after = running(waits=False)
        assert restart(running(), running(status="rebooting"), running(), after) == after
        assert self.slept == [restart_database.EVERY] * 4

    @pytest.mark.parametrize(
        ("found", "said", "looks"),
        [
            (running(), "is available after 20 minutes, and parameters still wait for it.", restart_database.LOOKS),
            (running(status="rebooting"), "is rebooting after 20 minutes.", restart_database.LOOKS),
            (running(status="incompatible-parameters"), "is incompatible-parameters.", 1),
            (None, "is gone.", 1),
        ],
        ids=["waits", "late", "refused", "deleted"],
    )
    def test_one_that_does_not_come_back(
        self, restart: Callable[..., RunningDatabase], found: RunningDatabase | None, said: str, looks: int
    ) -> None:
        """After 20 minutes, or as soon as RDS has given up: how it is, and where its events are read."""
        with pytest.raises(OperationError, match=said) as refused:
            restart(found)
        assert len(self.slept) == looks
        assert "aws rds describe-events" in refused.value.fix


class Rebooted:
    """RDS that takes a restart."""

    def reboot_db_instance(self, **_: str) -> None:
        """Take it."""
