"""Who may do what: roles and their policies, entries to the cluster, the roles of pods."""

from __future__ import annotations

from collections.abc import Iterator

from ops.dangers.policies import widened_policy
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule, changed, exchanged, given_up, gone, put_on, raised
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action

#: Policies of AWS's own that allow so much that their name should not be all that is said.
_ALLOWS = {
    "AdministratorAccess": "everything in the account",
    "PowerUserAccess": "everything in the account but identities",
    "IAMFullAccess": "to give anybody any right",
    "AmazonEKSClusterAdminPolicy": "everything in the cluster, secrets among it",
    "AmazonEKSAdminPolicy": "nearly everything in the cluster, secrets among it",
    "AmazonEKSAdminViewPolicy": "to read everything in the cluster, secrets among it",
    "AmazonEKSEditPolicy": "to change what runs in the cluster and to read secrets",
    "AmazonEKSViewPolicy": "to read what runs in the cluster",
}


def allows(policy_arn: object) -> str:
    """What a managed policy allows, in words; of one that the account has made nobody knows here."""
    name = str(policy_arn).rpartition("/")[2]
    if name in _ALLOWS:
        return _ALLOWS[name]
    if "::aws:policy/" not in str(policy_arn):
        return "what its document says, which is not part of this plan: read it in IAM"
    service = name.removesuffix("FullAccess").removesuffix("ReadOnlyAccess").removesuffix("_")
    if name.endswith("FullAccess"):
        return f"everything in {service}"
    if name.endswith("ReadOnlyAccess"):
        return f"to read everything in {service}" if service else "to read everything in the account"
    return "what AWS describes under that name"


#: What AWS describes for the services that run an environment: policy -> how the name of the one role ends that has it.
_USUAL = {
    "AmazonEKSClusterPolicy": "-cluster",
    "AmazonEKSWorkerNodePolicy": "-node",
    "AmazonEC2ContainerRegistryPullOnly": "-node",
    "AmazonEKS_CNI_Policy": "-vpc-cni",
    "AmazonEBSCSIDriverPolicy": "-aws-ebs-csi-driver",
    "AmazonRDSEnhancedMonitoringRole": "-database-monitoring",
}


def _usual(policy: object, role: object) -> bool:
    ending = _USUAL.get(str(policy).rpartition("/")[2])
    return ending is not None and "::aws:policy/" in str(policy) and str(role).endswith(ending)


def _attachment(change: ResourceChange) -> Iterator[Danger]:
    policy, role = change.becomes("policy_arn"), change.becomes("role")
    if policy and not _usual(policy, role) and (policy, role) != (change.was("policy_arn"), change.was("role")):
        said = f"role {role} gets a policy that allows {allows(policy)}"
        yield danger(Kind.OPENS, said, change.was("policy_arn"), policy)
    if change.action is Action.DESTROY:
        said = f"role {change.was('role')} may do less"
        yield danger(Kind.INTERRUPTS, said, change.was("policy_arn"), "")


def _entry_policy(change: ResourceChange) -> Iterator[Danger]:
    policy, who = change.becomes("policy_arn"), change.becomes("principal_arn")
    scope, before = _scope(change.after), _scope(change.before)
    if policy and (policy, who, scope) != (change.was("policy_arn"), change.was("principal_arn"), before):
        said = f"{who} may do in the cluster: {allows(policy)}"
        old = f"{change.was('policy_arn')} in {before}" if change.before else ""
        yield danger(Kind.OPENS, said, old, f"{policy} in {scope}")
    if change.action is Action.DESTROY:
        said = f"{change.was('principal_arn')} may do less in the cluster"
        yield danger(Kind.INTERRUPTS, said, change.was("policy_arn"), "")


def _scope(association: object) -> str:
    scope = association.get("access_scope") if isinstance(association, dict) else None
    first = scope[0] if isinstance(scope, list) and scope else scope
    if not isinstance(first, dict) or first.get("type") != "namespace":
        return "the whole cluster"
    return f"namespaces {', '.join(first.get('namespaces') or ())}"


def _entry(change: ResourceChange) -> Iterator[Danger]:
    principal, was = change.becomes("principal_arn"), change.was("principal_arn")
    if principal != was and principal:
        yield danger(Kind.OPENS, "somebody is let into the cluster", was, principal)
    if change.action is Action.DESTROY:
        yield danger(Kind.INTERRUPTS, "somebody is let into the cluster no more", was, "")


def _pod_role(change: ResourceChange) -> Iterator[Danger]:
    keys = ("namespace", "service_account", "role_arn")
    before, after = ([side.get(key) for key in keys] for side in (change.before, change.after))
    # With a role that is new itself comes a new part of the program: what it may do is said of the role.
    new_role = change.action is Action.ADD and str(after[2]).startswith("${aws_iam_role.")
    if change.after and before != after and not new_role:
        said = f"pods with service account {after[0]}/{after[1]} get the rights of a role"
        yield danger(Kind.OPENS, said, before[2], after[2])
    if change.action is Action.DESTROY:
        said = f"pods with service account {before[0]}/{before[1]} lose the rights of their role"
        yield danger(Kind.INTERRUPTS, said, before[2], "")


IDENTITY: dict[str, tuple[Rule, ...]] = {
    "aws_iam_role": (
        # A new role is trusted by its service; what it may do is said where it gets its policies.
        widened_policy(
            "assume_role_policy", "the policy of who may take the role", trusted=("Service:*.amazonaws.com",)
        ),
        given_up("permissions_boundary", "the role is held by no boundary any more", Kind.OPENS),
        exchanged("permissions_boundary", "another boundary holds the role", Kind.OPENS),
        raised("max_session_duration", "the role can be held longer", Kind.OPENS),
        gone("what acts as it may do nothing meanwhile", Kind.INTERRUPTS),
    ),
    "aws_iam_role_policy": (
        widened_policy("policy", "the role's policy"),
        gone("what acts as the role may do less", Kind.INTERRUPTS, actions=(Action.DESTROY,)),
    ),
    "aws_iam_policy": (
        widened_policy("policy", "the policy"),
        gone("what acts by it may do less", Kind.INTERRUPTS, actions=(Action.DESTROY,)),
    ),
    "aws_iam_role_policy_attachment": (_attachment,),
    "aws_iam_openid_connect_provider": (
        put_on("client_id_list", "tokens for more audiences are taken", Kind.OPENS),
        gone("workflows can take no role", Kind.INTERRUPTS),
    ),
    "aws_eks_access_entry": (
        _entry,
        put_on("kubernetes_groups", "it belongs to more groups of Kubernetes", Kind.OPENS, created=True),
        changed("type", "it is let in as another kind", Kind.OPENS),
    ),
    "aws_eks_access_policy_association": (_entry_policy,),
    "aws_eks_pod_identity_association": (_pod_role,),
}
