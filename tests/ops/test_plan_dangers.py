"""The change that a pull request's comment once counted and did not show: real Terraform, planned on the endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from ops.plan_report.danger import Kind
from ops.plan_report.report import StackPlan, Status, read_reports
from ops.plans.failures import cause
from ops.workflows.plan_comment import plan_comment
from ops.workflows.plan_dangers import told
from tests.ops.operated import Operated, operated
from tests.terraform.account import client
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

GUARDED = {
    "multi_az": True,
    "backup_retention_days": 35,
    "deletion_protection": True,
    "final_snapshot": True,
    "apply_immediately": False,
}
ADMINISTRATOR = "arn:aws:iam::111122223333:role/contractor"
ALL_RIGHTS = "arn:aws:iam::aws:policy/AdministratorAccess"
LARGE = {"instance_types": ["m7g.16xlarge"], "min_size": 100, "max_size": 100}


@dataclass(frozen=True)
class Planned:
    """The plan of the change, and what was said."""

    plan: StackPlan
    comment: str
    said: str


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """Infrastructure as prod guards it, deployed."""
    changes = {
        "database": GUARDED,
        "secrets": {"recovery_window_days": 30},
        "storage": {"empty_log_bucket_on_destroy": False},
    }
    with operated(toolchain, tmp_path_factory.mktemp("dangers"), state_in_s3=False, **changes) as environment:
        environment.workspace.terraform("apply", "-auto-approve", "-input=false", "-parallelism=60")
        yield environment


@pytest.fixture(scope="module")
def planned(environment: Operated, tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The plan of a change that opens and weakens what it can; a port was opened by hand before."""
    ec2 = client(environment.aws, "ec2")
    [group] = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["airflow-dev-database"]}])[
        "SecurityGroups"
    ]
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[world])
    file = environment.workspace.environment_file
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["cluster"]["endpoint"] |= {"public_access_cidrs": ["0.0.0.0/0"], "open_to_the_internet": True}
    content["cluster"]["administrators"].append(ADMINISTRATOR)
    content["cluster"]["node_groups"]["large"] = LARGE
    content["airflow"]["pod_policy_arns"] = [ALL_RIGHTS]
    content["database"] |= {"multi_az": False, "deletion_protection": False, "final_snapshot": False}
    content["database"]["instance_class"] = "db.t4g.large"
    content["secrets"]["recovery_window_days"] = 0
    content["storage"]["empty_log_bucket_on_destroy"] = True
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    folder = tmp_path_factory.mktemp("reports")
    done = environment.ops("plan", "--reports", str(folder))
    reports = read_reports(folder)
    [infrastructure, _] = reports[0].stacks  # of platform's providers there may be none, and there is no cluster
    assert infrastructure.status is Status.PLANNED, done.stdout
    return Planned(plan=infrastructure, comment=plan_comment(reports), said=done.stdout)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            Kind.OPENS,
            (
                "aws_eks_cluster.cluster: the Kubernetes API is reached from the whole Internet: "
                "203.0.113.0/24 -> 0.0.0.0/0"
            ),
        ),
        (
            Kind.OPENS,
            f"aws_eks_access_entry.role_contractor: somebody is let into the cluster: (none) -> {ADMINISTRATOR}",
        ),
        (
            Kind.OPENS,
            (
                f"aws_eks_access_policy_association.role_contractor: {ADMINISTRATOR} may do in the cluster: "
                "everything in the cluster, secrets among it: (none) -> "
                "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy in the whole cluster"
            ),
        ),
        (
            Kind.OPENS,
            (
                "aws_iam_role_policy_attachment.airflow_policy_AdministratorAccess: role "
                "airflow-dev-airflow gets a policy that allows "
                f"everything in the account: (none) -> {ALL_RIGHTS}"
            ),
        ),
        (Kind.WEAKENS, "aws_db_instance.metadata: the database can be deleted: true -> false"),
        (Kind.WEAKENS, "aws_db_instance.metadata: deleted, it leaves no snapshot: false -> true"),
        (Kind.WEAKENS, "aws_db_instance.metadata: there is no standby in another zone: true -> false"),
        (
            Kind.WEAKENS,
            "aws_secretsmanager_secret.fernet_1: a deleted secret can be had back for fewer days: 30 -> 0",
        ),
        (
            Kind.WEAKENS,
            "aws_s3_bucket.logs: destroying the environment deletes all that is in the bucket: false -> true",
        ),
        (
            Kind.INTERRUPTS,
            (
                "aws_db_instance.metadata: the database restarts in the maintenance window sun:04:00-sun:05:00: "
                "another host: db.t4g.medium -> db.t4g.large"
            ),
        ),
        (
            Kind.OPENS,
            "changed outside of Terraform: aws_security_group.database: lets more in: ",
        ),
    ],
    ids=str,
)
def test_each_danger_is_told_by_name_with_before_and_after(planned: Planned, kind: Kind, line: str) -> None:
    """In the plan's report, and at the end of what `ops plan` says, below Terraform's own text."""
    found = [str(one) for one in told(planned.plan)]
    assert any(one.startswith(f"{kind:<10} {line}") for one in found), "\n".join(found)
    assert planned.said.rpartition("Stack ")[2].count(line) == 1


