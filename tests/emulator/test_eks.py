"""EKS as this project uses it."""

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.arrangements import cluster, role, vpc
from tests.emulator.conftest import Client

ADDONS = (
    "aws-ebs-csi-driver",
    "coredns",
    "eks-pod-identity-agent",
    "kube-proxy",
    "metrics-server",
    "vpc-cni",
)
VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35")


@pytest.fixture(scope="module")
def subnets(client: Client) -> list[str]:
    """Subnets in two zones."""
    return vpc(client, "10.20.0.0/16")[1]


def node_group(client: Client, cluster_name: str, subnets: list[str], **settings: Any) -> dict[str, Any]:
    """Makes a node group; returns its description."""
    description: dict[str, Any] = client("eks").create_nodegroup(
        **{
            "clusterName": cluster_name,
            "nodegroupName": "default",
            "subnets": subnets,
            "nodeRole": role(client, f"{cluster_name}-node", "ec2.amazonaws.com"),
            **settings,
        }
    )["nodegroup"]
    return description


class TestAddonVersions:
    @pytest.mark.parametrize("kubernetes", VERSIONS)
    def test_several_per_addon_with_one_default(self, client: Client, kubernetes: str) -> None:
        """Every add-on of the stack has two versions or more for each Kubernetes version, exactly one the default."""
        offered = {
            addon["addonName"]: [
                (version["addonVersion"], compatibility["defaultVersion"])
                for version in addon["addonVersions"]
                for compatibility in version["compatibilities"]
                if compatibility["clusterVersion"] == kubernetes
            ]
            for addon in client("eks").describe_addon_versions(kubernetesVersion=kubernetes)["addons"]
        }
        for name in ADDONS:
            assert len(offered[name]) >= 2
            assert [default for _, default in offered[name]].count(True) == 1
            assert all(re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", version) for version, _ in offered[name])

    def test_defaults_follow_kubernetes(self, client: Client) -> None:
        """No add-on has the same default for the oldest and the newest Kubernetes."""
        eks = client("eks")
        for name in ADDONS:
            default = {
                compatibility["clusterVersion"]: version["addonVersion"]
                for addon in eks.describe_addon_versions(addonName=name)["addons"]
                for version in addon["addonVersions"]
                for compatibility in version["compatibilities"]
                if compatibility["defaultVersion"]
            }
            assert default["1.30"] != default["1.35"]


class TestClusters:
    def test_has_what_terraform_reads_back(self, client: Client, subnets: list[str]) -> None:
        """A cluster answers what was asked and the security group that EKS makes, and takes it along."""
        made = cluster(client, "described", subnets, upgradePolicy={"supportType": "STANDARD"})
        assert made["status"] == "ACTIVE"
        assert made["accessConfig"]["authenticationMode"] == "API"
        assert made["upgradePolicy"] == {"supportType": "STANDARD"}
        group = made["resourcesVpcConfig"]["clusterSecurityGroupId"]
        assert client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
        client("eks").delete_cluster(name="described")
        with pytest.raises(ClientError, match="InvalidGroup"):
            client("ec2").describe_security_groups(GroupIds=[group])

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            pytest.param({"version": "1.29"}, "unsupported Kubernetes version 1.29", id="version"),
            pytest.param(
                {"version": "1.33", "upgradePolicy": {"supportType": "STANDARD"}}, "extended support", id="support"
            ),
            pytest.param(
                {"roleArn": "arn:aws:iam::111122223333:role/missing"}, "role/missing does not exist", id="role"
            ),
            pytest.param(
                {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.20.0.0/16"}}, "overlaps the VPC", id="services"
            ),
            pytest.param(
                {
                    "encryptionConfig": [
                        {
                            "resources": ["secrets"],
                            "provider": {"keyArn": "arn:aws:kms:eu-west-1:111122223333:key/none"},
                        }
                    ]
                },
                "key/none does not exist",
                id="key",
            ),
        ],
    )
    def test_refused(self, client: Client, subnets: list[str], settings: dict[str, Any], message: str) -> None:
        """What EKS does not create, it does not create here."""
        with pytest.raises(ClientError, match=message):
            cluster(client, f"refused-{abs(hash(message))}", subnets, **settings)

    def test_one_zone_or_no_endpoint_is_refused(self, client: Client, subnets: list[str]) -> None:
        """A control plane needs two zones and somebody who reaches it."""
        with pytest.raises(ClientError, match="at least two different AZs"):
            cluster(client, "one-zone", subnets[:1])
        network = {"subnetIds": subnets, "endpointPublicAccess": False, "endpointPrivateAccess": False}
        with pytest.raises(ClientError, match="cannot be false"):
            cluster(client, "unreachable", subnets, resourcesVpcConfig=network)

    def test_upgrades_one_minor_at_a_time(self, client: Client, subnets: list[str]) -> None:
        """Two at once are refused, one is an update that can be described."""
        cluster(client, "upgraded", subnets, version="1.32")
        eks = client("eks")
        with pytest.raises(ClientError, match=r"Unsupported Kubernetes minor version update from 1\.32 to 1\.34"):
            eks.update_cluster_version(name="upgraded", version="1.34")
        update = eks.update_cluster_version(name="upgraded", version="1.33")["update"]
        assert eks.describe_update(name="upgraded", updateId=update["id"])["update"]["status"] == "Successful"
        assert eks.describe_cluster(name="upgraded")["cluster"]["version"] == "1.33"

    def test_takes_an_upgrade_back(self, client: Client, subnets: list[str]) -> None:
        """One minor version, after an upgrade in place alone, and once: the version that it came with is the end."""
        cluster(client, "back", subnets, version="1.33")
        eks = client("eks")
        with pytest.raises(ClientError, match="Unsupported Kubernetes minor version update"):
            eks.update_cluster_version(name="back", version="1.32")
        eks.update_cluster_version(name="back", version="1.34")
        update = eks.update_cluster_version(name="back", version="1.33")["update"]
        assert update["type"] == "VersionRollback"
        assert eks.describe_cluster(name="back")["cluster"]["version"] == "1.33"
        with pytest.raises(ClientError, match="Unsupported Kubernetes minor version update"):
            eks.update_cluster_version(name="back", version="1.32")

    def test_a_protected_cluster_is_not_deleted(self, client: Client, subnets: list[str]) -> None:
        """Deletion protection is a setting of its own that has to be off."""
        cluster(client, "protected", subnets)
        eks = client("eks")
        eks.update_cluster_config(name="protected", deletionProtection=True)
        assert eks.describe_cluster(name="protected")["cluster"]["deletionProtection"] is True
        with pytest.raises(ClientError, match="Deletion protection is enabled"):
            eks.delete_cluster(name="protected")
        eks.update_cluster_config(name="protected", deletionProtection=False)
        eks.delete_cluster(name="protected")

    def test_logging_makes_its_log_group(self, client: Client, subnets: list[str]) -> None:
        """EKS makes the group that nobody made, so that Terraform comes too late."""
        cluster(client, "logging", subnets, logging={"clusterLogging": [{"types": ["api"], "enabled": True}]})
        with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
            client("logs").create_log_group(logGroupName="/aws/eks/logging/cluster")


