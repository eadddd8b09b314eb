"""Failures and holds on demand."""

import http.client
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from tests.emulator import Emulator, EmulatorError
from tests.emulator.conftest import Client
from tests.emulator.faults import Moment


class InBackground:
    """Runs a call in a thread and keeps how it ended."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.error: Exception | None = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._call()
        except (BotoCoreError, ClientError) as error:
            self.error = error

    @property
    def waiting(self) -> bool:
        """Whether the call has not been answered."""
        return self._thread.is_alive()

    def join(self) -> None:
        """Waits for the answer."""
        self._thread.join(120)
        assert not self.waiting


@pytest.fixture(autouse=True)
def no_fault_outlives_its_test(aws: Emulator) -> Iterator[None]:
    """Clears what a test has set."""
    yield
    aws.clear_faults()


class TestFailures:
    @pytest.mark.parametrize(
        ("service", "action", "operation"),
        [
            pytest.param("ec2", "DescribeVpcs", "describe_vpcs", id="ec2"),
            pytest.param("iam", "ListRoles", "list_roles", id="query"),
            pytest.param("kms", "ListKeys", "list_keys", id="json"),
            pytest.param("eks", "ListClusters", "list_clusters", id="rest-json"),
            pytest.param("s3", "ListBuckets", "list_buckets", id="rest-xml"),
        ],
    )
    def test_has_the_shape_of_the_protocol(
        self, aws: Emulator, client: Client, service: str, action: str, operation: str
    ) -> None:
        """Code and message arrive in the client as AWS's own would, once."""
        call = getattr(client(service), operation)
        aws.fail(service, action, code="LimitExceeded", status=400, message="too <many> & more")
        with pytest.raises(ClientError) as failed:
            call()
        assert failed.value.response["Error"]["Code"] == "LimitExceeded"
        assert failed.value.response["Error"]["Message"] == "too <many> & more"
        assert failed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        call()

    def test_nth_call_and_how_many(self, aws: Emulator, client: Client) -> None:
        """Counted from the moment the fault is set: the second and third fail, first and fourth do not."""
        kms = client("kms")
        aws.fail("kms", "ListKeys", nth=2, times=2)
        outcomes = []
        for _ in range(4):
            try:
                kms.list_keys()
                outcomes.append("answered")
            except ClientError:
                outcomes.append("failed")
        assert outcomes == ["answered", "failed", "failed", "answered"]

    def test_any_action_of_calls_with_a_text(self, aws: Emulator, client: Client) -> None:
        """`*` is any action; `containing` narrows to calls that name something."""
        secrets = client("secretsmanager")
        aws.fail("secretsmanager", "*", containing="dev/database")
        secrets.create_secret(Name="dev/redis")
        with pytest.raises(ClientError, match="Refused on purpose"):
            secrets.create_secret(Name="dev/database")
        assert [secret["Name"] for secret in secrets.list_secrets()["SecretList"]] == ["dev/redis"]

    def test_after_the_effect(self, aws: Emulator, client: Client) -> None:
        """The caller sees an error, and the thing exists all the same."""
        sns = client("sns")
        aws.fail("sns", "CreateTopic", moment="after", code="InternalFailure", status=500)
        with pytest.raises(ClientError, match="InternalFailure"):
            sns.create_topic(Name="made-anyway")
        assert "eu-west-1 sns:topic made-anyway" in aws.inventory()

    def test_cleared(self, aws: Emulator, client: Client) -> None:
        """Nothing fails any more."""
        aws.fail("*", "*", times=100)
        aws.clear_faults()
        assert client("kms").list_keys()["ResponseMetadata"]["HTTPStatusCode"] == 200


def create_topic(client: Client, name: str) -> Callable[[], Any]:
    """A call to run in the background."""
    sns = client("sns")
    return lambda: sns.create_topic(Name=name)


