"""What `recover` decides about what it finds in AWS."""

from __future__ import annotations

import pytest
from constructs.naming.labels import Labels

from ops.recovery.finding import Finding, Repair
from ops.recovery.infrastructure import Inspection
from ops.unrecorded.recorded import Recorded
from tests.unit.ops.conftest import TrialAccount, stack

SECRET, VERSION = "aws_secretsmanager_secret.redis", "aws_secretsmanager_secret_version.redis"


@pytest.fixture
def secret(account: TrialAccount) -> str:
    """A secret with a version; its ARN."""
    manager = account.client("secretsmanager")
    arn = manager.create_secret(Name=account.names.secret("redis"), Tags=account.pairs(SECRET))["ARN"]
    manager.put_secret_value(SecretId=arn, SecretString="value")
    return str(arn)


def found(account: TrialAccount, **recorded: str) -> dict[str, Finding]:
    """Address -> finding, where the state knows `recorded`."""
    inspection = Inspection(
        stack=stack(account.names),
        recorded=Recorded({name.replace("__", "."): identifier for name, identifier in recorded.items()}),
        clients=account.client,
        labels=Labels(names=account.names, stack="infrastructure"),
        airflow_runs=True,
    )
    return {finding.what: finding for finding in inspection.findings()}


class TestVersionOfASecret:
    def test_is_written_anew_where_the_state_has_none(self, account: TrialAccount, secret: str) -> None:
        """The secret is imported, its version written again: the value would come into the state."""
        findings = found(account)
        assert (findings[SECRET].repair, findings[SECRET].identifier) == (Repair.IMPORT, secret)
        assert findings[VERSION].repair is Repair.RENEW

    def test_is_left_where_somebody_else_has_written_it(self, account: TrialAccount, secret: str) -> None:
        """A value put back by hand stays, hinders no deploy and asks for no decision."""
        findings = found(
            account, aws_secretsmanager_secret__redis=secret, aws_secretsmanager_secret_version__redis=f"{secret}|1"
        )
        assert findings.keys() == {VERSION}
        assert findings[VERSION].repair is Repair.LEAVE
        assert not findings[VERSION].repairable
        assert not findings[VERSION].stops_deploy
