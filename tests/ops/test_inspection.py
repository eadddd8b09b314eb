"""The commands that only look, in every state that an environment can be in: what each says, and that none changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.documented import shows
from tests.ops.inspection_account import (
    ACCOUNT,
    BUCKET,
    DEAD_ENDPOINT,
    ROLE,
    Inspected,
    inspected,
    keys_of,
)
from tests.ops.inspection_states import (
    COMMANDS,
    SERVICES,
    checks,
    codes,
    encrypted,
    everything,
    fernet_keys,
    planning,
    platform,
    refused,
    replaced,
)
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def account(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspected]:
    """The environment dev; nothing is deployed."""
    with inspected(toolchain, tmp_path_factory.mktemp("inspected")) as environment:
        yield environment


@pytest.fixture(scope="module")
def half_applied(account: Inspected) -> Inspected:
    """AWS has made the node group, and told Terraform that it had not: the apply stopped there."""
    account.aws.fail(
        "eks", "CreateNodegroup", code="InvalidRequestException", status=400, moment="after", message="On purpose."
    )
    assert account.apply().returncode == 1
    return account


@pytest.fixture(scope="module")
def healthy(half_applied: Inspected) -> Inspected:
    """Infrastructure is deployed to its end."""
    half_applied.client("eks").delete_nodegroup(clusterName="airflow-dev", nodegroupName="default")
    done = half_applied.apply()
    assert done.returncode == 0, done.stdout
    return half_applied


class TestEmptyAccount:
    def test_every_command(self, account: Inspected) -> None:
        """Before the first deploy preflight and status are content; what needs a deployed thing says what to run."""
        said = everything(account)
        assert codes(said) == {"preflight": 0, "status": 0, "rotate": 0, "kubeconfig": 1, "password": 1, "url": 1}
        shows("preflight-ok", said["preflight"].stdout)
        shows("status-empty", said["status"].stdout)

    def test_json(self, account: Inspected) -> None:
        """With --json stdout is one document, of errors too."""
        for command in COMMANDS.values():
            said = account.ops(*command, "--json")
            assert isinstance(said.json, dict)
            assert (said.code in (0, 3)) is ("error" not in said.json)

    def test_problems(self, account: Inspected, tmp_path: Path) -> None:
        """Each problem is a line with what to do, and the exit code is 3."""
        certificate = account.client("acm").request_certificate(DomainName="www.acme.com")["CertificateArn"]
        account.client("s3").create_bucket(
            Bucket="acme-bare", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        airflow = account.settings["airflow"]
        web = {"scheme": "internet-facing", "allowed_cidrs": ["203.0.113.0/24"], "host_name": "airflow.acme.com"}
        changed = account.changed(
            tmp_path,
            availability_zones=["eu-west-1a", "eu-west-1f"],
            state={**account.settings["state"], "bucket": "acme-bare"},
            cluster={**account.settings["cluster"], "administrators": [f"arn:aws:iam::{ACCOUNT}:role/nobody"]},
            airflow={
                **airflow,
                "dags": {**airflow["dags"], "branch": "mian"},
                "web": {**web, "certificate_arn": certificate},
            },
        )
        said = account.ops("preflight", "--env-file", str(changed))
        assert said.code == 3
        shows("preflight-problems", said.stdout)


class TestHalfApplied:
    def test_every_command(self, half_applied: Inspected) -> None:
        """What can be done with half an environment is done. Status says how far it has got, and names the object in
        AWS that no state knows; a file that a killed recover has left beside the stack stays.
        """
        left = half_applied.workspace.stack / "recover-imports.tf.json"
        left.write_text("{}", encoding="utf-8")
        said = everything(half_applied)
        left.unlink()
        assert codes(said) == {"preflight": 0, "status": 0, "rotate": 0, "kubeconfig": 0, "password": 0, "url": 1}
        shows("status-half-applied", said["status"].stdout)


class TestHealthyAccount:
    def test_every_command(self, healthy: Inspected) -> None:
        """All is well: status shows what runs in which version, every kind of object, the outputs, and nothing pending.
        Only platform, which isn't deployed, has no address yet.
        """
        said = everything(healthy)
        assert codes(said) == {"preflight": 0, "status": 0, "rotate": 0, "kubeconfig": 0, "password": 0, "url": 1}
        shows("status-healthy", said["status"].stdout)

    def test_status_shows_no_secret(self, healthy: Inspected) -> None:
        """No value of any secret is in the document, which holds all that the page does."""
        secrets = healthy.client("secretsmanager")
        values = [
            secrets.get_secret_value(SecretId=secret["ARN"])["SecretString"]
            for secret in secrets.list_secrets()["SecretList"]
        ]
        said = healthy.ops("status", "--json").text
        assert len(values) > 4
        assert [value for value in values if value in said] == []

    def test_report(self, healthy: Inspected, tmp_path: Path) -> None:
        """The page has what AWS has: IDs with links, outputs, how the alarms are; no value of a secret. Made again it
        tells that nothing has changed, and nothing in AWS has.
        """
        before, file = healthy.aws.inventory(), tmp_path / "report.html"
        assert healthy.ops("report", "--output", str(file)).code == 0
        html = file.read_text(encoding="utf-8")
        [vpc] = healthy.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["airflow-dev-cluster"]}])[
            "Vpcs"
        ]
        assert f"#VpcDetails:VpcId={vpc['VpcId']}" in html
        assert "<dt>platform</dt><dd>not deployed</dd>" in html
        for alarm in healthy.client("cloudwatch").describe_alarms()["MetricAlarms"]:
            assert f"<code>{alarm['AlarmName']}</code></th>\n<td>{alarm['StateValue']}</td>" in html
        assert leaks(secret_values(healthy.aws), {"page": html}) == []
        assert healthy.ops("report", "--output", str(file)).stdout.startswith(f"{file}: 0 changes since ")
        assert healthy.aws.inventory() == before

    def test_preflight(self, healthy: Inspected) -> None:
        """With a cluster there is nothing left that can't be checked yet, but for the certificate that dev hasn't."""
        found = checks(healthy.ops("preflight", "--json"))
        assert [subject for subject, check in found.items() if check["result"] != "ok"] == ["certificate"]
        assert found["access entry"]["detail"] == "the cluster lets you in"
        assert found["Kubernetes version"]["detail"] == "1.35; standard support to 2027-03-27"
        assert found["Kubernetes API"]["detail"].endswith("answers")

    def test_preflight_of_an_upgrade(self, healthy: Inspected, tmp_path: Path) -> None:
        """A version that EKS would refuse is a problem before anything is planned."""
        older = healthy.changed(tmp_path, cluster={**healthy.settings["cluster"], "kubernetes_version": "1.34"})
        said = healthy.ops("preflight", "--quick", "--json", "--env-file", str(older))
        check = checks(said)["Kubernetes version"]
        assert (said.code, check["result"]) == (3, "problem")
        assert "EKS goes back from an upgrade alone, and there was none to 1.35" in check["detail"]

    def test_preflight_of_somebody_else(self, healthy: Inspected, tmp_path: Path) -> None:
        """Whoever is no administrator is not let in; a new one is, by his own deploy of infrastructure."""
        role = healthy.client("iam").create_role(RoleName="newcomer", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        keys = keys_of(healthy.aws, role)
        stranger = healthy.ops("preflight", "--json", **keys)
        new = healthy.changed(tmp_path, cluster={**healthy.settings["cluster"], "administrators": [ROLE, role]})
        newcomer = healthy.ops("preflight", "--json", "--env-file", str(new), **keys)
        assert (stranger.code, newcomer.code) == (3, 0)
        problems = [subject for subject, check in checks(stranger).items() if check["result"] == "problem"]
        assert problems == ["administrator", "access entry"]
        assert "the deploy of infrastructure makes it" in checks(newcomer)["access entry"]["detail"]

    def test_pending_database_changes(self, healthy: Inspected) -> None:
        """A change that waits for the maintenance window is shown."""
        rds = healthy.client("rds")
        rds.modify_db_instance(DBInstanceIdentifier="airflow-dev", DBInstanceClass="db.t4g.large")
        assert "DBInstanceClass: db.t4g.large" in healthy.ops("status").stdout
        rds.modify_db_instance(
            DBInstanceIdentifier="airflow-dev", DBInstanceClass="db.t4g.medium", ApplyImmediately=True
        )

    def test_drift(self, healthy: Inspected) -> None:
        """Asked for, it shows what somebody has changed without Terraform, dangers first, and ends with 3."""
        logs, group = healthy.client("logs"), "/aws/eks/airflow-dev/cluster"
        logs.put_retention_policy(logGroupName=group, retentionInDays=30)
        ec2, named = healthy.client("ec2"), [{"Name": "group-name", "Values": ["airflow-dev-database"]}]
        [database] = ec2.describe_security_groups(Filters=named)["SecurityGroups"]
        world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        opened = {"GroupId": database["GroupId"], "IpPermissions": [world]}
        ec2.authorize_security_group_ingress(**opened)
        drifted = healthy.ops("status", "--drift")
        assert drifted.code == 3
        shows("status-drift", drifted.stdout)
        logs.put_retention_policy(logGroupName=group, retentionInDays=7)
        ec2.revoke_security_group_ingress(**opened)

    def test_kubeconfig(self, healthy: Inspected, tmp_path: Path) -> None:
        """A context that gets a token anew whenever it is used, and stores none."""
        file = tmp_path / ".kube" / "config"
        said = healthy.ops("kubeconfig", "--kubeconfig", str(file))
        shows("kubeconfig", said.stdout)
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert config["current-context"] == "airflow-dev"
        [user] = config["users"]
        assert "get-token" in user["user"]["exec"]["args"]
        assert "token" not in user["user"]

    def test_password(self, healthy: Inspected) -> None:
        """The password and nothing else is on stdout."""
        stored = healthy.client("secretsmanager").get_secret_value(SecretId="airflow-dev/admin")["SecretString"]
        assert healthy.ops("password").stdout == f"{stored}\n"

    def test_url(self, healthy: Inspected) -> None:
        """Once platform is deployed its address is printed, and nothing else."""
        with platform(healthy, {"airflow_url": "http://airflow-dev-1234.eu-west-1.elb.amazonaws.com"}):
            shows("url", healthy.ops("url").stdout)

    def test_a_cluster_that_lets_nobody_in(self, healthy: Inspected) -> None:
        """What only the cluster can say is named as not read; the rest of the page is there, and it is no failure."""
        with platform(healthy, {"airflow_url": "http://x"}):
            said = healthy.ops("status")
        assert said.code == 0
        assert "Airflow: Kubernetes: GET " in said.stdout
        assert "Unauthorized" in said.stdout


class TestPrivateEndpoint:
    def test_recover_from_outside_the_vpc(self, healthy: Inspected) -> None:
        """Before platform was ever deployed nothing is asked of the cluster (0). Afterwards infrastructure is looked at
        and done with, the cluster is said not to be reached, in whole words, with where to go (4); workflows go on (0).
        """
        state = json.loads(healthy.state())
        state["outputs"]["cluster_endpoint"]["value"] = "https://a1b2c3.invalid"
        [cluster] = [found for found in state["resources"] if found["type"] == "aws_eks_cluster"]
        [network] = cluster["instances"][0]["attributes"]["vpc_config"]
        network["endpoint_public_access"] = False
        with replaced(healthy, json.dumps(state)):
            before = healthy.ops("recover", "--yes")
            with platform(healthy, {}):
                outside = healthy.ops("recover", "--yes")
                workflow = healthy.ops("recover", "--yes", "--allow-unreachable")
        assert (before.code, outside.code, workflow.code) == (0, 4, 0), outside.text
        assert "platform: not looked at: it was never deployed" in before.stdout
        assert "Next: python -m ops deploy" in before.stdout
        shows("recover-unreached", outside.stdout)


class TestBrokenState:
    def test_newer_than_known(self, healthy: Inspected) -> None:
        """The state of a newer Terraform is named with the version to install; the account is shown all the same."""
        content = {**json.loads(healthy.state()), "version": 5, "terraform_version": "2.0.0"}
        with replaced(healthy, json.dumps(content)):
            said = everything(healthy)
        assert codes(said) == {"preflight": 0, "status": 1, "rotate": 0, "kubeconfig": 0, "password": 0, "url": 1}
        assert "written in format 5 by a newer Terraform, not readable here" in said["status"].stdout
        assert "Fix: install that version of Terraform" in said["status"].stdout

    def test_damaged(self, healthy: Inspected) -> None:
        """Half a state is refused with the way to an earlier version, and nothing else stops."""
        with replaced(healthy, healthy.state()[:500]):
            said = healthy.ops("status")
        assert said.code == 1
        assert "infrastructure.tfstate is no Terraform state" in said.stdout
        assert "Fix: bring back an earlier version" in said.stdout


class TestLocked:
    def test_state_in_s3(self, healthy: Inspected) -> None:
        """While somebody plans, status shows who, and looks for nothing left over; no command waits for the lock."""
        with planning(healthy):
            said = everything(healthy)
        assert codes(said) == {"preflight": 0, "status": 0, "rotate": 0, "kubeconfig": 0, "password": 0, "url": 1}
        assert "(plan, 0 min ago), ID " in said["status"].stdout
        assert "leftovers of infrastructure: not looked: the state is locked" in said["status"].stdout
        healthy.client("s3").delete_object(Bucket=BUCKET, Key="airflow/dev/infrastructure.tfstate.tflock")

    def test_state_in_a_file(self, healthy: Inspected, tmp_path: Path) -> None:
        """The lock of a file is seen while it is held, and called left behind when its process was killed."""
        local = healthy.with_local_state(tmp_path)
        local.workspace.init()
        with planning(local):
            held = local.ops("status")
        assert held.code == 0
        assert "(plan, 0 min ago), ID " in held.stdout
        assert "left behind" not in held.stdout
        killed = local.ops("status")
        assert killed.code == 0
        assert "left behind: its process has ended" in killed.stdout
        assert "infrastructure: 112 objects\n" in killed.stdout


class TestWithoutAccess:
    def test_no_network(self, healthy: Inspected) -> None:
        """Where nobody answers each command says so within seconds; rotate needs nobody."""
        said = everything(healthy, AWS_ENDPOINT_URL=DEAD_ENDPOINT)
        assert codes(said) == {"preflight": 3, "status": 1, "rotate": 0, "kubeconfig": 1, "password": 1, "url": 1}
        assert "AWS was not reached, to ask who calls" in said["status"].stdout

    def test_wrong_account(self, healthy: Inspected, tmp_path: Path) -> None:
        """Credentials of another account are refused before anything is read: a mistake of the caller's."""
        text = healthy.workspace.environment_file.read_text(encoding="utf-8")
        file = tmp_path / "dev.yaml"
        file.write_text(text.replace(ACCOUNT, "999988887777"), encoding="utf-8")
        said = everything(healthy, AIRFLOW_ENV_FILE=str(file))
        assert codes(said) == {"preflight": 3, "status": 2, "rotate": 0, "kubeconfig": 2, "password": 2, "url": 2}
        assert f"The credentials belong to account {ACCOUNT}" in said["url"].stderr
        assert "set AWS_PROFILE" in said["url"].stderr

    def test_no_credentials(self, healthy: Inspected) -> None:
        """Without any, how to sign in."""
        none = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "")
        said = everything(healthy, **none)
        assert codes(said) == {"preflight": 3, "status": 2, "rotate": 0, "kubeconfig": 2, "password": 2, "url": 2}
        assert "aws sso login" in said["password"].stderr

    def test_no_permission(self, healthy: Inspected) -> None:
        """Who may ask nothing but who he is gets no `ok` that AWS has to give, and each command names the call."""
        with refused(healthy, *SERVICES):
            said = everything(healthy)
            found = checks(healthy.ops("preflight", "--json"))
        assert codes(said) == {"preflight": 3, "status": 1, "rotate": 0, "kubeconfig": 1, "password": 1, "url": 1}
        for subject in ("region and zones", "quota of VPCs", "Kubernetes version", "access entry", "DAG repository"):
            assert found[subject]["result"] == "unknown", found[subject]
        assert found["state bucket"]["result"] == "problem"
        assert "No permission to read the secret airflow-dev/admin (GetSecretValue" in said["password"].stderr

    def test_no_permission_for_one_thing(self, healthy: Inspected) -> None:
        """What may not be read is named; all the rest is on the page."""
        with refused(healthy, "rds"):
            said = healthy.ops("status")
        assert said.code == 1
        assert "database: No permission to look at the database airflow-dev (DescribeDBInstances" in said.stdout
        assert (
            "leftovers of infrastructure: No permission to look for what infrastructure has in the account"
            in said.stdout
        )
        assert "infrastructure: 112 objects" in said.stdout


class TestFernet:
    def test_three_steps(self, healthy: Inspected, tmp_path: Path) -> None:
        """Add a key; the old one stays until the job has encrypted everything; then it goes."""
        file = healthy.changed(tmp_path)
        rotate = ("rotate", "fernet", "--env-file", str(file))
        first = healthy.ops(*rotate)
        shows("rotate-fernet-1", first.stdout)
        early = healthy.ops(*rotate)
        assert early.code == 2
        assert "Key 1 is still needed" in early.stderr
        assert fernet_keys(file) == [2, 1]
        healthy.put_state(encrypted("2,1"), "platform")
        last = healthy.ops(*rotate)
        healthy.put_state("", "platform")
        assert last.code == 0
        assert last.stdout.splitlines()[1].startswith("Step 3 of 3: everything is encrypted with key 2")
        assert fernet_keys(file) == [2]
