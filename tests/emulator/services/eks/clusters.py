"""EKS clusters, their updates and versions."""

import base64
import contextlib
import ipaddress
import secrets
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import ec2_backends

from tests.emulator.options import Options
from tests.emulator.services.eks.catalog import (
    END_OF_STANDARD_SUPPORT,
    KUBERNETES_VERSIONS,
    in_standard_support,
    is_supported,
    minors_between,
)
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
    record_update,
)
from tests.emulator.services.log_groups import ensure_log_group
from tests.emulator.services.references import require_key, require_trust

LOG_TYPES = frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"})
_OLDEST_NODES_BEHIND = 3  # https://kubernetes.io/releases/version-skew-policy/
_SERVICE_RANGES = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))

_options = Options()


def configure(options: Options) -> None:
    """Sets the endpoint and the certificate authority that clusters report."""
    global _options  # noqa: PLW0603 - the operations are called by moto's router, which passes no state of ours
    _options = options


def ec2_of(region: EksRegion) -> Any:
    """Returns moto's EC2 of the same account and region."""
    return ec2_backends[region.account_id][region.region]


@operation("CreateCluster")
def create_cluster(region: EksRegion, parameters: Parameters) -> Description:
    """Makes a cluster that is active at once, with the security group that EKS makes for it."""
    name, version = parameters["name"], parameters.get("version") or KUBERNETES_VERSIONS[-1]
    if name in region.clusters:
        in_use(f"Cluster already exists with name: {name}", clusterName=name)
    if not is_supported(version):
        invalid(f"unsupported Kubernetes version {version}")
    upgrade_policy = parameters.get("upgradePolicy") or {"supportType": "EXTENDED"}
    if upgrade_policy["supportType"] == "STANDARD" and not in_standard_support(version):
        invalid(f"Kubernetes version {version} is in extended support and supportType is STANDARD")
    require_trust(region.account_id, parameters["roleArn"], "eks.amazonaws.com", invalid)
    for encryption in parameters.get("encryptionConfig") or []:
        require_key(region.account_id, region.region, encryption["provider"]["keyArn"], invalid)
    network = _network_config(region, parameters)
    access = parameters.get("accessConfig") or {}
    description = {
        "name": name,
        "arn": region.arn("cluster", name),
        "createdAt": now(),
        "version": version,
        "platformVersion": "eks.9",
        "status": "ACTIVE",
        "health": {"issues": []},
        "endpoint": _options.eks_endpoint
        or f"https://{secrets.token_hex(16).upper()}.gr7.{region.region}.eks.amazonaws.com",
        "certificateAuthority": {"data": base64.b64encode(_certificate_authority()).decode()},
        "identity": {
            "oidc": {"issuer": f"https://oidc.eks.{region.region}.amazonaws.com/id/{secrets.token_hex(16).upper()}"}
        },
        "roleArn": parameters["roleArn"],
        "resourcesVpcConfig": _vpc_config(region, name, parameters["resourcesVpcConfig"]),
        "kubernetesNetworkConfig": network,
        "logging": _logging(_enabled_logs(parameters.get("logging") or {}, frozenset())),
        "accessConfig": {
            "authenticationMode": access.get("authenticationMode", "CONFIG_MAP"),
            "bootstrapClusterCreatorAdminPermissions": access.get("bootstrapClusterCreatorAdminPermissions", True),
        },
        "upgradePolicy": upgrade_policy,
        "encryptionConfig": parameters.get("encryptionConfig") or [],
        "tags": dict(parameters.get("tags") or {}),
    }
    if zonal_shift := parameters.get("zonalShiftConfig"):
        description["zonalShiftConfig"] = zonal_shift
    bootstrap = parameters.get("bootstrapSelfManagedAddons")
    region.clusters[name] = Cluster(description, bootstrap_addons=bootstrap is not False)
    _write_logs(region, region.clusters[name])
    return {"cluster": description}


def _certificate_authority() -> bytes:
    return _options.eks_ca_file.read_bytes() if _options.eks_ca_file else b"-----BEGIN CERTIFICATE-----\n"


def _vpc_config(region: EksRegion, name: str, asked: Description) -> Description:
    """Returns the checked network of a new cluster, with its cluster security group made."""
    ec2 = ec2_of(region)
    subnets = [ec2.get_subnet(subnet_id) for subnet_id in asked["subnetIds"]]
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        invalid("Subnets specified must be in at least two different AZs")
    config = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "securityGroupIds": [],
        **asked,
        "vpcId": subnets[0].vpc_id,
    }
    _check_endpoints(config)
    if not config.get("publicAccessCidrs"):
        config["publicAccessCidrs"] = ["0.0.0.0/0"] if config["endpointPublicAccess"] else []
    group = ec2.create_security_group(
        f"eks-cluster-sg-{name}-{secrets.randbelow(10**9)}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes, "
        "as well as any managed workloads.",
        vpc_id=config["vpcId"],
        tags={f"kubernetes.io/cluster/{name}": "owned", "aws:eks:cluster-name": name, "Name": f"eks-cluster-sg-{name}"},
    )
    return {**config, "clusterSecurityGroupId": group.id}


