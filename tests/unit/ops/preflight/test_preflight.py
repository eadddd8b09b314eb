"""What a preflight makes of what it is told."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.sections.airflow.web import WebSettings

from ops.clients.aws import Aws
from ops.console.errors import NoPermissionError, NotFoundError, OperationError, UnreachableError
from ops.console.exit_codes import ExitCode
from ops.preflight import account, certificate, cluster, keys
from ops.preflight.check import Check, Result, ok
from ops.preflight.checking import Step, made
from ops.preflight.quotas import Need, check_quota, needs
from ops.preflight.tools import Tool, check_tool
from programs.own_tools import ROOT

TODAY = datetime(2026, 5, 1, tzinfo=UTC)
HOST = "airflow.acme.com"


@pytest.fixture(scope="module")
def dev() -> Environment:
    """The shipped environment dev: Kubernetes 1.35."""
    return load_environment(ROOT / "environments" / "dev.yaml")


def issued(**changes: Any) -> dict[str, Any]:
    """A certificate as ACM describes it."""
    good = {"CertificateArn": "arn:c", "Status": "ISSUED", "SubjectAlternativeNames": [HOST]}
    return {**good, "NotAfter": TODAY + timedelta(days=90), **changes}


class TestCertificate:
    def test_good(self) -> None:
        """Issued, for the host, and long enough: ok, with its end."""
        checked = certificate.judge(issued(), HOST, TODAY)
        assert (checked.result, checked.detail) == (Result.OK, f"issued for {HOST}, until 2026-07-30")

    @pytest.mark.parametrize(
        ("changes", "detail", "fix"),
        [
            ({"Status": "PENDING_VALIDATION"}, "is PENDING_VALIDATION, not ISSUED", "complete its validation"),
            ({"SubjectAlternativeNames": ["www.acme.com"]}, f"not for {HOST}", f"request one for {HOST}"),
            ({"NotAfter": TODAY + timedelta(days=13)}, "ends on 2026-05-14", "renew it"),
        ],
        ids=["pending", "other-host", "ends-soon"],
    )
    def test_bad(self, changes: dict[str, Any], detail: str, fix: str) -> None:
        """Not issued, for somebody else, or at its end: a problem with what to do."""
        checked = certificate.judge(issued(**changes), HOST, TODAY)
        assert checked.result is Result.PROBLEM
        assert detail in checked.detail
        assert fix in checked.fix

    @pytest.mark.parametrize(
        ("name", "covered"),
        [("*.acme.com", True), ("*.COM", False), ("AIRFLOW.acme.com", True), ("*.airflow.acme.com", False)],
    )
    def test_names(self, name: str, *, covered: bool) -> None:
        """A star stands for exactly one label, and case doesn't count."""
        assert certificate.covers(name, HOST) is covered


def checked_certificates(web: dict[str, Any], known: dict[str, dict[str, Any]]) -> list[Check]:
    """What the preflight says of the certificates of section `airflow.web`, of which ACM knows some by their ARN."""

    def describe_certificate(**asked: str) -> dict[str, Any]:
        if asked["CertificateArn"] not in known:
            raise NotFoundError(asked["CertificateArn"], fix="")
        return {"Certificate": known[asked["CertificateArn"]]}

    airflow = SimpleNamespace(web=WebSettings.model_validate(web))
    acm = SimpleNamespace(client=lambda _: SimpleNamespace(describe_certificate=describe_certificate))
    environment: Any = SimpleNamespace(airflow=airflow)
    aws: Any = acm
    return list(certificate.check_certificates(environment, aws, TODAY))


ARN = "arn:aws:acm:eu-west-1:111122223333:certificate/{}234abcd-12ab-44cd-96ef-1234567890ab"


