"""What the roles of workflows may not do, and that the boundary takes nothing from the roles that the project makes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from constructs.checks.synthesized import SynthesizedStack
from constructs.delivery.changing_network import MADE
from constructs.delivery.reach import MANAGED_POLICIES, ROLES
from constructs.settings.loading.environment_file import load_environment
from moto.iam.aws_managed_policies import aws_managed_policies_data

from main import ROOT, synthesize
from tests.bootstrap.environments import bootstrap_stack, delivered
from tests.bootstrap.sufficiency import boundary, documents
from tests.security.policy_evaluator import Document, Request, allows, statements
from tests.synth.environments import read

STATE_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/9999abcd-12ab-44cd-96ef-1234567890ab"
NAMED_KEY = "arn:aws:kms:eu-west-1:111122223333:key/5555abcd-12ab-44cd-96ef-1234567890ab"
IAM = "arn:aws:iam::111122223333"
BOUNDARY = f"{IAM}:policy/airflow-prod-boundary"
BOUNDED = {"iam:PermissionsBoundary": BOUNDARY}
STACK = {"aws:ResourceTag/Project": "airflow", "aws:ResourceTag/Stack": "infrastructure"}
OURS = {**STACK, "aws:ResourceTag/Environment": "prod"}
THEIRS = {**STACK, "aws:ResourceTag/Environment": "dev"}
OF_BOOTSTRAP = {**OURS, "aws:ResourceTag/Stack": "bootstrap"}
#: What EKS puts on the cluster's own group, and the load balancer controller on those that it makes.
OF_THE_CLUSTER = {"aws:ResourceTag/kubernetes.io/cluster/airflow-prod": "owned"}
OF_ITS_BALANCERS = {"aws:ResourceTag/elbv2.k8s.aws/cluster": "airflow-prod"}
GIVEN = {key.replace("Resource", "Request"): text for key, text in OURS.items()}


PROD = yaml.safe_load((ROOT / "environments" / "prod.yaml").read_text(encoding="utf-8"))
#: A file with node pools.
POOLS = {
    "cluster": {
        **PROD["cluster"],
        "node_pools": {
            "tasks": {
                "instance_families": ["m7g"],
                "capacity_types": ["spot", "on_demand"],
                "limits": {"cpu": 64, "memory": "256Gi"},
            }
        },
    }
}


def arn(service: str, resource: str) -> str:
    """ARN in the environment's account and region."""
    return f"arn:aws:{service}:eu-west-1:111122223333:{resource}"


def asked(action: str, resource: str = "*", **context: str | tuple[str, ...]) -> Request:
    """A question to IAM."""
    return Request(action=action, resource=resource, context=context)


