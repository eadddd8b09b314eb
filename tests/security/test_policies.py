"""What every policy of both environments has in common: how wide it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.names import Names

from tests.security.policy_evaluator import Request, applies

#: Resource type -> its argument that holds a policy document.
DOCUMENTS = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_kms_key": "policy",
    "aws_s3_bucket_policy": "policy",
}

#: Patterns of actions that AWS's own documentation has, in the policies of keys (KMS developer guide, "Default key
#: policy"; CloudWatch Logs user guide, "Encrypt log data") and of the bucket, where the statement denies.
ACTION_PATTERNS = {
    "aws_kms_key": {"kms:*", "kms:ReEncrypt*", "kms:GenerateDataKey*"},
    "aws_s3_bucket_policy": {"s3:*"},
}

#: Statements of roles on resources that no name limits -> why that can't be narrower.
UNLIMITED = {
    ("load_balancer_controller", "Read"): "describe and list calls know no resource (Service Authorization Reference)",
    ("flow_logs", "FindLogGroup"): "DescribeLogGroups knows no resource but all log groups of the account",
}

#: Condition keys that bind a statement on `<type>/*` to this environment: its cluster's tag, its VPC.
BINDING = (
    "aws:ResourceTag/elbv2.k8s.aws/cluster",
    "aws:RequestTag/elbv2.k8s.aws/cluster",
    "ec2:Vpc",
)

#: Environments whose names begin or end like the shipped ones.
NEIGHBOURS = ("dev-2", "dev2", "prod-2", "de", "pro", "my-dev", "prod-dev", "staging")


@dataclass(frozen=True)
class Placed:
    """A statement and where it stands."""

    terraform_type: str
    name: str
    statement: dict[str, Any]

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.terraform_type}.{self.name}: {self.statement['Sid']}"


def placed(stack: SynthesizedStack, *types: str) -> Iterator[Placed]:
    """Every statement of every policy document of these types, or of all."""
    for terraform_type in types or DOCUMENTS:
        for name, resource in stack.resources(terraform_type).items():
            for statement in json.loads(resource[DOCUMENTS[terraform_type]])["Statement"]:
                yield Placed(terraform_type, name, statement)


def condition_values(statement: dict[str, Any]) -> dict[str, Any]:
    """Condition key -> wanted value, of all operators."""
    return {key: value for test in statement.get("Condition", {}).values() for key, value in test.items()}


def names_of(stack: SynthesizedStack) -> Names:
    """The names of the stack's environment."""
    [provider] = stack.document["provider"]["aws"]
    environment = stack.resources("aws_eks_cluster")["cluster"]["name"].removeprefix("airflow-")
    return Names(environment=environment, region=provider["region"], account_id=provider["allowed_account_ids"][0])


def named_arns(names: Names) -> list[str]:
    """ARNs of what an environment has under its own name."""
    account = f"arn:{names.partition}:iam::{names.account_id}"
    return [
        f"arn:{names.partition}:s3:::{names.log_bucket}",
        f"arn:{names.partition}:s3:::{names.log_bucket}/dag_id=a/1.log",
        names.cluster_arn,
        names.arn("rds", f"db:{names.prefix}"),
        names.arn("secretsmanager", f"secret:{names.secret('admin')}-AbCdEf"),
        names.arn("logs", f"log-group:{names.flow_log_group}:log-stream:s"),
        names.arn("logs", f"log-group:{names.control_plane_log_group}:log-stream:s"),
        names.arn("logs", f"log-group:{names.database_log_group('postgresql')}:log-stream:s"),
        f"{account}:role/{names.of('airflow')}",
        f"{account}:role/{names.of('cluster')}",
    ]


def without_references(statement: dict[str, Any], names: Names) -> dict[str, Any]:
    """The statement with what it refers to under the environment's own name, where a name says anything."""
    text = json.dumps(statement)
    for reference, value in {
        "${aws_s3_bucket.logs.arn}": f"arn:{names.partition}:s3:::{names.log_bucket}",
        "${aws_cloudwatch_log_group.flow_logs.arn}": names.arn("logs", f"log-group:{names.flow_log_group}"),
        "${aws_kms_key.storage.arn}": names.arn("kms", "key/storage"),
        "${aws_kms_key.cluster.arn}": names.arn("kms", "key/cluster"),
        "${aws_vpc.cluster.id}": f"vpc-{names.environment}",
    }.items():
        text = text.replace(reference, value)
    resolved: dict[str, Any] = json.loads(text)
    return resolved


class TestActions:
    def test_nobody_may_do_everything_everywhere(self, stack: SynthesizedStack) -> None:
        """No statement has the action `*`, and none of a role's allows a whole service."""
        for item in placed(stack):
            assert "*" not in item.statement["Action"], item.place

    def test_patterns_are_awss_own(self, stack: SynthesizedStack) -> None:
        """A wildcard in an action stands only where AWS's documentation has it: in policies of keys and the bucket."""
        found: dict[str, set[str]] = {}
        for item in placed(stack):
            patterns = {action for action in item.statement["Action"] if "*" in action}
            if patterns:
                found.setdefault(item.terraform_type, set()).update(patterns)
        assert found == ACTION_PATTERNS

    def test_a_whole_key_belongs_to_the_account_alone(self, stack: SynthesizedStack) -> None:
        """`kms:*` stands in the key's statement for the account; `s3:*` only in a denial."""
        for item in placed(stack):
            if "kms:*" in item.statement["Action"]:
                assert item.statement["Sid"] == "AccountPolicies", item.place
                assert item.statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}, item.place
            if "s3:*" in item.statement["Action"]:
                assert item.statement["Effect"] == "Deny", item.place


