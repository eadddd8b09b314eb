"""The other roles: what their services call on behalf of this environment is allowed, elsewhere it isn't."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest

from tests.security.authorization import Authorization
from tests.security.policy_evaluator import Request, allows
from tests.security.proof import refused
from tests.security.role_account import RoleAccount
from tests.terraform.account import client

FLOW_LOGS = "/airflow-dev/vpc-flow-logs"


def instance(account: RoleAccount) -> dict[str, Any]:
    """A node in the cluster's VPC, with its subnet and group."""
    ec2 = client(account.aws, "ec2")
    vpc = account.objects["aws_vpc.cluster.id"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="eu-west-1a")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="nodes", Description="nodes", VpcId=vpc)["GroupId"]
    answer = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet)
    return {"id": answer["Instances"][0]["InstanceId"], "subnet": subnet, "group": group}


@pytest.fixture(scope="module")
def node(account: RoleAccount) -> dict[str, Any]:
    """The node on which drivers work."""
    return instance(account)


class TestFlowLogs:
    def test_are_written(self, account: RoleAccount) -> None:
        """VPC flow logs find their group, make a stream for a network interface and write to it."""
        actor = account.act_as("flow_logs")
        logs = actor.client("logs")
        logs.describe_log_groups(logGroupNamePrefix=FLOW_LOGS)
        logs.create_log_stream(logGroupName=FLOW_LOGS, logStreamName="eni-1-all")
        logs.describe_log_streams(logGroupName=FLOW_LOGS)
        events = [{"timestamp": 1, "message": "2 111122223333 eni-1 ACCEPT OK"}]
        logs.put_log_events(logGroupName=FLOW_LOGS, logStreamName="eni-1-all", logEvents=events)
        assert refused(actor) == []

    @pytest.mark.parametrize(
        "group", ["/airflow-dev-2/vpc-flow-logs", "/airflow-prod/vpc-flow-logs", "/aws/eks/airflow-dev/cluster"]
    )
    def test_of_another_environment_are_refused(self, account: RoleAccount, group: str) -> None:
        """The role writes to its one group: neither to another environment's nor to another one of its own."""
        parameters = {"logGroupName": group, "logStreamName": "eni-1-all"}
        for operation in ("CreateLogStream", "PutLogEvents"):
            [request] = Authorization(account).requests("logs", operation, parameters)
            assert not allows(account.documents("flow_logs"), request)

    def test_make_no_group(self, account: RoleAccount) -> None:
        """A group that the service made after a destroy would have neither key nor retention."""
        [request] = Authorization(account).requests("logs", "CreateLogGroup", {"logGroupName": FLOW_LOGS})
        assert not allows(account.documents("flow_logs"), request)


class TestDatabaseMonitoring:
    def test_writes_rdss_own_log_group(self, account: RoleAccount) -> None:
        """Enhanced monitoring makes its group and stream and writes to it."""
        actor = account.act_as("database_monitoring")
        logs = actor.client("logs")
        logs.create_log_group(logGroupName="RDSOSMetrics")
        logs.put_retention_policy(logGroupName="RDSOSMetrics", retentionInDays=30)
        logs.create_log_stream(logGroupName="RDSOSMetrics", logStreamName="db-1")
        logs.put_log_events(
            logGroupName="RDSOSMetrics", logStreamName="db-1", logEvents=[{"timestamp": 1, "message": "{}"}]
        )
        logs.describe_log_streams(logGroupName="RDSOSMetrics")
        assert refused(actor) == []

    def test_nothing_but_that(self, account: RoleAccount) -> None:
        """Log groups of the environment are not its business."""
        parameters = {"logGroupName": FLOW_LOGS, "logStreamName": "s"}
        [request] = Authorization(account).requests("logs", "PutLogEvents", parameters)
        assert not allows(account.documents("database_monitoring"), request)


