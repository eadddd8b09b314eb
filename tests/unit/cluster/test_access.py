"""Who may use the cluster."""

from __future__ import annotations

from constructs.cluster.access import Access, AccessProps
from constructs.cluster.control_plane import ControlPlane

from tests.unit.trial_stack import TrialStack, default_control_plane

ROLE = "arn:aws:iam::111122223333:role/platform-engineers"
USER = "arn:aws:iam::111122223333:user/ann"


class TestAccess:
    def test_with_default_configuration(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """An administrator has an access entry and the administrator policy for the whole cluster."""
        Access(stack, "access", AccessProps(control_plane=control_plane, administrators=[ROLE]))
        entry = stack.resource("aws_eks_access_entry.role_platform_engineers")
        assert entry["principal_arn"] == ROLE
        assert entry["cluster_name"] == "${aws_eks_cluster.cluster.id}"
        association = stack.resource("aws_eks_access_policy_association.role_platform_engineers")
        assert association["policy_arn"] == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        assert association["access_scope"] == {"type": "cluster"}

    def test_policy_follows_the_entry(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """The association refers to the entry: without it EKS refuses the policy."""
        Access(stack, "access", AccessProps(control_plane=control_plane, administrators=[ROLE]))
        association = stack.resource("aws_eks_access_policy_association.role_platform_engineers")
        assert association["principal_arn"] == "${aws_eks_access_entry.role_platform_engineers.principal_arn}"

    def test_with_custom_configuration(self, stack: TrialStack, control_plane: ControlPlane) -> None:
        """Each administrator gets in, and nobody else."""
        Access(stack, "access", AccessProps(control_plane=control_plane, administrators=[ROLE, USER]))
        entries = stack.synthesized().resources("aws_eks_access_entry")
        assert {entry["principal_arn"] for entry in entries.values()} == {ROLE, USER}
        assert stack.names_of("aws_eks_access_policy_association") == set(entries)

    def test_in_another_partition(self) -> None:
        """In GovCloud the policy is GovCloud's."""
        stack = TrialStack(region="us-gov-west-1")
        plane = default_control_plane(stack)
        Access(stack, "access", AccessProps(control_plane=plane, administrators=[ROLE]))
        association = stack.resource("aws_eks_access_policy_association.role_platform_engineers")
        assert association["policy_arn"].startswith("arn:aws-us-gov:eks::aws:")