def test_nothing_else_is_called_a_danger(planned: Planned) -> None:
    """What is made anew with the change, or only added, is no line of its own."""
    addresses = {one.address for one in told(planned.plan)}
    assert addresses == {
        "aws_cloudwatch_metric_alarm.database_connections",  # of a larger database 80 % are more
        "aws_db_instance.metadata",
        "aws_eks_access_entry.role_contractor",
        "aws_eks_access_policy_association.role_contractor",
        "aws_eks_cluster.cluster",
        "aws_iam_role_policy_attachment.airflow_policy_AdministratorAccess",
        "aws_s3_bucket.logs",
        "aws_security_group.database",
        *(f"aws_secretsmanager_secret.{name}" for name in ("admin", "api", "database", "fernet_1", "jwt", "redis")),
    }


def test_the_comment_has_the_dangers_above_all_else(planned: Planned) -> None:
    """Before the table, the port that somebody has opened among them; additions say what they are."""
    block, _, rest = planned.comment.partition("| environment |")
    assert "### :warning: Opens 5, weakens 11, interrupts 1" in block
    assert "(dev, infrastructure, outside Terraform): lets more in" in block
    assert "tcp 22 0.0.0.0/0" in block
    assert "+ aws_eks_node_group.large: instance_types=m7g.16xlarge, capacity_type=ON_DEMAND" in rest
    assert "desired_size=100" in rest


def test_a_check_of_ours_is_told_whole(environment: Operated, tmp_path: Path) -> None:
    """Terraform breaks its text at the 78th column and quotes around it: the comment has the sentence, in its row."""
    file = environment.workspace.environment_file
    before = file.read_text(encoding="utf-8")
    content = yaml.safe_load(before)
    content["network"] = {**content.get("network", {}), "database_vpc_cidr": "10.9.0.0/24"}
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    done = environment.ops("plan", "--reports", str(tmp_path))
    file.write_text(before, encoding="utf-8")
    assert done.returncode == 1, done.stdout
    reports = read_reports(tmp_path)
    sentence = cause(reports[0].stacks[0].sentence)
    assert sentence.startswith(
        "database-replacement: network.database_vpc_cidr was 10.1.0.0/24 at the first deploy and"
    )
    assert sentence.endswith("set database.allow_replacement: true in the environment file.")
    [row] = [line for line in plan_comment(reports).splitlines() if line.startswith("| dev | infrastructure |")]
    assert "**failed**: database\\-replacement\\: network\\.database\\_vpc\\_cidr was 10\\.1\\.0\\.0/24" in row
