"""EKS add-ons."""

import json
import uuid

from tests.emulator.services.eks.catalog import ADDON_NAMES, ADDONS, DEPLOYED_ADDONS, KUBERNETES_VERSIONS
from tests.emulator.services.eks.pod_identity import put_association, remove_association
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

_NAMESPACE = "kube-system"


@operation("DescribeAddonVersions")
def describe_addon_versions(region: EksRegion, parameters: Parameters) -> Description:
    """Describes the versions on offer, newest first, with the Kubernetes versions that each is compatible with."""
    del region
    asked_name, asked_kubernetes = parameters.get("addonName"), parameters.get("kubernetesVersion")
    if asked_name and asked_name not in ADDON_NAMES:
        invalid(f"Addon {asked_name} specified is not supported")
    kubernetes_versions = [version for version in KUBERNETES_VERSIONS if asked_kubernetes in (None, version)]
    return {
        "addons": [
            {
                "addonName": name,
                "type": "infra-management",
                "publisher": "eks",
                "owner": "aws",
                "defaultNamespace": _NAMESPACE,
                "addonVersions": _versions(name, kubernetes_versions),
            }
            for name in ADDON_NAMES
            if asked_name in (None, name)
        ]
    }


def _versions(name: str, kubernetes_versions: list[str]) -> list[Description]:
    compatibilities: dict[str, list[Description]] = {}
    for kubernetes in reversed(kubernetes_versions):
        offered = ADDONS[kubernetes][name]
        for version in offered.versions:
            entry = {
                "clusterVersion": kubernetes,
                "platformVersions": ["*"],
                "defaultVersion": version == offered.default,
            }
            compatibilities.setdefault(version, []).append(entry)
    return [
        {
            "addonVersion": version,
            "architecture": ["amd64", "arm64"],
            "computeTypes": ["ec2"],
            "compatibilities": compatible,
            "requiresConfiguration": False,
            "requiresIamPermissions": name in ("aws-ebs-csi-driver", "aws-efs-csi-driver", "vpc-cni"),
        }
        for version, compatible in compatibilities.items()
    ]


@operation("DescribeAddonConfiguration")
def describe_addon_configuration(region: EksRegion, parameters: Parameters) -> Description:
    """Answers a schema that allows everything."""
    del region
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}
    return {
        "addonName": parameters["addonName"],
        "addonVersion": parameters["addonVersion"],
        "configurationSchema": json.dumps(schema),
    }


@operation("CreateAddon")
def create_addon(region: EksRegion, parameters: Parameters) -> Description:
    """Installs an add-on; it is active at once, or has failed where its pods find no node."""
    cluster, name = region.cluster(parameters), parameters["addonName"]
    if name in cluster.addons:
        in_use("Addon already exists.", clusterName=cluster.name, addonName=name)
    version = _version(cluster, name, parameters.get("addonVersion"))
    _check_configuration(name, parameters.get("configurationValues"))
    created = now()
    addon: Description = {
        "addonName": name,
        "clusterName": cluster.name,
        "addonArn": region.arn("addon", cluster.name, name, str(uuid.uuid4())),
        "addonVersion": version,
        "status": "ACTIVE",
        "health": {"issues": []},
        "createdAt": created,
        "modifiedAt": created,
        "owner": "aws",
        "publisher": "eks",
        "podIdentityAssociations": [],
        "tags": dict(parameters.get("tags") or {}),
    }
    for setting in ("serviceAccountRoleArn", "configurationValues"):
        if parameters.get(setting):
            addon[setting] = parameters[setting]
    _associate(region, cluster, addon, parameters.get("podIdentityAssociations") or [])
    if name in DEPLOYED_ADDONS and not cluster.node_groups:
        # EKS leaves it DEGRADED and Terraform waits 20 minutes for what cannot come: say so at once
        addon["status"] = "CREATE_FAILED"
        message = "The add-on is unhealthy because it doesn't have the desired number of replicas: there are no nodes."
        addon["health"] = {"issues": [{"code": "InsufficientNumberOfReplicas", "message": message, "resourceIds": []}]}
    cluster.addons[name] = addon
    return {"addon": addon}