class TestCertificates:
    WEB: ClassVar[dict[str, Any]] = {
        "allowed_cidrs": ["203.0.113.0/24"],
        "certificate_arn": ARN.format(1),
        "host_name": HOST,
        "further_certificate_arns": [ARN.format(2)],
        "further_host_names": ["dags.acme.com"],
    }

    def test_each_is_looked_at(self) -> None:
        """The first is for the first name, a further one for whichever it names."""
        known = {ARN.format(1): issued(), ARN.format(2): issued(SubjectAlternativeNames=["*.acme.com"])}
        assert [check.result for check in checked_certificates(self.WEB, known)] == [Result.OK, Result.OK]

    def test_a_further_name_without_one(self) -> None:
        """Browsers would refuse what the balancer shows them."""
        known = {ARN.format(1): issued(), ARN.format(2): issued(SubjectAlternativeNames=["x.acme.com"])}
        *_, last = checked_certificates(self.WEB, known)
        assert (last.result, last.detail) == (Result.PROBLEM, "none is for dags.acme.com")
        assert "airflow.web.further_certificate_arns" in last.fix

    def test_one_that_is_not_there(self) -> None:
        """It is named; the others are looked at."""
        *_, problem = checked_certificates(self.WEB, {ARN.format(1): issued(SubjectAlternativeNames=["*.acme.com"])})
        assert ARN.format(2) in problem.detail

    @pytest.mark.parametrize(
        ("web", "says"),
        [
            ({"expose": "none"}, "no load balancer is made"),
            ({"allowed_cidrs": ["203.0.113.0/24"], "unencrypted_http": True}, "plain HTTP"),
        ],
    )
    def test_none(self, web: dict[str, Any], says: str) -> None:
        """Without a certificate nothing is asked."""
        [check] = checked_certificates(web, {})
        assert says in check.detail


KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"


