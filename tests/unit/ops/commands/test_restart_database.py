"""A restart of the database, for what it reads only when it starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment

from ops.clients.aws import Aws, Identity
from ops.commands import restart_database
from ops.commands.restart_database import Restart
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import Session
from ops.inspection.pending import pending_database_changes
from ops.inspection.running_database import RunningDatabase, running_database
from ops.preflight.check import Result
from ops.preflight.connections import check_connections, judge
from programs.own_tools import ROOT
from tests.unit.ops.conftest import TrialAccount

Run = Callable[..., ExitCode]

WINDOW = "sun:04:00-sun:05:00"
IN_TIME, AT_NIGHT = datetime(2026, 11, 29, 4, 30, tzinfo=UTC), datetime(2026, 11, 30, 23, 0, tzinfo=UTC)


def running(**changes: Any) -> RunningDatabase:
    """Dev's database, where a larger max_connections waits."""
    found = RunningDatabase(
        identifier="airflow-dev",
        status="available",
        instance_class="db.t4g.medium",
        maintenance_window=WINDOW,
        waits=True,
        static_parameters={"max_connections": "900"},
        now=IN_TIME,
    )
    return replace(found, **changes)


class TestRunningDatabase:
    @pytest.fixture
    def group(self, account: TrialAccount) -> Iterator[str]:
        """A database with a parameter group of its own, which sets nothing yet."""
        rds, name = account.client("rds"), account.names.prefix
        rds.create_db_parameter_group(
            DBParameterGroupName=f"{name}-p", DBParameterGroupFamily="postgres17", Description="d"
        )
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.medium",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="airflow",
            MasterUserPassword="not-a-secret",
            DBParameterGroupName=f"{name}-p",
        )
        yield f"{name}-p"
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    @pytest.fixture
    def asked(self, account: TrialAccount, monkeypatch: pytest.MonkeyPatch) -> Aws:
        """The account."""
        monkeypatch.setattr(Aws, "_made", lambda _, service, __: account.client(service))
        return Aws(account.names.region, account.names.account_id)

    def set(self, account: TrialAccount, group: str, name: str, value: str, method: str) -> None:
        """Change a parameter."""
        parameter = {"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}
        account.client("rds").modify_db_parameter_group(DBParameterGroupName=group, Parameters=[parameter])

    def test_a_static_parameter_waits_until_a_restart(self, account: TrialAccount, asked: Aws, group: str) -> None:
        """Status names it, its value and the command; after the restart, and for other parameters, nothing waits."""
        name = account.names.prefix
        self.set(account, group, "work_mem", "8192", "immediate")
        assert pending_database_changes(asked, name) == []
        self.set(account, group, "max_connections", "900", "pending-reboot")
        assert pending_database_changes(asked, name) == [
            "the database's static parameters wait for a restart (max_connections 900): python -m ops restart-database"
        ]
        before = running_database(asked, name)
        assert before
        assert before.max_connections == 450  # RDS's default of 4 GiB, which is what runs
        account.client("rds").reboot_db_instance(DBInstanceIdentifier=name)
        after = running_database(asked, name)
        assert after
        assert (after.waits, after.max_connections) == (False, 900)
        assert pending_database_changes(asked, name) == []

    def test_no_database(self, asked: Aws) -> None:
        """Before the first deploy there is none, and no pools to compare."""
        assert running_database(asked, "airflow-none") is None
        dev = load_environment(ROOT / "environments" / "dev.yaml")
        assert check_connections(dev, asked, "airflow-none", changed_first=True).result is Result.NOT_YET


class TestMaxConnections:
    @pytest.mark.parametrize(
        ("changes", "most"),
        [
            ({}, 450),
            ({"waits": False}, 900),
            ({"static_parameters": {}}, 450),
            ({"static_parameters": {"max_connections": "100"}}, 100),
            ({"static_parameters": {"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)"}}, 450),
            ({"instance_class": "db.x2g.large", "static_parameters": {}}, None),
        ],
    )
    def test_what_runs(self, changes: dict[str, Any], most: int | None) -> None:
        """What waits doesn't count where it is more; where less waits, that is what there will be."""
        assert running(**changes).max_connections == most


class TestPools:
    def environment(self, pools: int, **database: Any) -> Environment:
        """dev, with both pools of a size, and another database."""
        dev = load_environment(ROOT / "environments" / "dev.yaml")
        size = {"metadata_pool_size": pools, "result_backend_pool_size": pools}
        airflow = dev.airflow.model_copy(update={"pgbouncer": dev.airflow.pgbouncer.model_copy(update=size)})
        return dev.model_copy(update={"airflow": airflow, "database": dev.database.model_copy(update=database)})

    def test_fit(self) -> None:
        """Pools that the running database takes: ok, with both numbers."""
        check = judge(self.environment(220), running(), changed_first=True)
        assert (check.result, check.detail) == (Result.OK, "PgBouncer opens up to 440 of 450")

    def test_larger_ones_wait_for_the_restart(self) -> None:
        """With a larger max_connections that waits the deploy would open more than PostgreSQL takes."""
        environment = self.environment(300, parameters={"max_connections": "900"})
        check = judge(environment, running(), changed_first=True)
        assert check.result is Result.PROBLEM
        assert "up to 600 of the 450 that the running database takes" in check.detail
        assert "python -m ops restart-database" in check.fix
        assert judge(environment, running(waits=False), changed_first=True).result is Result.OK

    def test_a_larger_instance(self) -> None:
        """It brings its connections, and waiting parameters, with the same deploy only where it comes at once."""
        at_once = self.environment(400, instance_class="db.m7g.large", apply_immediately=True)
        later = self.environment(400, instance_class="db.m7g.large", apply_immediately=False)
        plain = running(waits=False, static_parameters={})
        assert judge(at_once, plain, changed_first=True).result is Result.OK
        assert judge(at_once, plain, changed_first=False).result is Result.PROBLEM
        check = judge(later, plain, changed_first=True)
        assert check.result is Result.PROBLEM
        assert "maintenance window" in check.fix


class TestCommand:
    @pytest.fixture
    def restarted(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Names of databases that were restarted; each has nothing waiting afterwards."""
        restarted: list[str] = []
        monkeypatch.setattr(Aws, "require_account", lambda _: Identity("111122223333", "arn:aws:iam::1:user/a"))

        def restart(_: Aws, name: str) -> RunningDatabase:
            restarted.append(name)
            return running(waits=False)

        monkeypatch.setattr(restart_database, "_restart", restart)
        return restarted

    @pytest.fixture
    def run(self, monkeypatch: pytest.MonkeyPatch, restarted: list[str]) -> Run:
        """Run the command where RDS says something of the database."""

        def run_command(found: RunningDatabase | None, **how: bool) -> ExitCode:
            assert restarted == []
            monkeypatch.setattr(restart_database, "running_database", lambda *_: found)
            session = Session(load({}, env="dev"), Output(as_json=True))
            return Restart(session, **{"in_window": False, "yes": False, **how}).run()

        return run_command

    def test_told_to(self, run: Run, restarted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """With --yes it is restarted, whatever waits, and the document says that nothing waits any more."""
        assert run(running(), yes=True) is ExitCode.DONE
        assert restarted == ["airflow-dev"]
        document = json.loads(capsys.readouterr().out)
        assert (document["restarted"], document["waits"]) == (True, False)

    def test_nobody_agrees(self, run: Run, restarted: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """Where nobody can be asked nothing is restarted, and the options that do it are named."""
        assert run(running()) is ExitCode.DECISION
        assert restarted == []
        said = capsys.readouterr()
        assert "add --yes, or --in-window" in said.err
        assert json.loads(said.out)["restarted"] is False

    def test_in_the_window(self, run: Run, restarted: list[str]) -> None:
        """A schedule restarts it without a question, in the window and where something waits."""
        assert run(running(waits=False), in_window=True) is ExitCode.DONE
        assert restarted == []
        assert run(running(), in_window=True) is ExitCode.DONE
        assert restarted == ["airflow-dev"]

    def test_outside_of_the_window(self, run: Run, restarted: list[str]) -> None:
        """By AWS's clock, not this machine's, it is not the time: 3, with both times."""
        with pytest.raises(OperationError) as refused:
            run(running(now=AT_NIGHT), in_window=True)
        assert "It is Monday 23:00 UTC by AWS's clock, outside of the maintenance window" in refused.value.message
        assert (refused.value.exit_code, restarted) == (ExitCode.DECISION, [])

    @pytest.mark.parametrize(
        ("found", "said"),
        [(None, "There is no database airflow-dev yet"), (running(status="modifying"), "airflow-dev is modifying")],
        ids=["none", "busy"],
    )
    def test_one_that_can_not_be(
        self, run: Run, restarted: list[str], found: RunningDatabase | None, said: str
    ) -> None:
        """Where there is none, or RDS is at work on it, nothing is done and what to do is said."""
        with pytest.raises(OperationError, match=said) as refused:
            run(found, yes=True)
        assert refused.value.fix
        assert restarted == []