class TestEbsCsiDriver:
    def test_gives_and_takes_volumes(self, account: RoleAccount, node: dict[str, Any]) -> None:
        """A claim's volume is made, tagged, attached, looked at, detached and deleted."""
        actor = account.act_as("aws_ebs_csi_driver")
        ec2 = actor.client("ec2")
        mark = [
            {"Key": "ebs.csi.aws.com/cluster", "Value": "true"},
            {"Key": "CSIVolumeName", "Value": "pvc-1"},
            {"Key": "kubernetes.io/cluster/airflow-dev", "Value": "owned"},
        ]
        ec2.describe_availability_zones()
        volume = ec2.create_volume(
            AvailabilityZone="eu-west-1a",
            Size=10,
            VolumeType="gp3",
            Encrypted=True,
            TagSpecifications=[{"ResourceType": "volume", "Tags": mark}],
        )["VolumeId"]
        ec2.describe_volumes(VolumeIds=[volume])
        ec2.describe_instances(InstanceIds=[node["id"]])
        ec2.attach_volume(VolumeId=volume, InstanceId=node["id"], Device="/dev/xvdaa")
        ec2.detach_volume(VolumeId=volume, InstanceId=node["id"])
        ec2.delete_volume(VolumeId=volume)
        assert refused(actor) == []

    def test_deletes_only_what_it_made(self, account: RoleAccount) -> None:
        """A volume without its tags is safe from it."""
        volume = client(account.aws, "ec2").create_volume(AvailabilityZone="eu-west-1a", Size=1)["VolumeId"]
        [request] = Authorization(account).requests("ec2", "DeleteVolume", {"VolumeId": volume})
        assert not allows(account.documents("aws_ebs_csi_driver"), request)


class TestVpcCni:
    def test_gives_and_takes_addresses(self, account: RoleAccount, node: dict[str, Any]) -> None:
        """A node gets a further interface with addresses for pods, and gives it back."""
        actor = account.act_as("vpc_cni")
        ec2 = actor.client("ec2")
        ec2.describe_instances(InstanceIds=[node["id"]])
        ec2.describe_instance_types(InstanceTypes=["m7g.large"])
        ec2.describe_subnets(SubnetIds=[node["subnet"]])
        interface = ec2.create_network_interface(
            SubnetId=node["subnet"],
            Groups=[node["group"]],
            TagSpecifications=[
                {
                    "ResourceType": "network-interface",
                    "Tags": [{"Key": "node.k8s.amazonaws.com/instance_id", "Value": node["id"]}],
                }
            ],
        )["NetworkInterface"]["NetworkInterfaceId"]
        ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, SecondaryPrivateIpAddressCount=2)
        ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])
        attachment = ec2.attach_network_interface(NetworkInterfaceId=interface, InstanceId=node["id"], DeviceIndex=1)[
            "AttachmentId"
        ]
        ec2.modify_network_interface_attribute(
            NetworkInterfaceId=interface, Attachment={"AttachmentId": attachment, "DeleteOnTermination": True}
        )
        ec2.detach_network_interface(AttachmentId=attachment)
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        assert refused(actor) == []


class TestNodes:
    def test_pull_images_and_look_at_themselves(self, account: RoleAccount, node: dict[str, Any]) -> None:
        """A node reads what it is and pulls images; it pushes none."""
        client(account.aws, "ecr").create_repository(repositoryName="airflow")
        actor = account.act_as("node")
        actor.client("ec2").describe_instances(InstanceIds=[node["id"]])
        ecr = actor.client("ecr")
        ecr.get_authorization_token()
        ecr.batch_get_image(repositoryName="airflow", imageIds=[{"imageTag": "latest"}])
        assert refused(actor) == []
        [push] = Authorization(account).requests("ecr", "PutImage", {"repositoryName": "airflow"})
        assert not allows(account.documents("node"), push)

    def test_hand_out_pod_identities(self, account: RoleAccount) -> None:
        """The Pod Identity agent on a node asks EKS for its pods' credentials."""
        cluster = "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"
        request = Request(action="eks-auth:AssumeRoleForPodIdentity", resource=cluster)
        assert allows(account.documents("node"), request)

    @pytest.mark.parametrize("action", ["ec2:CreateNetworkInterface", "ec2:CreateVolume", "s3:GetObject"])
    def test_may_not_what_pods_may(self, account: RoleAccount, action: str) -> None:
        """What drivers and Airflow need comes by Pod Identity: a pod that reaches the node's role gains nothing."""
        assert not allows(account.documents("node"), Request(action=action))


class TestControlPlane:
    def test_encrypts_kubernetes_secrets(self, account: RoleAccount) -> None:
        """EKS uses the cluster's key."""
        actor = account.act_as("cluster")
        kms, key = actor.client("kms"), account.objects["aws_kms_key.cluster.arn"]
        kms.describe_key(KeyId=key)
        cipher = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
        kms.decrypt(KeyId=key, CiphertextBlob=cipher)
        kms.list_grants(KeyId=key)
        assert refused(actor) == []

    @pytest.mark.parametrize("key", ["secrets", "database", "storage"])
    def test_other_keys_are_refused(self, account: RoleAccount, key: str) -> None:
        """The keys of secrets, database and task logs are not the cluster's."""
        parameters = {"KeyId": account.objects[f"aws_kms_key.{key}.arn"]}
        [request] = Authorization(account).requests("kms", "Decrypt", parameters)
        assert not allows(account.documents("cluster"), request)


