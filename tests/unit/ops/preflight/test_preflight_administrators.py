"""Whether those exist who administrate the cluster, and what somebody who isn't one of them is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.clients.aws import Aws, Identity
from ops.preflight.administrators import check_caller, check_listed
from ops.preflight.check import Result

ROLE, USER = "arn:aws:iam::1:role/team/ci", "arn:aws:iam::1:user/ann"
SSO = "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admins_0123456789abcdef"
SESSION = Identity("1", "arn:aws:sts::1:assumed-role/ci/run")
IN_IAM = (ROLE, USER, SSO)


def account(*, allowed: bool = True) -> Aws:
    """An account with those in IAM, which it shows or not."""

    def look(operation: str, kind: str, name: str) -> dict[str, Any]:
        if not allowed:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, operation)
        found = [arn for arn in IN_IAM if f":{kind.lower()}/" in arn and arn.endswith(f"/{name}")]
        if not found:
            raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": f"no {name}"}}, operation)
        return {kind: {"Arn": found[0]}}

    iam = SimpleNamespace(
        get_role=lambda RoleName: look("GetRole", "Role", RoleName),  # noqa: N803  # boto3's name
        get_user=lambda UserName: look("GetUser", "User", UserName),  # noqa: N803  # boto3's name
    )
    return Aws("eu-west-1", "1", {("iam", "eu-west-1"): iam})


class TestCaller:
    def test_one_of_them(self) -> None:
        """A session of a listed role is the role."""
        assert check_caller((ROLE,), SESSION, account()).result is Result.OK

    @pytest.mark.parametrize(
        ("session", "listed"),
        [
            ("arn:aws:sts::1:assumed-role/ci/run", ROLE),
            ("arn:aws:sts::1:assumed-role/AWSReservedSSO_Admins_0123456789abcdef/ann@acme.com", SSO),
            ("arn:aws:iam::1:user/ann", USER),
        ],
    )
    def test_anybody_else_is_told_what_the_file_takes(self, session: str, listed: str) -> None:
        """The role behind a session, with its path as IAM has it, and never the session, which the file refuses."""
        checked = check_caller(("arn:aws:iam::1:role/other",), Identity("1", session), account())
        assert checked.result is Result.PROBLEM
        assert checked.fix == f"add {listed} to cluster.administrators, or use another role"

    def test_who_may_not_look_it_up(self) -> None:
        """Without the path the line would be wrong: the command that prints it is told instead."""
        checked = check_caller(("arn:aws:iam::1:role/other",), SESSION, account(allowed=False))
        assert checked.result is Result.PROBLEM
        assert "aws iam get-role --role-name ci --query Role.Arn --output text" in checked.fix

    @pytest.mark.parametrize("session", ["arn:aws:iam::1:root", "arn:aws:sts::1:federated-user/ann"])
    def test_who_can_be_none(self, session: str) -> None:
        """The account's root and federated users have no ARN that a cluster admits: no line to add is made up."""
        checked = check_caller((ROLE,), Identity("1", session), account())
        assert checked.result is Result.PROBLEM
        assert checked.fix.startswith("use a role or a user of IAM")


class TestListed:
    def test_all_there(self) -> None:
        """Roles and users, each with its path."""
        [checked] = check_listed(IN_IAM, SESSION, account())
        assert (checked.result, checked.detail) == (Result.OK, "3 in IAM")

    def test_those_that_are_not_there(self) -> None:
        """Each that doesn't exist, or has another path, is a problem of its own, with what to write."""
        listed = (
            "arn:aws:iam::1:role/nobody",
            "arn:aws:iam::1:role/ci",
            "arn:aws:iam::1:role/airflow-dev-ci-apply",
            USER,
        )
        nobody, path, workflow = check_listed(listed, SESSION, account())
        assert {nobody.result, path.result, workflow.result} == {Result.PROBLEM}
        assert "role/nobody does not exist: EKS would refuse its access entry" in nobody.detail
        assert path.fix == f"write {ROLE} into cluster.administrators"
        assert workflow.fix == "make bootstrap makes the role that workflows deploy with"

    def test_who_may_not_look(self) -> None:
        """What could not be looked up is unknown; that the caller exists needs no look."""
        [checked] = check_listed((ROLE, USER), SESSION, account(allowed=False))
        assert checked.result is Result.UNKNOWN
        assert "GetUser" in checked.detail
        [alone] = check_listed((ROLE,), SESSION, account(allowed=False))
        assert alone.result is Result.OK