def _version(cluster: Cluster, name: str, asked: str | None) -> str:
    """Returns the version to install: the asked one where it is on offer, else the default."""
    if name not in ADDON_NAMES:
        invalid(f"Addon {name} specified is not supported in {cluster.version} kubernetes version")
    offered = ADDONS[cluster.version][name]
    if asked and asked not in offered.versions:
        invalid(f"Addon version specified is not supported: {name} {asked} on Kubernetes {cluster.version}")
    return asked or offered.default


def _check_configuration(name: str, text: str | None) -> None:
    """Refuses what is no JSON object, and the network policy switch as a boolean: the schema wants a string."""
    if not text:
        return
    try:
        values = json.loads(text)
    except ValueError:
        invalid("ConfigurationValue is not in valid JSON or YAML format")
    if not isinstance(values, dict):
        invalid("ConfigurationValue provided in request is not supported: it must be an object")
    if name == "vpc-cni" and values.get("enableNetworkPolicy", "true") not in ("true", "false"):
        invalid(
            "ConfigurationValue provided in request is not supported: Json schema validation failed with error: "
            "[$.enableNetworkPolicy: boolean found, string expected]"
        )


def _associate(region: EksRegion, cluster: Cluster, addon: Description, asked: list[Description]) -> None:
    """Makes the pod identity associations of an add-on exactly the asked ones."""
    for arn in addon["podIdentityAssociations"]:
        remove_association(cluster, arn)
    addon["podIdentityAssociations"] = [
        put_association(
            region, cluster, _NAMESPACE, wanted["serviceAccount"], wanted["roleArn"], owner=addon["addonArn"]
        )["associationArn"]
        for wanted in asked
    ]


def _addon(cluster: Cluster, parameters: Parameters) -> Description:
    name = parameters["addonName"]
    if name not in cluster.addons:
        not_found(f"No addon: {name} found in cluster: {cluster.name}", clusterName=cluster.name, addonName=name)
    return cluster.addons[name]


@operation("DescribeAddon")
def describe_addon(region: EksRegion, parameters: Parameters) -> Description:
    """Describes an add-on."""
    return {"addon": _addon(region.cluster(parameters), parameters)}


@operation("ListAddons")
def list_addons(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the names of a cluster's add-ons, on one page."""
    return {"addons": sorted(region.cluster(parameters).addons)}


@operation("UpdateAddon")
def update_addon(region: EksRegion, parameters: Parameters) -> Description:
    """Changes version, configuration and roles."""
    cluster = region.cluster(parameters)
    addon = _addon(cluster, parameters)
    if asked := parameters.get("addonVersion"):
        addon["addonVersion"] = _version(cluster, addon["addonName"], asked)
    _check_configuration(addon["addonName"], parameters.get("configurationValues"))
    for setting in ("configurationValues", "serviceAccountRoleArn"):
        if parameters.get(setting) is not None:
            addon[setting] = parameters[setting]
    if parameters.get("podIdentityAssociations") is not None:
        _associate(region, cluster, addon, parameters["podIdentityAssociations"])
    addon["modifiedAt"] = now()
    return record_update(cluster, "AddonUpdate", {"AddonVersion": addon["addonVersion"]})


@operation("DeleteAddon")
def delete_addon(region: EksRegion, parameters: Parameters) -> Description:
    """Removes an add-on and its pod identity associations."""
    cluster = region.cluster(parameters)
    addon = _addon(cluster, parameters)
    for arn in addon["podIdentityAssociations"]:
        remove_association(cluster, arn)
    del cluster.addons[addon["addonName"]]
    return {"addon": {**addon, "status": "DELETING"}}
