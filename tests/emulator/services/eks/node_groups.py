"""EKS managed node groups."""

import re
import uuid
from typing import Any

from tests.emulator.services.eks.access_entries import put_access_entry
from tests.emulator.services.eks.catalog import minors_between, node_release
from tests.emulator.services.eks.clusters import ec2_of
from tests.emulator.services.eks.state import (
    Cluster,
    Description,
    EksRegion,
    Parameters,
    in_use,
    invalid,
    not_found,
    now,
    operation,
    record_update,
)
from tests.emulator.services.references import require_trust

_ARM_FAMILY = re.compile(r"^(a1|[a-z]+\d+g[a-z]*)\.")
_FORBIDDEN_IN_TEMPLATE = {  # https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    "IamInstanceProfile": "an instance profile",
    "InstanceMarketOptions": "market options",
    "HibernationOptions": "hibernation options",
}


@operation("CreateNodegroup")
def create_node_group(region: EksRegion, parameters: Parameters) -> Description:
    """Makes a node group; it is active at once, or has failed where its nodes could not become ready."""
    cluster, name = region.cluster(parameters), parameters["nodegroupName"]
    if name in cluster.node_groups:
        in_use(
            f"NodeGroup already exists with name {name} and cluster name {cluster.name}",
            clusterName=cluster.name,
            nodegroupName=name,
        )
    ec2 = ec2_of(region)
    for subnet_id in parameters["subnets"]:
        ec2.get_subnet(subnet_id)
    require_trust(region.account_id, parameters["nodeRole"], "ec2.amazonaws.com", invalid)
    version = parameters.get("version") or cluster.version
    if version != cluster.version:
        invalid(f"Nodegroup version {version} does not match the cluster version {cluster.version}")
    template = _launch_template(region, parameters)
    group_id = str(uuid.uuid4())
    created = now()
    group: Description = {
        "nodegroupName": name,
        "nodegroupArn": region.arn("nodegroup", cluster.name, name, group_id),
        "clusterName": cluster.name,
        "version": version,
        "releaseVersion": parameters.get("releaseVersion") or node_release(version),
        "createdAt": created,
        "modifiedAt": created,
        "status": "ACTIVE",
        "health": {"issues": []},
        "capacityType": parameters.get("capacityType") or "ON_DEMAND",
        "scalingConfig": _scaling(parameters.get("scalingConfig") or {"minSize": 1, "maxSize": 2, "desiredSize": 2}),
        "amiType": _ami_type(parameters, template),
        "nodeRole": parameters["nodeRole"],
        "subnets": parameters["subnets"],
        "labels": dict(parameters.get("labels") or {}),
        "taints": list(parameters.get("taints") or []),
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{group_id}"}]},
        "updateConfig": parameters.get("updateConfig") or {"maxUnavailable": 1},
        "nodeRepairConfig": parameters.get("nodeRepairConfig") or {"enabled": False},
        "tags": dict(parameters.get("tags") or {}),
    }
    if template:
        group["launchTemplate"] = template
    else:
        group["diskSize"] = parameters.get("diskSize") or 20
    if types := parameters.get("instanceTypes") or (None if template else ["t3.medium"]):
        group["instanceTypes"] = types
    _fail_unready_nodes(cluster, group)
    cluster.node_groups[name] = group
    if cluster.description["accessConfig"]["authenticationMode"] != "CONFIG_MAP":
        # EKS gives the node role of a cluster with access entries its entry by itself
        put_access_entry(
            region,
            cluster,
            group["nodeRole"],
            kind="EC2_LINUX",
            groups=["system:nodes"],
            user="system:node:{{EC2PrivateDNSName}}",
        )
    return {"nodegroup": group}


def _scaling(config: Description) -> Description:
    if not config["minSize"] <= config["desiredSize"] <= config["maxSize"] or config["maxSize"] < 1:
        invalid(f"Minimum, desired and maximum capacity are out of order: {config}")
    return dict(config)


def _launch_template(region: EksRegion, parameters: Parameters) -> Description | None:
    """Returns id, name and version of the launch template; refuses what a managed node group's may not contain."""
    asked = parameters.get("launchTemplate")
    if not asked:
        return None
    ec2 = ec2_of(region)
    by_name = "name" in asked and "id" not in asked
    template = ec2.get_launch_template_by_name(asked["name"]) if by_name else ec2.get_launch_template(asked["id"])
    version = template.get_version(asked.get("version") or "$Default")
    data: dict[str, Any] = version.data
    for key, what in _FORBIDDEN_IN_TEMPLATE.items():
        if key in data:
            invalid(f"Launch template {template.name} must not specify {what}")
    if any("SubnetId" in interface for interface in data.get("NetworkInterfaces", [])):
        invalid(f"Launch template {template.name} must not specify a subnet in its network interfaces")
    if parameters.get("instanceTypes") and data.get("InstanceType"):
        invalid("Instance types can be specified in the node group or in the launch template, not in both")
    if parameters.get("diskSize"):
        invalid("Disk size must be specified within the launch template.")
    if parameters.get("remoteAccess"):
        invalid("Remote access configuration cannot be specified with a launch template.")
    return {"id": template.id, "name": template.name, "version": str(version.number)}


