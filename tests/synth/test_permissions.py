"""IAM: what every policy of both environments has in common."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

#: Resource type -> its argument that holds a policy document.
DOCUMENTS = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_kms_key": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
}


def _statements(stack: SynthesizedStack, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and statement, of every policy document of these types."""
    for terraform_type in types or DOCUMENTS:
        for name, resource in stack.resources(terraform_type).items():
            for statement in json.loads(resource[DOCUMENTS[terraform_type]])["Statement"]:
                yield f"{terraform_type}.{name}", statement


class TestPolicies:
    def test_every_document_is_looked_at(self, stack: SynthesizedStack) -> None:
        """No other type of resource holds a policy document."""
        holders = {
            terraform_type
            for terraform_type, named in stack.document["resource"].items()
            for resource in named.values()
            if "2012-10-17" in json.dumps(resource)
        }
        assert holders == {terraform_type for terraform_type in DOCUMENTS if stack.resources(terraform_type)}

    def test_nobody_may_do_everything_everywhere(self, stack: SynthesizedStack) -> None:
        """No statement allows `*` or a whole service on `*`; in a key's policy `*` is the key itself."""
        for address, statement in _statements(stack):
            if statement["Effect"] == "Deny" or "*" not in statement.get("Resource", []):
                continue
            assert "*" not in statement["Action"], address
            if not address.startswith("aws_kms_key."):
                assert not [action for action in statement["Action"] if action.endswith(":*")], address

    def test_roles_allow_no_patterns_of_actions(self, stack: SynthesizedStack) -> None:
        """Every action that a role of ours may take is spelled out."""
        for address, statement in _statements(stack, "aws_iam_role_policy"):
            assert not [action for action in statement["Action"] if "*" in action], address

    def test_on_everything_roles_only_look(self, stack: SynthesizedStack) -> None:
        """Where AWS knows no narrower resource than `*`, the actions read."""
        for address, statement in _statements(stack, "aws_iam_role_policy"):
            if "*" in statement["Resource"]:
                verbs = [action.partition(":")[2] for action in statement["Action"]]
                assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs), address

    def test_roles_reach_this_environment_only(self, stack: SynthesizedStack) -> None:
        """Resources are this stack's own, or this account's and region's ones; changes are bound to the cluster."""
        for address, statement in _statements(stack, "aws_iam_role_policy"):
            for resource in statement["Resource"]:
                own = resource.startswith("${aws_")
                here = ":111122223333:" in resource and (":eu-west-1:" in resource or ":iam::" in resource)
                assert own or here or resource == "*", f"{address}: {resource}"

    def test_trust_is_in_one_service(self, stack: SynthesizedStack) -> None:
        """Each role is assumed by one service, for this account's resource; pods' roles are looked at below."""
        roles = list(_statements(stack, "aws_iam_role"))
        assert len(roles) == len(stack.resources("aws_iam_role"))
        for address, statement in roles:
            (service,) = statement["Principal"].values()
            assert list(statement["Principal"]) == ["Service"]
            if service not in {"ec2.amazonaws.com", "pods.eks.amazonaws.com"}:
                condition = statement["Condition"]
                assert condition["StringEquals"] == {"aws:SourceAccount": "111122223333"}, address
                assert ":111122223333:" in condition["ArnLike"]["aws:SourceArn"], address

    def test_pods_roles_are_this_clusters(self, stack: SynthesizedStack) -> None:
        """Roles by Pod Identity trust pods of this environment's cluster and of no other."""
        cluster = stack.resources("aws_eks_cluster")["cluster"]["name"]
        pods = [s for _, s in _statements(stack, "aws_iam_role") if "pods.eks" in s["Principal"]["Service"]]
        assert len(pods) == 4, "Airflow, load balancer controller, VPC CNI, EBS CSI"
        for statement in pods:
            assert statement["Condition"]["StringEquals"]["aws:RequestTag/eks-cluster-arn"].endswith(
                f":cluster/{cluster}"
            )

    def test_attached_policies_are_awss(self, stack: SynthesizedStack) -> None:
        """The shipped environments attach AWS's service policies alone, none of them an administrator's."""
        attached = {a["policy_arn"] for a in stack.resources("aws_iam_role_policy_attachment").values()}
        assert all(arn.startswith("arn:aws:iam::aws:policy/") for arn in attached)
        assert not [arn for arn in attached if "Admin" in arn or "FullAccess" in arn]