class TestHolds:
    def test_before_the_effect(self, aws: Emulator, client: Client) -> None:
        """The held call has done nothing until it is released; other calls go on meanwhile."""
        hold = aws.hold("sns", "CreateTopic")
        creation = InBackground(create_topic(client, "before"))
        hold.wait(120)
        client("kms").list_keys()
        assert "eu-west-1 sns:topic before" not in aws.inventory()
        assert creation.waiting
        hold.release()
        creation.join()
        assert creation.error is None
        assert "eu-west-1 sns:topic before" in aws.inventory()

    def test_after_the_effect(self, aws: Emulator, client: Client) -> None:
        """What a killed apply leaves behind: the thing exists and its maker does not know it."""
        with aws.hold("sns", "CreateTopic", moment="after") as hold:
            creation = InBackground(create_topic(client, "after"))
            hold.wait(120)
            assert creation.waiting
            assert "eu-west-1 sns:topic after" in aws.inventory()
        creation.join()
        assert creation.error is None

    def test_dropped(self, aws: Emulator, client: Client) -> None:
        """A call dropped before its effect never takes effect, and its caller sees a closed connection."""
        hold = aws.hold("sns", "CreateTopic")
        creation = InBackground(create_topic(client, "dropped"))
        hold.wait(120)
        hold.drop()
        creation.join()
        assert isinstance(creation.error, ConnectionClosedError)
        assert "eu-west-1 sns:topic dropped" not in aws.inventory()
        assert aws.calls()[-1].status == 0

    def test_dropped_and_at_once_cleared(self, aws: Emulator, client: Client) -> None:
        """A dropped call has no effect even where all faults are cleared before it has woken up."""
        for attempt in range(20):
            hold = aws.hold("sns", "CreateTopic")
            creation = InBackground(create_topic(client, f"cleared-{attempt}"))
            hold.wait(120)
            hold.drop()
            aws.clear_faults()
            creation.join()
            assert isinstance(creation.error, ConnectionClosedError)
        assert [line for line in aws.inventory() if "cleared-" in line] == []

    @pytest.mark.parametrize(("moment", "made"), [("before", False), ("after", True)])
    def test_repeated(self, aws: Emulator, client: Client, moment: Moment, *, made: bool) -> None:
        """Who gives up waiting and calls again waits too, and has no effect of its own; another's call passes."""
        topic, other = f"repeated-{moment}", f"other-{moment}"
        arrival_of_second = aws.hold("sns", "CreateTopic", containing=topic, nth=2)
        hold = aws.hold("sns", "CreateTopic", moment=moment)
        first = InBackground(create_topic(client, topic))
        hold.wait(120)
        again = InBackground(create_topic(client, topic))
        arrival_of_second.wait(120)
        create_topic(client, other)()
        arrival_of_second.release()
        hold.drop()
        for creation in (first, again):
            creation.join()
            assert isinstance(creation.error, ConnectionClosedError)
        assert (f"eu-west-1 sns:topic {topic}" in aws.inventory()) == made
        assert f"eu-west-1 sns:topic {other}" in aws.inventory()

    def test_second_call(self, aws: Emulator, client: Client) -> None:
        """Only the n-th call waits."""
        hold = aws.hold("sns", "CreateTopic", nth=2)
        create_topic(client, "first")()
        second = InBackground(create_topic(client, "second"))
        hold.wait(120)
        assert "eu-west-1 sns:topic first" in aws.inventory()
        assert "eu-west-1 sns:topic second" not in aws.inventory()
        hold.release()
        second.join()
        assert "eu-west-1 sns:topic second" in aws.inventory()

    def test_waiting_in_vain(self, aws: Emulator) -> None:
        """Who waits for a call that does not come learns which."""
        with pytest.raises(EmulatorError, match=r"eks:CreateCluster \(call 1\) was not called within 0.1 s"):
            aws.hold("eks", "CreateCluster").wait(0.1)


class TestControlPath:
    def test_refuses_what_there_is_not(self, aws: Emulator) -> None:
        """An unknown order is an error with its name."""
        with pytest.raises(EmulatorError, match=r"404 .*no GET weather"):
            aws.request("GET", "weather")


class TestConnection:
    def test_is_kept(self, aws: Emulator) -> None:
        """Several requests go over one connection, answers without a body included."""
        connection = http.client.HTTPConnection("127.0.0.1", int(aws.endpoint.rsplit(":", 1)[1]), timeout=120)
        connection.connect()
        socket = connection.sock
        signature = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, Signature=b"
        for method, path, status in (("PUT", "/kept", 200), ("HEAD", "/kept", 200), ("DELETE", "/kept", 204)):
            connection.request(method, path, headers={"Authorization": signature, "Content-Length": "0"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status
            assert connection.sock is socket
        connection.close()

    def test_a_repeated_call_makes_nothing_twice(self, aws: Emulator) -> None:
        """Who asks again, as SDKs do where an answer is lost, gets the first answer; another call gets its own."""
        before = len(aws.inventory())
        first, repeated, other = (
            _created_gateway(aws, invocation, attempt) for invocation, attempt in (("a", 1), ("a", 2), ("b", 1))
        )
        assert first == repeated
        assert other != first
        assert len(aws.inventory()) == before + 2
        aws.fail("ec2", "CreateInternetGateway", code="Unavailable", status=503)
        assert "Unavailable" in _created_gateway(aws, "c", 1)
        assert "igw-" in _created_gateway(aws, "c", 2)


def _created_gateway(aws: Emulator, invocation: str, attempt: int) -> str:
    """Makes an internet gateway as one attempt of an SDK's call; returns its ID, or the error's code."""
    headers = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/ec2/aws4_request, Signature=b",
        "Content-Type": "application/x-www-form-urlencoded",
        "amz-sdk-invocation-id": invocation,
        "amz-sdk-request": f"attempt={attempt}; max=3",
    }
    connection = http.client.HTTPConnection("127.0.0.1", int(aws.endpoint.rsplit(":", 1)[1]), timeout=120)
    connection.request("POST", "/", "Action=CreateInternetGateway&Version=2016-11-15", headers)
    answer = connection.getresponse().read().decode()
    connection.close()
    [found] = re.findall(r"<(?:internetGatewayId|Code)>([^<]+)<", answer)
    return str(found)