class TestResources:
    def test_are_this_environments(self, stack: SynthesizedStack) -> None:
        """Roles reach the stack's own objects, what has its name, and what its cluster's tag or VPC binds."""
        names, unlimited = names_of(stack), set()
        own_service_role = f"arn:aws:iam::{names.account_id}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"
        for item in placed(stack, "aws_iam_role_policy"):
            bound = set(condition_values(item.statement)) & set(BINDING)
            for resource in item.statement["Resource"]:
                here = resource.startswith("arn:") and resource.split(":")[3:5] == [names.region, names.account_id]
                if resource.startswith("${aws_") or resource == own_service_role:
                    continue
                if here and ("${aws_" in resource or bound):
                    continue
                assert (item.name, item.statement["Sid"]) in UNLIMITED, f"{item.place} on {resource}"
                unlimited.add((item.name, item.statement["Sid"]))
        assert unlimited == set(UNLIMITED), "a reason that is no longer needed"

    def test_unlimited_only_look(self, stack: SynthesizedStack) -> None:
        """Where no name limits a statement, its actions read."""
        for item in placed(stack, "aws_iam_role_policy"):
            if (item.name, item.statement["Sid"]) in UNLIMITED:
                verbs = [action.partition(":")[2] for action in item.statement["Action"]]
                assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs), item.place

    def test_bound_statements_name_this_environment(self, stack: SynthesizedStack) -> None:
        """The tag that binds a statement is this cluster's name, the VPC this stack's."""
        names = names_of(stack)
        for item in placed(stack, "aws_iam_role_policy"):
            for key, value in condition_values(item.statement).items():
                if key == "ec2:Vpc":
                    assert value == names.arn("ec2", "vpc/${aws_vpc.cluster.id}"), item.place
                elif key in BINDING:
                    assert value == names.prefix, item.place

    @pytest.mark.parametrize("neighbour", NEIGHBOURS)
    def test_reach_no_neighbour(self, stack: SynthesizedStack, neighbour: str) -> None:
        """Nothing that another environment has under its name is reached, however alike the two names are."""
        names = names_of(stack)
        theirs = Names(environment=neighbour, region=names.region, account_id=names.account_id)
        for item in placed(stack, "aws_iam_role_policy"):
            if (item.name, item.statement["Sid"]) in UNLIMITED:
                continue
            statement = without_references(item.statement, names)
            statement.pop("Condition", None)
            reached = [
                arn
                for arn in named_arns(theirs)
                for action in statement["Action"]
                if applies(statement, Request(action=action, resource=arn))
            ]
            assert reached == [], item.place

    def test_own_names_are_reached(self, stack: SynthesizedStack) -> None:
        """The same search finds this environment's bucket and flow logs: it looks at what it says."""
        names = names_of(stack)
        reached = {
            arn
            for item in placed(stack, "aws_iam_role_policy")
            if (item.name, item.statement["Sid"]) not in UNLIMITED
            for statement in [without_references(item.statement, names)]
            for arn in named_arns(names)
            if applies({**statement, "Condition": {}}, Request(action=statement["Action"][0], resource=arn))
        }
        assert {arn.split(":")[2] for arn in reached} == {"s3", "logs"}


class TestTrust:
    def test_names_one_principal(self, stack: SynthesizedStack) -> None:
        """Each role trusts one service in one statement; EC2 aside, for this account's own resource."""
        for name in stack.resources("aws_iam_role"):
            [item] = [item for item in placed(stack, "aws_iam_role") if item.name == name]
            principal = item.statement["Principal"]
            assert list(principal) == ["Service"], item.place
            assert isinstance(principal["Service"], str), item.place
            if principal["Service"] == "ec2.amazonaws.com":
                continue
            values = condition_values(item.statement)
            if principal["Service"] == "pods.eks.amazonaws.com":
                tags = {"eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account"}
                assert set(values) == {f"aws:RequestTag/{tag}" for tag in tags}, item.place
                assert ":111122223333:" in str(values["aws:RequestTag/eks-cluster-arn"]), item.place
                continue
            assert set(values) == {"aws:SourceAccount", "aws:SourceArn"}, item.place
            assert values["aws:SourceAccount"] == "111122223333", item.place

    def test_keys_are_for_the_account_and_its_log_groups(self, stack: SynthesizedStack) -> None:
        """Beside the account, CloudWatch Logs uses one key, for this environment's log groups only; where there is a
        topic, CloudWatch the same key for the environment's own alarms.
        """
        everybody = [item for item in placed(stack, "aws_kms_key") if item.statement["Sid"] != "AccountPolicies"]
        others = [item for item in everybody if item.statement["Sid"] != "Alarms"]
        assert [item.name for item in others] == ["logs"]
        alarms = [item for item in everybody if item not in others]
        assert [item.name for item in alarms] == ["logs"] * len(stack.resources("aws_sns_topic"))
        for item in alarms:
            assert item.statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            own = condition_values(item.statement)["aws:SourceArn"]
            assert all(arn.rpartition(":")[2].startswith(f"{names_of(stack).prefix}-database-") for arn in own)
            assert not any("*" in arn for arn in own)
        names, key = names_of(stack), "kms:EncryptionContext:aws:logs:arn"
        logs = {"Service": "logs.eu-west-1.amazonaws.com"}

        def usable(group: str) -> bool:
            context = {key: names.arn("logs", f"log-group:{group}")}
            return applies(others[0].statement, Request(action="kms:Encrypt", context=context, principal=logs))

        own = [group["name"] for group in stack.resources("aws_cloudwatch_log_group").values()]
        assert len(own) == 4
        assert all(usable(group) for group in own)
        for neighbour in NEIGHBOURS:
            theirs = [group.replace(names.prefix, f"airflow-{neighbour}") for group in own]
            assert not any(usable(group) for group in theirs), neighbour