def _check_endpoints(config: Description) -> None:
    if not config["endpointPublicAccess"] and not config["endpointPrivateAccess"]:
        invalid("Private and public endpoint access cannot be false")
    for cidr in config.get("publicAccessCidrs") or []:
        if any(ipaddress.ip_network(cidr).overlaps(private) and cidr != "0.0.0.0/0" for private in _SERVICE_RANGES):
            invalid(f"The following CIDRs are not allowed in publicAccessCidrs: [{cidr}]")


def _network_config(region: EksRegion, parameters: Parameters) -> Description:
    """Returns the checked service network of a new cluster."""
    asked = parameters.get("kubernetesNetworkConfig") or {}
    cidr = asked.get("serviceIpv4Cidr") or "172.20.0.0/16"
    services = ipaddress.ip_network(cidr)
    if not 12 <= services.prefixlen <= 24 or not any(services.subnet_of(private) for private in _SERVICE_RANGES):  # type: ignore[arg-type]
        invalid(f"The specified service CIDR {cidr} must be private and between /24 and /12")
    ec2 = ec2_of(region)
    for subnet_id in parameters["resourcesVpcConfig"]["subnetIds"]:
        vpc = ec2.get_vpc(ec2.get_subnet(subnet_id).vpc_id)
        if services.overlaps(ipaddress.ip_network(vpc.cidr_block)):
            invalid(f"The specified service CIDR {cidr} overlaps the VPC's CIDR {vpc.cidr_block}")
    return {
        "serviceIpv4Cidr": cidr,
        "ipFamily": asked.get("ipFamily") or "ipv4",
        "elasticLoadBalancing": asked.get("elasticLoadBalancing") or {"enabled": False},
    }


def _enabled_logs(logging: Description, enabled: frozenset[str]) -> frozenset[str]:
    """Returns the log types that are on after a change."""
    for change in logging.get("clusterLogging") or []:
        types = frozenset(change.get("types") or [])
        enabled = enabled | types if change.get("enabled") else enabled - types
    return enabled


def _logging(enabled: frozenset[str]) -> Description:
    """Returns the logging section of a description: what is on, then what is off."""
    parts = ((enabled, True), (LOG_TYPES - enabled, False))
    return {"clusterLogging": [{"types": sorted(types), "enabled": is_on} for types, is_on in parts if types]}


def _write_logs(region: EksRegion, cluster: Cluster) -> None:
    """Makes the log group where the cluster logs and nobody made it, as EKS does: Terraform then cannot make it."""
    if _enabled_logs(cluster.description["logging"], frozenset()):
        ensure_log_group(region.account_id, region.region, f"/aws/eks/{cluster.name}/cluster")


@operation("DescribeCluster")
def describe_cluster(region: EksRegion, parameters: Parameters) -> Description:
    """Describes a cluster."""
    return {"cluster": region.cluster(parameters).description}