def _ami_type(parameters: Parameters, template: Description | None) -> str:
    """Returns the AMI type; refuses one of another architecture than the instance types'."""
    types = parameters.get("instanceTypes") or []
    architectures = {"ARM" if _ARM_FAMILY.match(kind) else "x86" for kind in types}
    if len(architectures) > 1:
        invalid(f"Instance types {types} are of different architectures")
    arm = architectures == {"ARM"}
    asked = parameters.get("amiType")
    if not asked:
        return "AL2023_ARM_64_STANDARD" if arm else "AL2023_x86_64_STANDARD"
    if types and asked != "CUSTOM" and arm != ("ARM_64" in asked):
        invalid(f"{types} is not a valid instance type for requested amiType {asked}")
    if asked.startswith("AL2_"):
        invalid(f"AMI Type {asked} is not supported any more")
    if asked == "CUSTOM" and not template:
        invalid("A custom AMI needs a launch template")
    return str(asked)


def _fail_unready_nodes(cluster: Cluster, group: Description) -> None:
    """Marks a group as failed whose nodes would never be ready; EKS finds out after half an hour.

    Without networking no node becomes ready, and a vpc-cni that has its role by pod identity needs the agent.
    """
    if cluster.bootstrap_addons:
        return
    needed = {"vpc-cni", "kube-proxy"}
    if cluster.addons.get("vpc-cni", {}).get("podIdentityAssociations"):
        needed.add("eks-pod-identity-agent")
    if missing := sorted(needed - set(cluster.addons)):
        group["status"] = "CREATE_FAILED"
        message = f"Unhealthy nodes in the kubernetes cluster (add-ons missing: {', '.join(missing)})"
        group["health"] = {"issues": [{"code": "NodeCreationFailure", "message": message, "resourceIds": []}]}


def _node_group(cluster: Cluster, parameters: Parameters) -> Description:
    name = parameters["nodegroupName"]
    if name not in cluster.node_groups:
        not_found(f"No node group found for name: {name}.", clusterName=cluster.name, nodegroupName=name)
    return cluster.node_groups[name]


@operation("DescribeNodegroup")
def describe_node_group(region: EksRegion, parameters: Parameters) -> Description:
    """Describes a node group."""
    return {"nodegroup": _node_group(region.cluster(parameters), parameters)}


@operation("ListNodegroups")
def list_node_groups(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the names of a cluster's node groups, on one page."""
    return {"nodegroups": sorted(region.cluster(parameters).node_groups)}


@operation("DeleteNodegroup")
def delete_node_group(region: EksRegion, parameters: Parameters) -> Description:
    """Deletes a node group."""
    cluster = region.cluster(parameters)
    group = cluster.node_groups.pop(_node_group(cluster, parameters)["nodegroupName"])
    return {"nodegroup": {**group, "status": "DELETING"}}


@operation("UpdateNodegroupConfig")
def update_node_group_config(region: EksRegion, parameters: Parameters) -> Description:
    """Changes labels, taints, size, update and repair settings in place."""
    cluster = region.cluster(parameters)
    group = _node_group(cluster, parameters)
    if labels := parameters.get("labels"):
        group["labels"].update(labels.get("addOrUpdateLabels") or {})
        for key in labels.get("removeLabels") or []:
            group["labels"].pop(key, None)
    if taints := parameters.get("taints"):
        changed = [*(taints.get("addOrUpdateTaints") or []), *(taints.get("removeTaints") or [])]
        touched = {(taint["key"], taint["effect"]) for taint in changed}
        kept = [taint for taint in group["taints"] if (taint["key"], taint["effect"]) not in touched]
        group["taints"] = kept + list(taints.get("addOrUpdateTaints") or [])
    if scaling := parameters.get("scalingConfig"):
        group["scalingConfig"] = _scaling({**group["scalingConfig"], **scaling})
    for setting in ("updateConfig", "nodeRepairConfig"):
        if parameters.get(setting):
            group[setting] = parameters[setting]
    group["modifiedAt"] = now()
    return record_update(cluster, "ConfigUpdate", {}, group=group["nodegroupName"])


@operation("UpdateNodegroupVersion")
def update_node_group_version(region: EksRegion, parameters: Parameters) -> Description:
    """Rolls the nodes to another Kubernetes version, AMI release or launch template version."""
    cluster = region.cluster(parameters)
    group = _node_group(cluster, parameters)
    version = parameters.get("version") or (cluster.version if "launchTemplate" not in parameters else group["version"])
    back = cluster.rolls_back_to(version)
    if minors_between(version, cluster.version) < 0 or (minors_between(group["version"], version) < 0 and not back):
        invalid(f"Nodegroup Kubernetes version {version} must be between {group['version']} and {cluster.version}")
    if parameters.get("launchTemplate"):
        template = _launch_template(region, {"launchTemplate": parameters["launchTemplate"]})
        if not template or template["id"] != group.get("launchTemplate", {}).get("id"):
            invalid("You cannot change the launch template of a nodegroup, only its version")
        group["launchTemplate"] = template
    if version != group["version"]:
        group.update(version=version, releaseVersion=node_release(version))
    group["releaseVersion"] = parameters.get("releaseVersion") or group["releaseVersion"]
    group["modifiedAt"] = now()
    changed = {"Version": version, "ReleaseVersion": group["releaseVersion"]}
    return record_update(cluster, "VersionUpdate", changed, group=group["nodegroupName"])
