"""EKS access entries and the access policies associated with them."""

import re
import uuid

from tests.emulator.services.eks.catalog import ACCESS_POLICIES
from tests.emulator.services.eks.state import (
    Cluster,
    Description,
    EksRegion,
    Parameters,
    in_use,
    invalid,
    invalid_request,
    not_found,
    now,
    operation,
)
from tests.emulator.services.references import require_principal

_PRINCIPAL = re.compile(r"arn:[^:]+:iam::(?P<account>\d{12}):(?P<kind>role|user)/(?P<path>.+)$")
_STANDARD_TYPES = ("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX")


def put_access_entry(
    region: EksRegion,
    cluster: Cluster,
    principal: str,
    *,
    kind: str,
    groups: list[str],
    user: str | None = None,
    tags: dict[str, str] | None = None,
) -> Description:
    """Returns the entry of a principal, made where there is none."""
    if principal in cluster.access_entries:
        return cluster.access_entries[principal]
    parts = _PRINCIPAL.match(principal)
    if not parts:
        invalid(f"The principalArn parameter format is not valid: {principal}")
    if not user and parts["kind"] == "role":
        user = principal.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/{{SessionName}}"
    created = now()
    cluster.access_entries[principal] = {
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": groups,
        "accessEntryArn": region.arn(
            "access-entry", cluster.name, parts["kind"], parts["account"], parts["path"], str(uuid.uuid4())
        ),
        "createdAt": created,
        "modifiedAt": created,
        "tags": dict(tags or {}),
        "username": user or principal,
        "type": kind,
    }
    cluster.access_policies[principal] = {}
    return cluster.access_entries[principal]


def _entry(cluster: Cluster, parameters: Parameters) -> Description:
    principal = parameters["principalArn"]
    if principal not in cluster.access_entries:
        not_found(f"The specified principalArn could not be found: {principal}", clusterName=cluster.name)
    return cluster.access_entries[principal]


@operation("CreateAccessEntry")
def create_access_entry(region: EksRegion, parameters: Parameters) -> Description:
    """Gives an existing IAM role or user of this account, or any of another, an entry."""
    cluster, principal = region.cluster(parameters), parameters["principalArn"]
    if cluster.description["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        invalid_request(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] "
            "to perform this operation."
        )
    if not _PRINCIPAL.match(principal):
        invalid(f"The principalArn parameter format is not valid: {principal}")
    require_principal(region.account_id, principal, invalid)
    if principal in cluster.access_entries:
        in_use("The specified access entry resource is already in use on this cluster.", clusterName=cluster.name)
    kind, groups = parameters.get("type") or "STANDARD", list(parameters.get("kubernetesGroups") or [])
    if kind not in _STANDARD_TYPES:
        invalid(f"The type parameter is not valid: {kind}")
    if any(group.startswith(("system:", "eks:")) for group in groups):
        invalid("The kubernetes group name is invalid, it cannot start with system: or eks:")
    return {
        "accessEntry": put_access_entry(
            region,
            cluster,
            principal,
            kind=kind,
            groups=groups,
            user=parameters.get("username"),
            tags=parameters.get("tags"),
        )
    }


@operation("DescribeAccessEntry")
def describe_access_entry(region: EksRegion, parameters: Parameters) -> Description:
    """Describes an access entry."""
    return {"accessEntry": _entry(region.cluster(parameters), parameters)}


@operation("ListAccessEntries")
def list_access_entries(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the principals that have an entry, on one page."""
    return {"accessEntries": sorted(region.cluster(parameters).access_entries)}


@operation("UpdateAccessEntry")
def update_access_entry(region: EksRegion, parameters: Parameters) -> Description:
    """Changes groups and user name."""
    entry = _entry(region.cluster(parameters), parameters)
    if parameters.get("kubernetesGroups") is not None:
        entry["kubernetesGroups"] = parameters["kubernetesGroups"]
    entry["username"] = parameters.get("username") or entry["username"]
    entry["modifiedAt"] = now()
    return {"accessEntry": entry}


@operation("DeleteAccessEntry")
def delete_access_entry(region: EksRegion, parameters: Parameters) -> Description:
    """Deletes an entry and its policy associations."""
    cluster = region.cluster(parameters)
    principal = _entry(cluster, parameters)["principalArn"]
    del cluster.access_entries[principal]
    del cluster.access_policies[principal]
    return {}


@operation("ListAccessPolicies")
def list_access_policies(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the access policies that EKS offers."""
    del parameters
    return {"accessPolicies": [{"name": name, "arn": _policy_arn(region, name)} for name in ACCESS_POLICIES]}


def _policy_arn(region: EksRegion, name: str) -> str:
    return f"arn:{region.partition}:eks::aws:cluster-access-policy/{name}"


@operation("AssociateAccessPolicy")
def associate_access_policy(region: EksRegion, parameters: Parameters) -> Description:
    """Associates a policy with an entry, or changes the scope of the association."""
    cluster = region.cluster(parameters)
    principal, policy = _entry(cluster, parameters)["principalArn"], parameters["policyArn"]
    if policy not in {_policy_arn(region, name) for name in ACCESS_POLICIES}:
        invalid(f"The policyArn parameter format is not valid: {policy}")
    if cluster.access_entries[principal]["type"] != "STANDARD":
        invalid_request("Access policies can only be associated with access entries of type STANDARD")
    scope = parameters["accessScope"]
    if (scope["type"] == "namespace") != bool(scope.get("namespaces")):
        invalid("Namespaces are given with the scope type namespace, and only with it")
    associated = now()
    association = {
        "policyArn": policy,
        "accessScope": {"namespaces": [], **scope},
        "associatedAt": associated,
        "modifiedAt": associated,
    }
    cluster.access_policies[principal][policy] = association
    return {"clusterName": cluster.name, "principalArn": principal, "associatedAccessPolicy": association}


@operation("ListAssociatedAccessPolicies")
def list_associated_access_policies(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the policies of an entry, on one page."""
    cluster = region.cluster(parameters)
    principal = _entry(cluster, parameters)["principalArn"]
    policies = list(cluster.access_policies[principal].values())
    return {"clusterName": cluster.name, "principalArn": principal, "associatedAccessPolicies": policies}


@operation("DisassociateAccessPolicy")
def disassociate_access_policy(region: EksRegion, parameters: Parameters) -> Description:
    """Takes a policy from an entry."""
    cluster = region.cluster(parameters)
    principal = _entry(cluster, parameters)["principalArn"]
    if not cluster.access_policies[principal].pop(parameters["policyArn"], None):
        not_found(f"{parameters['policyArn']} is not associated with {principal}", clusterName=cluster.name)
    return {}