class TestTrust:
    ASSUMED_BY = (
        ("airflow", "pods.eks.amazonaws.com", "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"),
        (
            "load_balancer_controller",
            "pods.eks.amazonaws.com",
            "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev",
        ),
        ("vpc_cni", "pods.eks.amazonaws.com", "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"),
        ("aws_ebs_csi_driver", "pods.eks.amazonaws.com", "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"),
        ("cluster", "eks.amazonaws.com", "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"),
        ("database_monitoring", "monitoring.rds.amazonaws.com", "arn:aws:rds:eu-west-1:111122223333:db:airflow-dev"),
        ("flow_logs", "vpc-flow-logs.amazonaws.com", "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/fl-1"),
    )

    #: Role -> namespace and service account of pods that have it.
    PODS: ClassVar = {
        "airflow": ("airflow", "airflow-worker"),
        "load_balancer_controller": ("kube-system", "aws-load-balancer-controller"),
        "vpc_cni": ("kube-system", "aws-node"),
        "aws_ebs_csi_driver": ("kube-system", "ebs-csi-controller-sa"),
    }

    def asked(self, role: str, service: str, source: str, *, account: str = "111122223333") -> Request:
        """A service asks for a role on behalf of a resource; Pod Identity says it by the session's tags."""
        context = {"aws:SourceAccount": account, "aws:SourceArn": source}
        if role in self.PODS:
            namespace, service_account = self.PODS[role]
            tags = {"eks-cluster-arn": source, "kubernetes-namespace": namespace}
            tags["kubernetes-service-account"] = service_account
            context = {f"aws:RequestTag/{tag}": value for tag, value in tags.items()}
        return Request(action="sts:AssumeRole", context=context, principal={"Service": service})

    def test_every_role_is_looked_at(self, account: RoleAccount) -> None:
        """Beside these there is the nodes' role, which EC2 assumes without saying for whom."""
        assert {role for role, _, _ in self.ASSUMED_BY} | {"node"} == set(account.stack.resources("aws_iam_role"))
        nodes = [account.trust("node")]
        ec2 = Request(action="sts:AssumeRole", principal={"Service": "ec2.amazonaws.com"})
        assert allows(nodes, ec2)
        assert not allows(nodes, self.asked("node", "eks.amazonaws.com", ""))

    @pytest.mark.parametrize(("role", "service", "source"), ASSUMED_BY, ids=[role for role, _, _ in ASSUMED_BY])
    def test_is_in_one_service_for_one_resource(
        self, account: RoleAccount, role: str, service: str, source: str
    ) -> None:
        """The service gets the role for this environment's resource; no other service, account or resource does."""
        trust = [account.trust(role)]
        foreign = source.replace("111122223333", "444455556666")
        assert allows(trust, self.asked(role, service, source))
        assert not allows(trust, self.asked(role, "lambda.amazonaws.com", source))
        assert not allows(trust, self.asked(role, service, foreign, account="444455556666"))
        assert not allows(trust, self.asked(role, service, foreign))
        assert not allows(trust, Request(action="sts:AssumeRole", principal={"Service": service}))
        people = {"AWS": "arn:aws:iam::111122223333:role/platform-engineers"}
        assert not allows(trust, Request(action="sts:AssumeRole", principal=people))
        if role != "flow_logs":  # its source is known by account alone: a flow log's ARN is its random ID
            assert not allows(trust, self.asked(role, service, f"{source}-2"))

    @pytest.mark.parametrize("role", PODS)
    def test_other_pods_of_the_cluster_get_nothing(self, account: RoleAccount, role: str) -> None:
        """An association of the role with another service account or namespace gives no credentials."""
        source = "arn:aws:eks:eu-west-1:111122223333:cluster/airflow-dev"
        mine = self.asked(role, "pods.eks.amazonaws.com", source)
        for tag in ("kubernetes-namespace", "kubernetes-service-account"):
            others = replace(mine, context={**mine.context, f"aws:RequestTag/{tag}": "default"})
            assert not allows([account.trust(role)], others)