@operation("ListClusters")
def list_clusters(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the names of all clusters, on one page."""
    del parameters
    return {"clusters": sorted(region.clusters)}


@operation("DeleteCluster")
def delete_cluster(region: EksRegion, parameters: Parameters) -> Description:
    """Deletes a cluster without node groups, with what EKS made for it."""
    cluster = region.cluster(parameters)
    if cluster.description.get("deletionProtection"):
        invalid_request("Deletion protection is enabled for the cluster")
    if cluster.node_groups:
        in_use("Cluster has nodegroups attached", clusterName=cluster.name, nodegroupName=",".join(cluster.node_groups))
    ec2, group_id = ec2_of(region), cluster.description["resourcesVpcConfig"]["clusterSecurityGroupId"]
    del region.clusters[cluster.name]
    with contextlib.suppress(DependencyViolationError):  # EKS leaves its group behind where a rule still names it
        ec2.delete_security_group(group_id=group_id)
    return {"cluster": {**cluster.description, "status": "DELETING"}}


@operation("UpdateClusterConfig")
def update_cluster_config(region: EksRegion, parameters: Parameters) -> Description:
    """Changes one kind of setting, the only number that EKS takes in a call."""
    cluster = region.cluster(parameters)
    description = cluster.description
    if vpc := parameters.get("resourcesVpcConfig"):
        _check_endpoints({**description["resourcesVpcConfig"], **vpc})
        description["resourcesVpcConfig"].update(vpc)
        return record_update(cluster, "VpcConfigUpdate" if "subnetIds" in vpc else "EndpointAccessUpdate", vpc)
    if logging := parameters.get("logging"):
        description["logging"] = _logging(_enabled_logs(logging, _enabled_logs(description["logging"], frozenset())))
        _write_logs(region, cluster)
        return record_update(cluster, "LoggingUpdate", logging)
    if access := parameters.get("accessConfig"):
        if description["accessConfig"]["authenticationMode"] == "API" and access.get("authenticationMode") != "API":
            invalid("Unsupported authentication mode update from API")
        description["accessConfig"].update(access)
        return record_update(cluster, "AccessConfigUpdate", access)
    if "deletionProtection" in parameters:
        description["deletionProtection"] = parameters["deletionProtection"]
        return record_update(
            cluster, "DeletionProtectionUpdate", {"DeletionProtection": parameters["deletionProtection"]}
        )
    for setting, kind in (("upgradePolicy", "UpgradePolicyUpdate"), ("zonalShiftConfig", "ZonalShiftConfigUpdate")):
        if value := parameters.get(setting):
            description[setting] = value
            return record_update(cluster, kind, value)
    return invalid("No changes needed for the specified cluster configuration")


@operation("UpdateClusterVersion")
def update_cluster_version(region: EksRegion, parameters: Parameters) -> Description:
    """Upgrades the control plane by one minor version, where the nodes may stay behind, or takes an upgrade back."""
    cluster, version = region.cluster(parameters), parameters["version"]
    if cluster.rolls_back_to(version):
        if newer := [name for name, group in cluster.node_groups.items() if group["version"] == cluster.version]:
            invalid_request(f"Nodegroups {', '.join(newer)} are newer than {version}")
        cluster.description["version"] = version
        return record_update(cluster, "VersionRollback", {"Version": version})
    if not is_supported(version) or minors_between(cluster.version, version) != 1:
        invalid(f"Unsupported Kubernetes minor version update from {cluster.version} to {version}")
    for group in cluster.node_groups.values():
        if minors_between(group["version"], version) > _OLDEST_NODES_BEHIND:
            invalid(f"Nodegroup {group['nodegroupName']} must be updated before updating cluster version to {version}")
    cluster.description["version"] = version
    return record_update(cluster, "VersionUpdate", {"Version": version})


@operation("AssociateEncryptionConfig")
def associate_encryption_config(region: EksRegion, parameters: Parameters) -> Description:
    """Turns on encryption of Kubernetes secrets; there is no way back."""
    cluster = region.cluster(parameters)
    if cluster.description["encryptionConfig"]:
        invalid("Encryption is already enabled for this cluster")
    cluster.description["encryptionConfig"] = parameters["encryptionConfig"]
    return record_update(cluster, "AssociateEncryptionConfig", {"EncryptionConfig": parameters["encryptionConfig"]})


@operation("DescribeUpdate")
def describe_update(region: EksRegion, parameters: Parameters) -> Description:
    """Describes an update of a cluster, node group or add-on."""
    cluster, update_id = region.cluster(parameters), parameters["updateId"]
    if update_id not in cluster.updates:
        not_found(f"No update found for ID: {update_id}", clusterName=cluster.name)
    return {"update": cluster.updates[update_id]}


@operation("ListUpdates")
def list_updates(region: EksRegion, parameters: Parameters) -> Description:
    """Lists the ids of all updates, on one page: those of the cluster itself, or those of a node group."""
    cluster, group = region.cluster(parameters), parameters.get("nodegroupName")
    return {"updateIds": [number for number in cluster.updates if cluster.updated_groups.get(number) == group]}


@operation("DescribeClusterVersions")
def describe_cluster_versions(region: EksRegion, parameters: Parameters) -> Description:
    """Describes the Kubernetes versions on offer, newest first."""
    del region
    wanted = parameters.get("clusterVersions")
    return {
        "clusterVersions": [
            {
                "clusterVersion": version,
                "clusterType": "eks",
                "defaultPlatformVersion": "eks.9",
                "defaultVersion": version == KUBERNETES_VERSIONS[-1],
                "endOfStandardSupportDate": end,
                "status": "STANDARD_SUPPORT" if in_standard_support(version) else "EXTENDED_SUPPORT",
                "versionStatus": "STANDARD_SUPPORT" if in_standard_support(version) else "EXTENDED_SUPPORT",
            }
            for version, end in reversed(END_OF_STANDARD_SUPPORT.items())
            if not wanted or version in wanted
        ]
    }