class TestNodeGroups:
    def test_nodes_without_networking_fail(self, client: Client, subnets: list[str]) -> None:
        """vpc-cni and kube-proxy come before nodes, and the pod identity agent where vpc-cni's role needs it."""
        cluster(client, "ordered", subnets)
        failed = node_group(client, "ordered", subnets)
        assert failed["status"] == "CREATE_FAILED"
        assert "kube-proxy, vpc-cni" in failed["health"]["issues"][0]["message"]
        eks = client("eks")
        eks.delete_nodegroup(clusterName="ordered", nodegroupName="default")
        cni = {"roleArn": role(client, "cni", "pods.eks.amazonaws.com"), "serviceAccount": "aws-node"}
        eks.create_addon(clusterName="ordered", addonName="vpc-cni", podIdentityAssociations=[cni])
        eks.create_addon(clusterName="ordered", addonName="kube-proxy")
        settings = {"nodeRole": "arn:aws:iam::111122223333:role/ordered-node"}
        again = eks.create_nodegroup(clusterName="ordered", nodegroupName="again", subnets=subnets, **settings)
        assert "eks-pod-identity-agent" in again["nodegroup"]["health"]["issues"][0]["message"]
        eks.create_addon(clusterName="ordered", addonName="eks-pod-identity-agent")
        ready = eks.create_nodegroup(clusterName="ordered", nodegroupName="ready", subnets=subnets, **settings)
        assert ready["nodegroup"]["status"] == "ACTIVE"

    def test_architecture_and_trust_are_checked(self, client: Client, subnets: list[str]) -> None:
        """An AMI of another architecture, mixed instance types and a role that EC2 cannot assume are refused."""
        cluster(client, "strict", subnets)
        arm = {"instanceTypes": ["m7g.large"], "amiType": "AL2023_x86_64_STANDARD"}
        with pytest.raises(ClientError, match="not a valid instance type for requested amiType"):
            node_group(client, "strict", subnets, **arm)
        node = {"nodeRole": "arn:aws:iam::111122223333:role/strict-node"}
        eks = client("eks")
        with pytest.raises(ClientError, match="different architectures"):
            eks.create_nodegroup(
                clusterName="strict",
                nodegroupName="mixed",
                subnets=subnets,
                instanceTypes=["m7g.large", "m7i.large"],
                **node,
            )
        wrong = role(client, "not-for-nodes", "lambda.amazonaws.com")
        with pytest.raises(ClientError, match=r"does not name ec2\.amazonaws\.com"):
            eks.create_nodegroup(clusterName="strict", nodegroupName="untrusted", subnets=subnets, nodeRole=wrong)

    def test_a_cluster_with_nodes_stays(self, client: Client, subnets: list[str]) -> None:
        """Deleting it is refused until its node groups are gone."""
        cluster(client, "inhabited", subnets, bootstrapSelfManagedAddons=True)
        node_group(client, "inhabited", subnets)
        with pytest.raises(ClientError, match="ResourceInUseException"):
            client("eks").delete_cluster(name="inhabited")