#: What neither role may do.
ESCALATIONS = {
    "take the boundary off": asked("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/airflow-prod-node", **BOUNDED),
    "another boundary": asked(
        "iam:PutRolePermissionsBoundary",
        f"{IAM}:role/airflow-prod-node",
        **{"iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "a role without it": asked("iam:CreateRole", f"{IAM}:role/airflow-prod-node"),
    "a role with another one": asked(
        "iam:CreateRole", f"{IAM}:role/airflow-prod-node", **{"iam:PermissionsBoundary": f"{BOUNDARY}2"}
    ),
    "a role of another name": asked("iam:CreateRole", f"{IAM}:role/airflow-prod-more", **BOUNDED),
    "a policy on a role without it": asked("iam:PutRolePolicy", f"{IAM}:role/airflow-prod-node"),
    "any policy on a role": asked(
        "iam:AttachRolePolicy",
        f"{IAM}:role/airflow-prod-node",
        **BOUNDED,
        **{"iam:PolicyARN": "arn:aws:iam::aws:policy/AdministratorAccess"},
    ),
    "widen the boundary": asked("iam:CreatePolicyVersion", BOUNDARY),
    "an older boundary": asked("iam:SetDefaultPolicyVersion", BOUNDARY),
    "delete the boundary": asked("iam:DeletePolicy", BOUNDARY),
    "widen its own policy": asked("iam:CreatePolicyVersion", f"{IAM}:policy/airflow-prod-ci-apply-services"),
    "more policies for itself": asked("iam:PutRolePolicy", f"{IAM}:role/airflow-prod-ci-apply", **BOUNDED),
    "who else may be it": asked("iam:UpdateAssumeRolePolicy", f"{IAM}:role/airflow-prod-ci-apply"),
    "another issuer": asked("iam:UpdateOpenIDConnectProviderThumbprint", f"{IAM}:oidc-provider/a"),
    "users": asked("iam:CreateUser", f"{IAM}:user/airflow-prod-user"),
    "keys of users": asked("iam:CreateAccessKey", f"{IAM}:user/airflow-prod-user"),
    "hand a role to another service": asked(
        "iam:PassRole", f"{IAM}:role/airflow-prod-node", **{"iam:PassedToService": "lambda.amazonaws.com"}
    ),
    "hand itself over": asked(
        "iam:PassRole", f"{IAM}:role/airflow-prod-ci-apply", **{"iam:PassedToService": "ec2.amazonaws.com"}
    ),
    "delete versions of states": asked("s3:DeleteObjectVersion", "arn:aws:s3:::acme-terraform-state/airflow/prod/a"),
    "open the state bucket": asked("s3:PutBucketPolicy", "arn:aws:s3:::acme-terraform-state"),
    "the bootstrap's own state": asked(
        "s3:PutObject", "arn:aws:s3:::acme-terraform-state/airflow/prod/bootstrap.tfstate"
    ),
    "delete the state's key": asked("kms:ScheduleKeyDeletion", STATE_KEY, **OF_BOOTSTRAP),
    "the policy of the state's key": asked("kms:PutKeyPolicy", STATE_KEY, **OF_BOOTSTRAP),
    "retag the state's key": asked("kms:TagResource", STATE_KEY, **OF_BOOTSTRAP, **GIVEN),
    "delete the state's key with other tags": asked("kms:ScheduleKeyDeletion", STATE_KEY, **OURS),
    "delete another state's key": asked("kms:ScheduleKeyDeletion", KEY, **OF_BOOTSTRAP),
    "tag the state's key, if it is the user's": asked(
        "kms:TagResource", STATE_KEY, **GIVEN, **{"aws:RequestTag/Address": "aws_kms_key.logs"}
    ),
}

#: The same call for this environment, which the role for applying may make, and for others, which it may not.
NEIGHBOURS = {
    "cluster": ("eks:DeleteCluster", arn("eks", "cluster/airflow-prod"), arn("eks", "cluster/airflow-prod-2")),
    "node group": (
        "eks:DeleteNodegroup",
        arn("eks", "nodegroup/airflow-prod/default/1"),
        arn("eks", "nodegroup/airflow-dev/default/1"),
    ),
    "database": ("rds:DeleteDBInstance", arn("rds", "db:airflow-prod"), arn("rds", "db:airflow-prod-2")),
    "secret": (
        "secretsmanager:GetSecretValue",
        arn("secretsmanager", "secret:airflow-prod/api-AbCdEf"),
        arn("secretsmanager", "secret:airflow-prod-2/api-AbCdEf"),
    ),
    "log group": (
        "logs:DeleteLogGroup",
        arn("logs", "log-group:/airflow-prod/vpc-flow-logs"),
        arn("logs", "log-group:/airflow-prod-2/vpc-flow-logs"),
    ),
    "log bucket": (
        "s3:DeleteBucket",
        "arn:aws:s3:::airflow-prod-logs-111122223333",
        "arn:aws:s3:::airflow-dev-logs-111122223333",
    ),
    "role": ("iam:DeleteRole", f"{IAM}:role/airflow-prod-node", f"{IAM}:role/airflow-prod-2-node"),
    "what a role may do": ("iam:GetRolePolicy", f"{IAM}:role/airflow-prod-node", f"{IAM}:role/airflow-prod-2-node"),
    "final snapshot": (
        "rds:RestoreDBInstanceFromDBSnapshot",
        arn("rds", "snapshot:airflow-prod-final-sg-0123456789abcdef0"),
        arn("rds", "snapshot:airflow-prod-final-sg-1-final-sg-0123456789abcdef0"),
    ),
    "alarm topic": ("sns:Subscribe", arn("sns", "airflow-prod-alarms"), arn("sns", "airflow-prod-2-alarms")),
    "state": (
        "s3:PutObject",
        "arn:aws:s3:::acme-terraform-state/airflow/prod/platform.tfstate",
        "arn:aws:s3:::acme-terraform-state/airflow/dev/platform.tfstate",
    ),
}


#: Changes of security groups that AWS's policies allow for all groups.
GROUP_CHANGES = tuple(
    f"ec2:{what}" for what in ("AuthorizeSecurityGroupIngress", "DeleteSecurityGroup", "RevokeSecurityGroupIngress")
)
#: What EC2 tells of anybody's machines: passwords, what they print, what they start with, keys of VPNs.
SECRETIVE = (
    *("GetPasswordData", "GetConsoleOutput", "GetConsoleScreenshot", "GetLaunchTemplateData"),
    *("DescribeInstanceAttribute", "DescribeLaunchTemplateVersions", "DescribeSpotFleetRequests"),
    "DescribeVpnConnections",
)


class TestApply:
    @pytest.mark.parametrize("what", ESCALATIONS)
    def test_cant_make_itself_more_powerful(self, bootstrap: SynthesizedStack, what: str) -> None:
        """Boundary, policies, trust, users and the bucket of the states are out of its reach."""
        assert not allows(documents(bootstrap, "apply", STATE_KEY), ESCALATIONS[what])

    def test_makes_roles_within_the_boundary(self, bootstrap: SynthesizedStack) -> None:
        """What is refused above is allowed with the boundary: the refusals are about that."""
        policies = documents(bootstrap, "apply", STATE_KEY)
        role = f"{IAM}:role/airflow-prod-node"
        policy = {"iam:PolicyARN": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"}
        assert allows(policies, asked("iam:CreateRole", role, **BOUNDED))
        assert allows(policies, asked("iam:PutRolePolicy", role, **BOUNDED))
        assert allows(policies, asked("iam:AttachRolePolicy", role, **BOUNDED, **policy))
        assert allows(policies, asked("iam:PassRole", role, **{"iam:PassedToService": "ec2.amazonaws.com"}))

    @pytest.mark.parametrize("what", NEIGHBOURS)
    def test_reaches_this_environment_alone(self, bootstrap: SynthesizedStack, what: str) -> None:
        """An environment whose name begins alike, or any other one, is not its business."""
        action, own, other = NEIGHBOURS[what]
        policies = documents(bootstrap, "apply", STATE_KEY)
        assert allows(policies, asked(action, own))
        assert not allows(policies, asked(action, other))

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("ec2:DeleteVpc", arn("ec2", "vpc/vpc-1")),
            ("ec2:DeleteNatGateway", arn("ec2", "natgateway/nat-1")),
            ("ec2:AuthorizeSecurityGroupIngress", arn("ec2", "security-group/sg-1")),
            ("kms:ScheduleKeyDeletion", KEY),
            ("kms:PutKeyPolicy", KEY),
        ],
    )
    def test_tells_objects_without_names_apart_by_tags(
        self, bootstrap: SynthesizedStack, action: str, resource: str
    ) -> None:
        """Networks and keys carry the environment's tags; another one's, or untagged ones, are refused."""
        policies = documents(bootstrap, "apply", STATE_KEY)
        assert allows(policies, asked(action, resource, **OURS))
        assert not allows(policies, asked(action, resource, **THEIRS))
        assert not allows(policies, asked(action, resource))

    def test_tags_nothing_of_others(self, bootstrap: SynthesizedStack) -> None:
        """Nobody's VPC becomes the environment's by a tag, which would put it within reach."""
        policies = documents(bootstrap, "apply", STATE_KEY)
        assert not allows(policies, asked("ec2:CreateTags", arn("ec2", "vpc/vpc-1"), **GIVEN))
        assert not allows(policies, asked("ec2:CreateTags", arn("ec2", "vpc/vpc-1"), **GIVEN, **THEIRS))
        assert not allows(policies, asked("kms:TagResource", KEY, **GIVEN, **THEIRS))

    @pytest.mark.parametrize(
        ("action", "resource", "address"),
        [
            ("kms:TagResource", KEY, "aws_kms_key.{}"),
            ("ec2:CreateTags", arn("ec2", "security-group/sg-1"), "aws_default_security_group.{}"),
        ],
    )
    def test_gives_untagged_ones_the_tags_of_what_it_makes_alone(
        self, bootstrap: SynthesizedStack, action: str, resource: str, address: str
    ) -> None:
        """A new key and a VPC's default group have no tags: they get all of theirs, of the stack's own addresses."""
        policies = documents(bootstrap, "apply", STATE_KEY)

        def allowed(name: str, **context: str) -> bool:
            tags = {**GIVEN, "aws:RequestTag/Address": address.format(name), **context}
            return allows(policies, asked(action, resource, **tags))

        assert allowed("cluster")
        assert not allowed("state")
        assert not allowed("cluster", **{"aws:RequestTag/Stack": "bootstrap"})
        assert not allowed("cluster", **{"aws:RequestTag/Environment": "dev"})
        assert not allowed("cluster", **THEIRS)
        assert not allows(policies, asked(action, resource, **GIVEN))

    def test_looks_into_the_log_bucket_and_deletes_no_logs(self, bootstrap: SynthesizedStack) -> None:
        """Destroying asks whether the bucket is empty, just where the file doesn't let logs be deleted."""
        policies = documents(bootstrap, "apply", STATE_KEY)
        bucket = "arn:aws:s3:::airflow-prod-logs-111122223333"
        assert allows(policies, asked("s3:ListBucketVersions", bucket))
        assert not allows(policies, asked("s3:DeleteObjectVersion", f"{bucket}/a"))

    def test_reads_the_secrets_that_pods_are_given(self, bootstrap: SynthesizedStack, tmp_path: Path) -> None:
        """Terraform hands them to the cluster: whoever plans or applies opens them, and only those that are named."""
        given = {"name": "SENTRY_DSN", "secret": "acme/sentry", "components": ["scheduler"]}
        stack = bootstrap_stack(delivered(tmp_path, {"airflow": {"environment": [given]}}), tmp_path / "out")
        named, other = (f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:acme/{name}" for name in ("sentry", "x"))
        for purpose in ("plan", "apply"):
            policies = documents(stack, purpose, STATE_KEY)
            assert allows(policies, asked("secretsmanager:GetSecretValue", f"{named}-AbCdEf"))
            assert not allows(policies, asked("secretsmanager:GetSecretValue", f"{other}-AbCdEf"))
            without = documents(bootstrap, purpose, STATE_KEY)
            assert not allows(without, asked("secretsmanager:GetSecretValue", f"{named}-AbCdEf"))

    def test_makes_the_bucket_of_access_logs_where_there_is_one(
        self, bootstrap: SynthesizedStack, tmp_path: Path
    ) -> None:
        """And the controller may attach a web ACL within the boundary; neither where the file asks for neither."""
        web = yaml.safe_load((ROOT / "environments" / "prod.yaml").read_text(encoding="utf-8"))["airflow"]["web"]
        acl = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1234abcd-12ab-44cd-96ef-1234567890ab"
        asking = {"airflow": {"web": {**web, "access_logs": {}, "waf_acl_arn": acl}}}
        stack = bootstrap_stack(delivered(tmp_path, asking), tmp_path / "out")
        bucket = "arn:aws:s3:::airflow-prod-accesslogs-111122223333"
        for action in ("s3:CreateBucket", "s3:PutBucketPolicy", "s3:GetBucketPolicy", "s3:ListBucketVersions"):
            assert allows(documents(stack, "apply", STATE_KEY), asked(action, bucket)), action
            assert not allows(documents(bootstrap, "apply", STATE_KEY), asked(action, bucket)), action
        attach = asked("wafv2:AssociateWebACL", acl, **{"aws:RequestedRegion": "eu-west-1"})
        assert allows([boundary(stack)], attach)
        assert not allows([boundary(bootstrap)], attach)

    @pytest.mark.parametrize(
        "named",
        [
            {"database": {"kms_key_arn": NAMED_KEY}},
            {"cluster": {"node_volume_kms_key_arn": NAMED_KEY}},
            {"storage": {"volume_kms_key_arn": NAMED_KEY}},
        ],
        ids=["database", "nodes", "claims"],
    )
    def test_lets_services_use_the_keys_that_the_file_names(self, tmp_path: Path, named: dict[str, Any]) -> None:
        """A service may get a grant on the user's key; nobody else, and the key stays as it is, whatever its tags."""
        stack = bootstrap_stack(delivered(tmp_path, named), tmp_path / "out")
        policies = documents(stack, "apply", STATE_KEY)
        assert allows(policies, asked("kms:DescribeKey", NAMED_KEY))
        assert allows(policies, asked("kms:CreateGrant", NAMED_KEY, **{"kms:GrantIsForAWSResource": "true"}))
        assert not allows(policies, asked("kms:CreateGrant", NAMED_KEY))
        for action in ("kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:TagResource"):
            assert not allows(policies, asked(action, NAMED_KEY, **OURS, **GIVEN))

    def test_attaches_the_policies_that_the_file_names_to_the_pods_alone(self, tmp_path: Path) -> None:
        """A policy for Airflow's pods gets on no other role, and only while that has the boundary."""
        policy = f"{IAM}:policy/data-lake"
        file = delivered(tmp_path, {"airflow": {"pod_policy_arns": [policy]}}, pod_actions=["glue:*"])
        policies = documents(bootstrap_stack(file, tmp_path / "out"), "apply", STATE_KEY)

        def allowed(role: str, **context: str) -> bool:
            request = asked("iam:AttachRolePolicy", f"{IAM}:role/airflow-prod-{role}", **context)
            return allows(policies, request)

        assert allowed("airflow", **BOUNDED, **{"iam:PolicyARN": policy})
        assert not allowed("airflow", **{"iam:PolicyARN": policy})
        assert not allowed("node", **BOUNDED, **{"iam:PolicyARN": policy})
        assert not allowed("airflow", **BOUNDED, **{"iam:PolicyARN": f"{policy}2"})
        assert not allowed("worker.large", **BOUNDED, **{"iam:PolicyARN": policy})

    def test_makes_the_roles_of_sets_of_workers(self, tmp_path: Path) -> None:
        """Each within the boundary and with known policies; roles of an environment that is called alike are none."""
        policy = f"{IAM}:policy/data-lake"
        sets = {"large": {"queues": ["large"], "pod_policy_arns": [policy]}}
        launched = {"reporting": {"policy_arns": [policy]}}
        airflow = {"workers": sets, "pod_roles": launched}
        file = delivered(tmp_path, {"airflow": airflow}, pod_actions=["glue:*"])
        stack = bootstrap_stack(file, tmp_path / "out")
        policies = documents(stack, "apply", STATE_KEY)
        for role, ours in (
            ("worker.large", True),
            ("worker-large", False),
            ("workers.large", False),
            ("pod.reporting", True),
            ("pod-reporting", False),
        ):
            arn = f"{IAM}:role/airflow-prod-{role}"
            assert allows(policies, asked("iam:CreateRole", arn, **BOUNDED)) is ours, role
            attach = asked("iam:AttachRolePolicy", arn, **BOUNDED, **{"iam:PolicyARN": policy})
            assert allows(policies, attach) is ours, role
            passed = asked("iam:PassRole", arn, **{"iam:PassedToService": "pods.eks.amazonaws.com"})
            assert allows(policies, passed) is ours, role
            assert allows(documents(stack, "plan", STATE_KEY), asked("iam:GetRole", arn)) is ours, role
        assert not allows(policies, asked("iam:CreateRole", f"{IAM}:role/airflow-prod-worker.large"))

    def test_makes_karpenters_role_within_its_own_boundary_alone(self, tmp_path: Path) -> None:
        """That boundary, which starts instances, is on no other role, and the other one is not on this."""
        stack = bootstrap_stack(delivered(tmp_path, POOLS), tmp_path / "out")
        policies = documents(stack, "apply", STATE_KEY)
        starts = {"iam:PermissionsBoundary": f"{BOUNDARY}-karpenter"}
        for action in ("iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"):
            for role, context, allowed in (
                ("karpenter", starts, True),
                ("karpenter", BOUNDED, False),
                ("karpenter", {}, False),
                ("karpenter-node", BOUNDED, True),
                ("karpenter-node", starts, False),
                ("node", starts, False),
                ("airflow", starts, False),
            ):
                assert allows(policies, asked(action, f"{IAM}:role/airflow-prod-{role}", **context)) is allowed, role
        for other in ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:SetDefaultPolicyVersion"):
            assert not allows(policies, asked(other, f"{BOUNDARY}-karpenter"))

    def test_makes_what_interruptions_go_through(self, tmp_path: Path) -> None:
        """Queue, rules and instance profile of this environment, of none that is called alike; planning reads them."""
        stack = bootstrap_stack(delivered(tmp_path, POOLS), tmp_path / "out")
        apply, plan = (documents(stack, purpose, STATE_KEY) for purpose in ("apply", "plan"))
        profile = f"{IAM}:instance-profile/airflow-prod-karpenter-node"
        for change, look, resource in (
            ("sqs:CreateQueue", "sqs:GetQueueAttributes", arn("sqs", "airflow-prod-karpenter")),
            ("events:PutRule", "events:DescribeRule", arn("events", "rule/airflow-prod-karpenter-spot")),
            ("events:PutTargets", "events:ListTargetsByRule", arn("events", "rule/airflow-prod-karpenter-state")),
            ("iam:AddRoleToInstanceProfile", "iam:GetInstanceProfile", profile),
        ):
            assert allows(apply, asked(change, resource)), change
            assert allows(apply, asked(look, resource)), look
            assert allows(plan, asked(look, resource)), look
            assert not allows(plan, asked(change, resource)), change
            assert not allows(apply, asked(change, resource.replace("airflow-prod", "airflow-prod-2"))), change
        passed = {"iam:PassedToService": "ec2.amazonaws.com"}
        assert allows(apply, asked("iam:PassRole", f"{IAM}:role/airflow-prod-karpenter-node", **passed))

    def test_without_node_pools_reaches_none_of_it(self, bootstrap: SynthesizedStack) -> None:
        """Who has no Karpenter may not make one."""
        policies = documents(bootstrap, "apply", STATE_KEY)
        assert "boundary_karpenter" not in bootstrap.resources("aws_iam_policy")
        starts = {"iam:PermissionsBoundary": f"{BOUNDARY}-karpenter"}
        assert not allows(policies, asked("iam:CreateRole", f"{IAM}:role/airflow-prod-karpenter", **starts))
        assert not allows(policies, asked("sqs:CreateQueue", arn("sqs", "airflow-prod-karpenter")))

    def test_makes_the_repository_of_images(self, tmp_path: Path) -> None:
        """This environment's, where the file has one; planning reads it, and nobody pushes or opens it."""
        managed = {"airflow": {**PROD["airflow"], "image": {"repository": "managed"}}}
        stack = bootstrap_stack(delivered(tmp_path, managed), tmp_path / "out")
        apply, plan = (documents(stack, purpose, STATE_KEY) for purpose in ("apply", "plan"))
        own, other = (arn("ecr", f"repository/airflow-{name}") for name in ("prod", "prod-2"))
        for change in ("ecr:CreateRepository", "ecr:PutLifecyclePolicy", "ecr:TagResource", "ecr:DeleteRepository"):
            assert allows(apply, asked(change, own)), change
            assert not allows(apply, asked(change, other)), change
            assert not allows(plan, asked(change, own)), change
        for look in ("ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:BatchGetImage", "ecr:ListImages"):
            assert allows(plan, asked(look, own)), look
        for push in ("ecr:PutImage", "ecr:SetRepositoryPolicy", "ecr:BatchDeleteImage"):
            assert not allows(apply, asked(push, own)), push
        through = {"kms:ViaService": "ecr.eu-west-1.amazonaws.com"}
        assert allows(apply, asked("kms:RetireGrant", KEY, **OURS, **through))
        assert not allows(apply, asked("kms:RetireGrant", KEY, **THEIRS, **through))
        assert not allows(apply, asked("kms:RetireGrant", KEY, **OURS))

    def test_without_a_managed_repository_reaches_none(self, bootstrap: SynthesizedStack) -> None:
        """Not even one of the environment's name."""
        for purpose in ("apply", "plan"):
            policies = documents(bootstrap, purpose, STATE_KEY)
            assert not allows(policies, asked("ecr:CreateRepository", arn("ecr", "repository/airflow-prod")))
            assert not allows(policies, asked("ecr:DescribeRepositories", arn("ecr", "repository/airflow-prod")))

    def test_starts_the_database_from_its_own_or_the_named_snapshot(self, tmp_path: Path) -> None:
        """Another environment's data is not read by restoring its snapshot."""
        named = {"database": {"restore_from_snapshot": "airflow-prod-before-upgrade"}}
        stack = bootstrap_stack(delivered(tmp_path, named), tmp_path / "out")
        policies = documents(stack, "apply", STATE_KEY)

        def allowed(snapshot: str) -> bool:
            return allows(policies, asked("rds:RestoreDBInstanceFromDBSnapshot", arn("rds", f"snapshot:{snapshot}")))

        for own in (
            "airflow-prod-final-sg-0123456789abcdef0",
            "rds:airflow-prod-2026-11-24-03-10",
            "airflow-prod-before-upgrade",
        ):
            assert allowed(own)
        for other in (
            "airflow-prod-2-final-sg-0123456789abcdef0",
            "rds:airflow-prod-2-2026-11-24-03-10",
            "airflow-prod-before",
            "crm",
        ):
            assert not allowed(other)
        for part in ("db:airflow-prod", "subgrp:airflow-prod", "og:default:postgres-17"):
            assert allows(policies, asked("rds:RestoreDBInstanceFromDBSnapshot", arn("rds", part)))


class TestPlan:
    @pytest.mark.parametrize("what", ESCALATIONS)
    def test_changes_nothing_in_iam(self, bootstrap: SynthesizedStack, what: str) -> None:
        """What applying may not, planning may not."""
        assert not allows(documents(bootstrap, "plan", STATE_KEY), ESCALATIONS[what])

    def test_only_reads(self, bootstrap: SynthesizedStack) -> None:
        """Every action that its policies allow reads; what only deploying needs is not among them."""
        reading = re.compile(r"\w[\w-]*:(Describe|Get|List)\w+|kms:Decrypt")
        for statement in statements(documents(bootstrap, "plan", STATE_KEY)):
            assert [action for action in statement["Action"] if not reading.fullmatch(action)] == []

    def test_reads_secrets_and_states_of_this_environment(self, bootstrap: SynthesizedStack) -> None:
        """A plan of platform opens the environment's secrets; another environment's stay closed."""
        policies = documents(bootstrap, "plan", STATE_KEY)
        read = "secretsmanager:GetSecretValue"
        assert allows(policies, asked(read, arn("secretsmanager", "secret:airflow-prod/api-AbCdEf")))
        assert not allows(policies, asked(read, arn("secretsmanager", "secret:airflow-dev/api-AbCdEf")))
        state = "arn:aws:s3:::acme-terraform-state/airflow/{}/platform.tfstate"
        assert allows(policies, asked("s3:GetObject", state.format("prod")))
        assert not allows(policies, asked("s3:GetObject", state.format("dev")))
        through = {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
        other = arn("kms", "key/another")
        assert allows(policies, asked("kms:Decrypt", other, **OURS, **through))
        assert not allows(policies, asked("kms:Decrypt", other, **OURS))
        assert not allows(policies, asked("kms:Decrypt", other, **THEIRS, **through))

    def test_reads_the_roles_of_this_environment(self, bootstrap: SynthesizedStack) -> None:
        """What roles may do is read of the environment's own, not of one whose name begins alike, nor of any other."""
        policies = documents(bootstrap, "plan", STATE_KEY)
        for role in ROLES:
            assert allows(policies, asked("iam:GetRole", f"{IAM}:role/airflow-prod-{role}"))
        for other in ("airflow-prod-2-node", "airflow-prod-more", "airflow-dev-node", "administrators"):
            assert not allows(policies, asked("iam:GetRole", f"{IAM}:role/{other}"))


class TestStatements:
    def test_none_allows_everything(self, bootstrap: SynthesizedStack) -> None:
        """No statement that allows has `*` as an action, or a whole service on every resource but load balancers'."""
        for name, policy in bootstrap.resources("aws_iam_policy").items():
            for statement in json.loads(policy["policy"])["Statement"]:
                wide = [action for action in statement["Action"] if action.endswith(":*") or action == "*"]
                if statement["Effect"] == "Allow" and statement["Resource"] == ["*"]:
                    assert wide in ([], ["elasticloadbalancing:*"]), (name, statement["Sid"])


def _actions(document: Document) -> Iterator[tuple[str, str]]:
    """Each action and resource that a policy allows, wildcards made into names."""
    for statement in statements([document]):
        actions, resources = (_list(statement[part]) for part in ("Action", "Resource"))
        for action in actions:
            for resource in resources:
                yield action.replace("*", "Any"), re.sub(r"\$\{[^}]*\}", KEY, resource)


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


class TestBoundary:
    HERE: ClassVar[dict[str, str]] = {"aws:RequestedRegion": "eu-west-1"}

    @pytest.mark.parametrize("path", MANAGED_POLICIES)
    def test_lets_through_what_awss_policies_allow(self, bootstrap: SynthesizedStack, path: str) -> None:
        """The roles of control plane, nodes, network, volumes and monitoring lose nothing by the boundary."""
        document = json.loads(aws_managed_policies_data)[path.rpartition("/")[2]]["Document"]
        cluster = arn("eks", "cluster/airflow-prod")
        concrete = {
            "iam:CreateServiceLinkedRole": f"{IAM}:role/aws-service-role/elasticloadbalancing.amazonaws.com/A",
            "eks:DescribeCluster": cluster,
            "eks-auth:AssumeRoleForPodIdentity": cluster,
            "kms:DescribeKey": KEY,
            "ec2:ModifyInstanceAttribute": arn("ec2", "instance/i-1"),
            **dict.fromkeys(("ec2:CreateRoute", "ec2:DeleteRoute"), arn("ec2", "route-table/rtb-1")),
            **dict.fromkeys(GROUP_CHANGES, arn("ec2", "security-group/sg-1")),
        }
        for action, resource in _actions(document):
            named = arn("logs", resource.partition("*:*:")[2]) if action.startswith("logs:") else resource
            request = asked(action, concrete.get(action, named), **self.HERE, **OURS, **OF_THE_CLUSTER)
            assert allows([boundary(bootstrap)], request), request

    def test_lets_through_what_the_projects_own_policies_allow(
        self, bootstrap: SynthesizedStack, tmp_path: Path
    ) -> None:
        """So do Airflow's pods, the load balancer controller, flow logs, and the cluster's and the volumes' keys."""
        named = {"storage": {"volume_kms_key_arn": NAMED_KEY}}
        synthesize(load_environment(delivered(tmp_path, named)), tmp_path / "out")
        stack = read(tmp_path / "out")
        names = {
            "${aws_s3_bucket.logs.arn}": "arn:aws:s3:::airflow-prod-logs-111122223333",
            "${aws_cloudwatch_log_group.flow_logs.arn}": arn("logs", "log-group:/airflow-prod/vpc-flow-logs"),
        }
        policies = stack.resources("aws_iam_role_policy")
        assert len(policies) == 5
        for policy in policies.values():
            text = policy["policy"]
            for reference, value in names.items():
                text = text.replace(reference, value)
            for action, resource in _actions(json.loads(text)):
                for_service = {"kms:GrantIsForAWSResource": "true"} if action == "kms:CreateGrant" else {}
                request = asked(action, resource, **self.HERE, **OF_ITS_BALANCERS, **for_service)
                assert allows([boundary(bootstrap)], request), request

    def test_karpenters_own_lets_through_what_its_role_may(self, tmp_path: Path) -> None:
        """The same, statement by statement: it is as narrow as the policy, and nobody can widen that."""
        file = delivered(tmp_path, POOLS)
        of_bootstrap = bootstrap_stack(file, tmp_path / "bootstrap").resources("aws_iam_policy")["boundary_karpenter"]
        synthesize(load_environment(file), tmp_path / "out")
        stack = read(tmp_path / "out")
        role = stack.resources("aws_iam_role")["karpenter"]
        assert role["permissions_boundary"] == f"{BOUNDARY}-karpenter"
        assert stack.resources("aws_iam_role")["karpenter_node"]["permissions_boundary"] == BOUNDARY
        text = stack.resources("aws_iam_role_policy")["karpenter"]["policy"]
        for reference, known in (
            ("${aws_iam_role.karpenter_node.arn}", f"{IAM}:role/airflow-prod-karpenter-node"),
            ("${aws_sqs_queue.karpenter.arn}", arn("sqs", "airflow-prod-karpenter")),
        ):
            text = text.replace(reference, known)
        assert json.loads(of_bootstrap["policy"]) == json.loads(text)

    @pytest.mark.parametrize(
        "request_",
        [
            *ESCALATIONS.values(),
            asked("iam:PassRole", f"{IAM}:role/airflow-prod-node", **{"iam:PassedToService": "ec2.amazonaws.com"}),
            asked("sts:AssumeRole", f"{IAM}:role/administrators"),
            asked("ec2:RunInstances", arn("ec2", "instance/i-1"), **{"aws:RequestedRegion": "eu-west-1"}),
            asked("ec2:CreateVolume", arn("ec2", "volume/vol-1"), **{"aws:RequestedRegion": "us-east-1"}),
            asked("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:airflow-prod/database-AbCdEf")),
            asked("secretsmanager:GetSecretValue", arn("secretsmanager", "secret:airflow-dev/connections/a-AbCdEf")),
            asked("s3:GetObject", "arn:aws:s3:::acme-terraform-state/airflow/prod/platform.tfstate"),
            asked("rds:DeleteDBInstance", arn("rds", "db:airflow-prod")),
            asked("kms:CreateGrant", KEY, **OURS),
            asked("ec2:ModifyInstanceAttribute", arn("ec2", "instance/i-1"), **{"aws:RequestedRegion": "eu-west-1"}),
            *(
                Request(
                    action=f"ec2:{verb}Tags",
                    resource=arn("ec2", resource),
                    context={"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ("Name", key)},
                )
                for verb in ("Create", "Delete")
                for resource, key in (("vpc/vpc-1", "Environment"), ("subnet/s-1", "project"), ("instance/i", "Stack"))
            ),
            asked("athena:StartQueryExecution", arn("athena", "workgroup/primary")),
            *(
                asked(action, arn("ec2", "security-group/sg-1"), **{"aws:RequestedRegion": "eu-west-1"}, **tags)
                for action in GROUP_CHANGES
                for tags in (
                    {},
                    OURS,
                    {"aws:ResourceTag/elbv2.k8s.aws/cluster": "airflow-dev"},
                    {"aws:ResourceTag/kubernetes.io/cluster/airflow-prod-2": "owned"},
                )
            ),
            *(
                asked(
                    f"ec2:{verb}Route",
                    arn("ec2", "route-table/rtb-1"),
                    **THEIRS,
                    **{"aws:RequestedRegion": "eu-west-1"},
                )
                for verb in ("Create", "Delete")
            ),
            *(asked(f"ec2:{action}", **{"aws:RequestedRegion": "eu-west-1"}) for action in SECRETIVE),
        ],
        ids=str,
    )
    def test_lets_nothing_else_through(self, bootstrap: SynthesizedStack, request_: Request) -> None:
        """Whatever policy a role gets: no IAM, no other roles, regions, secrets, states, databases or services."""
        everything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        assert allows([everything], request_)
        assert not allows([boundary(bootstrap)], request_)

    def test_lets_through_what_is_tagged_when_it_is_made_or_with_other_tags(self, bootstrap: SynthesizedStack) -> None:
        """Volumes and interfaces get the environment's tags, balancers' groups too, and subnets Kubernetes' own."""

        def allowed(resource: str, *keys: str, **context: str) -> bool:
            tags: dict[str, str | tuple[str, ...]] = {**self.HERE, **context, "aws:TagKeys": keys}
            return allows([boundary(bootstrap)], asked("ec2:CreateTags", arn("ec2", resource), **tags))

        for resource in ("volume/v", "network-interface/e"):
            assert allowed(resource, "Project", "Environment")
        assert allowed("security-group/s", "Project", "Environment", **OF_ITS_BALANCERS)
        assert allowed("security-group/s", "Project", **{"ec2:CreateAction": "CreateSecurityGroup"})
        assert not allowed("subnet/s", "Project", "Environment")
        assert allowed("subnet/s", "Project", "Environment", **{"ec2:CreateAction": "CreateSubnet"})
        assert allowed("subnet/s", "kubernetes.io/role/elb")

    @pytest.mark.parametrize("tag", ["elbv2.k8s.aws/cluster", "kubernetes.io/cluster/airflow-prod", "Name"])
    def test_nobodys_group_becomes_the_clusters(self, bootstrap: SynthesizedStack, tag: str) -> None:
        """Who could give a group the tags by which groups are told apart could open it: none but new ones get any."""
        tagging = asked("ec2:CreateTags", arn("ec2", "security-group/sg-1"), **self.HERE, **{"aws:TagKeys": (tag,)})
        assert not allows([boundary(bootstrap)], tagging)

    @pytest.mark.parametrize("kind", sorted({*MADE.values()} - {"security-group"}))
    def test_nothing_of_others_gets_the_environments_tags(self, bootstrap: SynthesizedStack, kind: str) -> None:
        """Of every kind that the role for applying tells apart by tags."""
        tagging = asked("ec2:CreateTags", arn("ec2", f"{kind}/x"), **self.HERE, **{"aws:TagKeys": ("Project",)})
        assert not allows([boundary(bootstrap)], tagging)

    def test_lets_services_be_granted_a_key(self, bootstrap: SynthesizedStack) -> None:
        """EBS gets its grants on the key of a node's volume."""
        for_service = {"kms:GrantIsForAWSResource": "true"}
        assert allows([boundary(bootstrap)], asked("kms:CreateGrant", KEY, **for_service))

    def test_lets_through_what_the_file_names_for_pods(self, tmp_path: Path) -> None:
        """`delivery.pod_actions` pass, but not to the state, even if it is all of S3."""
        stack = bootstrap_stack(delivered(tmp_path, pod_actions=["athena:*", "s3:*"]), tmp_path / "out")
        bounds = [boundary(stack)]
        assert allows(bounds, asked("athena:StartQueryExecution", arn("athena", "workgroup/primary")))
        assert allows(bounds, asked("s3:GetObject", "arn:aws:s3:::data/a"))
        assert not allows(
            bounds, asked("s3:GetObject", "arn:aws:s3:::acme-terraform-state/airflow/prod/platform.tfstate")
        )
        assert not allows(bounds, asked("glue:GetTable", arn("glue", "table/a/b")))
