"""What boto3 raises, in words for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ProfileNotFound

from ops.clients.aws import Identity, same_principal
from ops.clients.aws_refusals import explain
from ops.console.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.console.exit_codes import ExitCode


def refusal(code: str, message: str = "So it is.") -> ClientError:
    """An answer of AWS."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeCluster")


class TestExplain:
    @pytest.mark.parametrize("error", [NoCredentialsError(), ProfileNotFound(profile="work"), refusal("ExpiredToken")])
    def test_credentials(self, error: Exception) -> None:
        """Missing, unknown or expired credentials are the caller's to put right: exit code 2, and how to sign in."""
        explained = explain(error, "read the cluster")
        assert explained.exit_code is ExitCode.MISTAKE
        assert "aws sso login" in explained.fix

    @pytest.mark.parametrize(
        ("error", "kind", "said"),
        [
            (refusal("AccessDenied"), NoPermissionError, "No permission to read the cluster (DescribeCluster: "),
            (refusal("UnauthorizedOperation"), NoPermissionError, "No permission to read the cluster"),
            (refusal("ResourceNotFoundException"), NotFoundError, "AWS knows nothing to read the cluster"),
            (refusal("DBInstanceNotFound"), NotFoundError, "AWS knows nothing"),
            (refusal("NoSuchBucket"), NotFoundError, "NoSuchBucket"),
            (refusal("ThrottlingException"), OperationError, "AWS is busy, or fails, and did not read the"),
            (refusal("ValidationError"), OperationError, "AWS refused to read the cluster"),
            (EndpointConnectionError(endpoint_url="http://x"), UnreachableError, "AWS was not reached, to read the"),
        ],
        ids=["denied", "unauthorized", "unknown", "no-database", "no-bucket", "throttled", "refused", "no-network"],
    )
    def test_answers(self, error: Exception, kind: type[OperationError], said: str) -> None:
        """Whether it is a permission, a name or the network is told apart, and what was asked is said."""
        explained = explain(error, "read the cluster")
        assert type(explained) is kind
        assert said in explained.message

    @pytest.mark.parametrize(
        ("code", "message"),
        [
            ("SignatureDoesNotMatch", "Signature expired: 20261129T200000Z is now earlier than 20261129T220500Z"),
            (
                "InvalidSignatureException",
                "Signature not yet current: 20261130T000000Z is still later than 20261129T22",
            ),
            ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
            ("RequestExpired", "Request has expired."),
        ],
    )
    def test_a_wrong_clock(self, code: str, message: str) -> None:
        """Each service's word for it is told from wrong credentials: by how much, and that the clock is to be set."""
        answered = format_datetime(datetime.now(UTC) + timedelta(minutes=130), usegmt=True)
        error = refusal(code, message)
        error.response["ResponseMetadata"] = {
            "RequestId": "", "HostId": "", "HTTPStatusCode": 403, "HTTPHeaders": {"date": answered}, "RetryAttempts": 0
        }  # fmt: skip
        explained = explain(error, "ask who calls")
        assert explained.exit_code is ExitCode.MISTAKE
        assert explained.message.startswith("This machine's clock is wrong, 130 min behind AWS's: ")
        assert "sign in" not in explained.fix
        assert "set the clock" in explained.fix
        assert explain(refusal(code, message), "ask").message.startswith("This machine's clock is wrong: ")

    @pytest.mark.parametrize("code", ["503", "SlowDown", "ServiceUnavailable", "RequestLimitExceeded", "InternalError"])
    def test_an_outage(self, code: str) -> None:
        """What AWS will do later is waited for, and where outages are shown is said; it is nobody's mistake (1)."""
        explained = explain(refusal(code), "read the state")
        assert explained.exit_code is ExitCode.FAILED
        assert "wait some minutes" in explained.fix

    @pytest.mark.parametrize("code", ["ValidationError", "MalformedPolicyDocument", "Odd"])
    def test_whatever_else(self, code: str) -> None:
        """No refusal of AWS is without a fix."""
        assert "remove the cause that AWS names" in explain(refusal(code), "read the cluster").fix

    def test_long_answers(self) -> None:
        """An answer of many lines becomes one line; what is beyond a thousand characters is said to be left out."""
        explained = explain(refusal("ValidationError", "many\n words " * 200), "read the cluster")
        assert "\n" not in explained.message
        assert "many ... (the first 994 of 2,199 characters)" in explained.message


class TestIdentity:
    @pytest.mark.parametrize(
        ("arn", "principal"),
        [
            ("arn:aws:sts::1:assumed-role/ci/session", "arn:aws:iam::1:role/ci"),
            ("arn:aws-cn:sts::1:assumed-role/ci/session", "arn:aws-cn:iam::1:role/ci"),
            ("arn:aws:iam::1:user/team/ann", "arn:aws:iam::1:user/team/ann"),
        ],
    )
    def test_principal(self, arn: str, principal: str) -> None:
        """A session stands for its role; a user is himself."""
        assert Identity("1", arn).principal == principal

    @pytest.mark.parametrize(
        ("other", "same"),
        [
            ("arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/ci", True),
            ("arn:aws:iam::2:role/ci", False),
            ("arn:aws:iam::1:user/ci", False),
            ("arn:aws:iam::1:role/ci-plan", False),
        ],
    )
    def test_roles_with_a_path(self, other: str, *, same: bool) -> None:
        """STS leaves out a role's path: account, kind and name decide."""
        assert same_principal("arn:aws:iam::1:role/ci", other) is same
