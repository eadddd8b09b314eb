"""IAM: roles and their policies. The tagging API knows no roles: they are listed by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from constructs.delivery.reach import KARPENTER, POOL_ROLES, ROLES

from ops.unrecorded.account import Account, tag_mapping
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found


def tagged(account: Account, roles: Iterable[str] = ()) -> Iterator[Found]:
    """The roles that carry the stack's tags, among those of the names that the project has ever given its environments.

    `roles` are names to look for instead. No other one's tags are asked for: those of roles of an environment whose
    name begins alike may be denied.
    """
    names = set(roles) or {account.labels.names.of(role) for role in (*ROLES, *POOL_ROLES, KARPENTER)}
    of_sets = () if roles else (account.labels.names.worker_role(""), account.labels.names.pod_role(""))
    for role in account.list("iam", "list_roles", "Roles"):
        name = role["RoleName"]
        if name not in names and not name.startswith(of_sets):
            continue
        tags = tag_mapping(list(account.list("iam", "list_role_tags", "Tags", RoleName=name)))
        if address := account.address("aws_iam_role", tags):
            yield Found(address, name, f"role {name} carries the tag Address")


def named(account: Account, declared: Declared) -> Iterator[Found]:
    """Declared instance profiles that exist and carry the stack's tags. Where none is declared nothing is asked."""
    for address, declared_profile in declared.each("aws_iam_instance_profile"):
        name, iam = declared_profile["name"], account.client("iam")
        try:
            profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        except iam.exceptions.NoSuchEntityException:
            continue
        if account.address("aws_iam_instance_profile", tag_mapping(profile.get("Tags"))) == address:
            yield Found(address, name, f"instance profile {name} carries the tag Address")


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """Inline policies and attachments of the stack's roles."""
    roles = {role for address, _ in declared.each("aws_iam_role") for role in declared.objects.get(address, ())}
    inline = {role: set(account.list("iam", "list_role_policies", "PolicyNames", RoleName=role)) for role in roles}
    attached = {
        role: {
            policy["PolicyArn"]
            for policy in account.list("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role)
        }
        for role in roles
    }
    for address, policy in declared.each("aws_iam_role_policy"):
        for role in declared.values(policy["role"]):
            if policy["name"] in inline.get(role, ()):
                yield Found(address, f"{role}:{policy['name']}", f"role {role} has the inline policy {policy['name']}")
    for address, attachment in declared.each("aws_iam_role_policy_attachment"):
        arn = attachment["policy_arn"]
        for role in declared.values(attachment["role"]):
            if arn in attached.get(role, ()):
                yield Found(address, f"{role}/{arn}", f"{arn.rpartition('/')[2]} is attached to role {role}")