class TestAccess:
    def test_entries_and_their_policies(self, client: Client, subnets: list[str]) -> None:
        """An entry is there once, for a principal that exists, and keeps the policies associated with it."""
        cluster(client, "accessed", subnets)
        eks, principal = client("eks"), role(client, "engineers", "ec2.amazonaws.com")
        eks.create_access_entry(clusterName="accessed", principalArn=principal)
        with pytest.raises(ClientError, match="already in use"):
            eks.create_access_entry(clusterName="accessed", principalArn=principal)
        with pytest.raises(ClientError, match="role/nobody does not exist"):
            eks.create_access_entry(clusterName="accessed", principalArn="arn:aws:iam::111122223333:role/nobody")
        policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
        eks.associate_access_policy(
            clusterName="accessed", principalArn=principal, policyArn=policy, accessScope={"type": "cluster"}
        )
        listed = eks.list_associated_access_policies(clusterName="accessed", principalArn=principal)
        assert [each["policyArn"] for each in listed["associatedAccessPolicies"]] == [policy]

    def test_pod_identity(self, client: Client, subnets: list[str]) -> None:
        """One association per service account, for a role that pods can assume; an add-on's own goes with it."""
        cluster(client, "identified", subnets)
        eks = client("eks")
        airflow, pods = (
            {"namespace": "airflow", "serviceAccount": "worker"},
            role(client, "pods", "pods.eks.amazonaws.com"),
        )
        wrong = role(client, "not-for-pods", "ec2.amazonaws.com")
        with pytest.raises(ClientError, match=r"does not name pods\.eks\.amazonaws\.com"):
            eks.create_pod_identity_association(clusterName="identified", roleArn=wrong, **airflow)
        eks.create_pod_identity_association(clusterName="identified", roleArn=pods, **airflow)
        with pytest.raises(ClientError, match="already exists"):
            eks.create_pod_identity_association(clusterName="identified", roleArn=pods, **airflow)
        cni = [{"roleArn": pods, "serviceAccount": "aws-node"}]
        eks.create_addon(clusterName="identified", addonName="vpc-cni", podIdentityAssociations=cni)
        eks.delete_addon(clusterName="identified", addonName="vpc-cni")
        left = eks.list_pod_identity_associations(clusterName="identified")["associations"]
        assert [(each["namespace"], each["serviceAccount"]) for each in left] == [("airflow", "worker")]


class TestTags:
    def test_of_everything(self, client: Client, subnets: list[str]) -> None:
        """Not only clusters have tags that change."""
        cluster(client, "tagged", subnets)
        eks = client("eks")
        addon = eks.create_addon(clusterName="tagged", addonName="kube-proxy", tags={"a": "1", "b": "2"})["addon"]
        eks.tag_resource(resourceArn=addon["addonArn"], tags={"c": "3"})
        eks.untag_resource(resourceArn=addon["addonArn"], tagKeys=["a", "b"])
        assert eks.list_tags_for_resource(resourceArn=addon["addonArn"])["tags"] == {"c": "3"}