def described(**changes: Any) -> dict[str, Any]:
    """A key as KMS describes it."""
    return {"Arn": KEY, "KeyManager": "CUSTOMER", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", **changes}


def answering(default: str = "alias/aws/ebs", **changes: Any) -> Any:
    """An account with this default key for EBS, and what KMS says of any key."""
    clients = {
        "ec2": SimpleNamespace(get_ebs_default_kms_key_id=lambda: {"KmsKeyId": default}),
        "kms": SimpleNamespace(describe_key=lambda KeyId: {"KeyMetadata": described(Arn=KeyId, **changes)}),  # noqa: N803 - boto3's name
    }
    return SimpleNamespace(client=clients.__getitem__)


def with_keys(environment: Environment, **named: str) -> Environment:
    """The environment with keys named in some of the sections."""
    keys = {"database": "kms_key_arn", "cluster": "node_volume_kms_key_arn", "storage": "volume_kms_key_arn"}
    sections = {
        section: getattr(environment, section).model_copy(update={keys[section]: arn}) for section, arn in named.items()
    }
    return environment.model_copy(update=sections)


class TestDefaultKeyForEbs:
    @pytest.mark.parametrize("manager", ["alias/aws/ebs", KEY])
    def test_awss_own(self, dev: Environment, manager: str) -> None:
        """Every role of the account may use it, by its alias or as a key that AWS manages."""
        assert keys.check_default(dev, answering(manager, KeyManager="AWS")).result is Result.OK

    def test_of_the_customer(self, dev: Environment) -> None:
        """The driver may not use it until the file names it: a problem, with the line to write."""
        checked = keys.check_default(dev, answering(KEY))
        assert checked.result is Result.PROBLEM
        assert f"set storage.volume_kms_key_arn: {KEY}" in checked.fix
        assert "Auto Scaling" in checked.fix

    def test_named_in_the_file(self, dev: Environment) -> None:
        """With a key of the file's own the account's default says nothing."""
        assert keys.check_default(with_keys(dev, storage=KEY), answering(KEY)).result is Result.OK

    def test_without_claims(self) -> None:
        """Where no redis needs a volume it stops nobody."""
        assert keys.judge_default(described(), has_claims=False).result is Result.OK


class TestNamedKeys:
    def test_none(self, dev: Environment) -> None:
        """A file that names no key has no such line."""
        assert list(keys.check_named(dev, answering())) == []

    def test_each_is_looked_at(self, dev: Environment) -> None:
        """The keys of database, nodes and claims, each with the setting that names it."""
        named = with_keys(dev, database=KEY, cluster=KEY, storage=KEY)
        checked = list(keys.check_named(named, answering()))
        assert [check.result for check in checked] == [Result.OK] * 3
        assert [check.detail.split()[0] for check in checked] == [
            "database.kms_key_arn",
            "cluster.node_volume_kms_key_arn",
            "storage.volume_kms_key_arn",
        ]

    @pytest.mark.parametrize(
        ("changes", "said"),
        [({"KeyState": "PendingDeletion"}, "is PendingDeletion"), ({"KeySpec": "RSA_2048"}, "RSA_2048")],
        ids=["deleted", "asymmetric"],
    )
    def test_one_that_cant_encrypt(self, dev: Environment, changes: dict[str, Any], said: str) -> None:
        """Disabled, on its way out or of another kind: a problem that names the setting."""
        (checked,) = keys.check_named(with_keys(dev, storage=KEY), answering(**changes))
        assert checked.result is Result.PROBLEM
        assert said in checked.detail
        assert "storage.volume_kms_key_arn" in checked.fix


def unreachable(dev: Environment, *, public: bool = True, changed_first: bool = True, **changes: Any) -> Check:
    """What is said of a cluster that lets in what dev does, or something else, and not us: nobody listens there."""
    endpoint = dev.cluster.endpoint.model_copy(update={"public_access": public})
    environment = dev.model_copy(update={"cluster": dev.cluster.model_copy(update={"endpoint": endpoint})})
    network = {"endpointPublicAccess": True, "publicAccessCidrs": endpoint.public_access_cidrs, **changes}
    running = {"endpoint": "http://127.0.0.1:1", "resourcesVpcConfig": network}
    return cluster.check_endpoint(environment, running, changed_first=changed_first)


DEPLOY = "python -m ops deploy --stack infrastructure"


class TestEndpoint:
    @pytest.mark.parametrize(
        "changes",
        [{"publicAccessCidrs": ["198.51.100.7/32"]}, {"endpointPublicAccess": False}],
        ids=["cidrs", "private"],
    )
    def test_whom_the_deploy_lets_in(self, dev: Environment, changes: dict[str, Any]) -> None:
        """Where the file lets in others than the cluster does, the deploy of infrastructure changes it: no problem, if
        infrastructure is deployed first; else it has to be.
        """
        first, later = (unreachable(dev, changed_first=first, **changes) for first in (True, False))
        assert first.result is Result.NOT_YET
        assert "the deploy of infrastructure changes who is let in" in first.detail
        assert (later.result, later.fix) == (Result.PROBLEM, DEPLOY)

    def test_nothing_will_change(self, dev: Environment) -> None:
        """A cluster that is as the file says, and is not reached, is a problem: change the file, then deploy that."""
        checked = unreachable(dev)
        assert checked.result is Result.PROBLEM
        assert "have your address in cluster.endpoint.public_access_cidrs" in checked.fix
        assert DEPLOY in checked.fix

    def test_private(self, dev: Environment) -> None:
        """A private cluster is reached from its VPC, which is said."""
        checked = unreachable(dev, public=False, endpointPublicAccess=False)
        assert checked.result is Result.PROBLEM
        assert "it is private" in checked.detail
        assert "go where the cluster's VPC is reached" in checked.fix


class TestStateBucket:
    @pytest.mark.parametrize(
        ("location", "versioning", "result", "fix"),
        [
            ("eu-west-1", "Enabled", Result.OK, ""),
            ("us-east-1", "Enabled", Result.PROBLEM, "set state.region: us-east-1"),
            ("eu-west-1", "Suspended", Result.PROBLEM, "put-bucket-versioning --bucket states"),
            ("eu-west-1", None, Result.PROBLEM, "put-bucket-versioning --bucket states"),
        ],
    )
    def test_settings(self, location: str, versioning: str | None, result: Result, fix: str) -> None:
        """It has to be where the file says, and to keep versions."""
        checked = account.judge_bucket("states", "eu-west-1", location, versioning)
        assert checked.result is result
        assert fix in checked.fix


class TestQuota:
    @pytest.mark.parametrize(
        ("used", "missing", "result"), [(3, 2, Result.OK), (4, 2, Result.PROBLEM), (6, 0, Result.OK)]
    )
    def test_what_is_missing_has_to_fit(self, used: int, missing: int, result: Result) -> None:
        """Used and missing together within the quota: ok; beyond: a problem that names the quota to raise. Where
        nothing more is needed it doesn't matter what others use.
        """
        checked = check_quota(need(used, missing), quotas())
        assert (checked.result, checked.detail) == (result, f"{used} of 5 used, {missing} more needed")
        assert ("Service Quotas, vpc, L-1" in checked.fix) is (result is Result.PROBLEM)

    def test_not_allowed_to_ask(self) -> None:
        """What can't be asked is unknown, never ok, and says where to look."""

        def refused() -> tuple[int, int]:
            raise NoPermissionError("No permission to list the VPCs.")

        checked = check_quota(need(0, 0, measure=refused), quotas())
        assert checked.result is Result.UNKNOWN
        assert "look at it yourself" in checked.fix

    def test_a_vpc_that_others_share_with_us_is_theirs(self, dev: Environment) -> None:
        """It counts against its owner's quota; what is ours already is not missing. The list is asked for once."""
        tags = [{"Key": "Environment", "Value": "dev"}, {"Key": "Address", "Value": "aws_vpc.cluster"}]
        service = _Service(
            {"OwnerId": OWNER, "Tags": tags}, {"OwnerId": OWNER}, {"OwnerId": "999988887777", "Tags": tags}
        )
        vpcs = needs(dev, quotas(service), "airflow-dev")[0]
        assert check_quota(vpcs, quotas(service)).detail == "2 of 5 used, 1 more needed"
        assert service.asked == ["describe_vpcs"]


OWNER = "111122223333"


class _Service:
    """EC2 with some VPCs, and Service Quotas, where every quota is 5."""

    def __init__(self, *vpcs: dict[str, Any]) -> None:
        self._vpcs = vpcs
        self.asked: list[str] = []

    def get_service_quota(self, **_: str) -> Any:
        """5."""
        return {"Quota": {"Value": 5.0}}

    def get_paginator(self, operation: str) -> Any:
        """One page of VPCs."""
        self.asked.append(operation)
        return SimpleNamespace(paginate=lambda: [{"Vpcs": self._vpcs}])


def quotas(service: _Service | None = None) -> Aws:
    """An account whose services are that one."""
    known = service or _Service()
    return Aws("eu-west-1", OWNER, {(name, "eu-west-1"): known for name in ("ec2", "service-quotas")})


def need(used: int, missing: int, measure: Any = None) -> Need:
    """A need of the quota L-1."""
    return Need(subject="VPCs", service="vpc", code="L-1", measure=measure or (lambda: (used, missing)))


class TestTool:
    @pytest.mark.parametrize(
        ("script", "result", "said"),
        [
            ("echo tool v2.0.1", Result.OK, "2.0.1"),
            ("echo tool 2.0 >&2", Result.OK, "2.0"),
            ("echo 1.9.9", Result.PROBLEM, "1.9.9 is older than 2.0.0 (reasons)"),
            ("echo broken >&2; exit 1", Result.PROBLEM, "does not say its version: broken"),
            ("exit 0", Result.PROBLEM, "does not say its version"),
        ],
    )
    def test_versions(self, tmp_path: Path, script: str, result: Result, said: str) -> None:
        """A program has to run, say its version, and be new enough."""
        checked = check_tool(TOOL, {"PATH": _program(tmp_path, script)})
        assert checked.result is result
        assert said in checked.detail

    def test_missing(self, tmp_path: Path) -> None:
        """A program that isn't there is a problem with a way to get it."""
        checked = check_tool(TOOL, {"PATH": str(tmp_path)})
        assert (checked.result, checked.detail, checked.fix) == (Result.PROBLEM, "not on PATH", "install it")


TOOL = Tool(name="tool", arguments=(), oldest=(2, 0, 0), why="reasons", fix="install it")


def _program(folder: Path, script: str) -> str:
    path = folder / "tool"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return os.pathsep.join((str(folder), os.environ["PATH"]))


class TestStep:
    @pytest.mark.parametrize(
        ("error", "result"),
        [
            (NoPermissionError("No permission.", fix="ask"), Result.UNKNOWN),
            (UnreachableError("No answer.", fix="ask"), Result.UNKNOWN),
            (OperationError("Credentials.", fix="ask", exit_code=ExitCode.MISTAKE), Result.PROBLEM),
        ],
    )
    def test_what_can_not_be_asked(self, error: OperationError, result: Result) -> None:
        """A check that can't be made is unknown, and never ok; a mistake of the caller's is a problem."""

        def fails() -> list[Check]:
            raise error

        assert made(Step("quota", fails)) == [
            Check(subject="quota", result=result, detail=error.message, fix="ask"),
        ]

    def test_made(self) -> None:
        """A step that can be made has its own lines."""
        assert made(Step("quota", lambda: [ok("a"), ok("b")])) == [ok("a"), ok("b")]
