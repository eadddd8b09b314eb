"""One call of each resource class, to be caught while it hangs."""

from __future__ import annotations

from dataclasses import dataclass

from tests.emulator import Emulator, Hold
from tests.emulator.faults import Moment


@dataclass(frozen=True)
class CreatingCall:
    """The API call that brings one resource into being."""

    address: str
    service: str
    action: str
    containing: str = ""
    """What tells it from calls for other resources of its class; by default the resource's tag `Address`."""

    @property
    def terraform_type(self) -> str:
        """`aws_vpc` of `aws_vpc.cluster`."""
        return self.address.partition(".")[0]

    def hold(self, aws: Emulator, moment: Moment) -> Hold:
        """Have the emulator keep the next such call waiting."""
        return aws.hold(self.service, self.action, containing=self.containing or self.address, moment=moment)


_BUCKET = "airflow-dev-logs"

#: One call of each resource class. Those of a wave wait for resources of earlier waves and for none of their own.
WAVES: tuple[tuple[CreatingCall, ...], ...] = (
    (
        CreatingCall("aws_vpc.cluster", "ec2", "CreateVpc"),
        CreatingCall("aws_kms_key.logs", "kms", "CreateKey"),
        CreatingCall("aws_iam_role.cluster", "iam", "CreateRole"),
        CreatingCall("aws_s3_bucket.logs", "s3", "CreateBucket", _BUCKET),
        CreatingCall("aws_db_parameter_group.metadata", "rds", "CreateDBParameterGroup"),
        CreatingCall("aws_launch_template.default", "ec2", "CreateLaunchTemplate"),
    ),
    (
        CreatingCall("aws_subnet.private_a", "ec2", "CreateSubnet"),
        CreatingCall("aws_internet_gateway.cluster", "ec2", "CreateInternetGateway"),
        CreatingCall("aws_route_table.private_a", "ec2", "CreateRouteTable"),
        CreatingCall("aws_vpc_peering_connection.database", "ec2", "CreateVpcPeeringConnection"),
        CreatingCall("aws_default_security_group.cluster", "ec2", "CreateTags"),
        CreatingCall("aws_kms_alias.logs", "kms", "CreateAlias", "alias/airflow-dev-logs"),
        CreatingCall("aws_cloudwatch_log_group.flow_logs", "logs", "CreateLogGroup"),
        CreatingCall("aws_secretsmanager_secret.database", "secretsmanager", "CreateSecret"),
        CreatingCall("aws_iam_role_policy.cluster", "iam", "PutRolePolicy", "RoleName=airflow-dev-cluster"),
        CreatingCall("aws_iam_role_policy_attachment.cluster_eks", "iam", "AttachRolePolicy", "AmazonEKSClusterPolicy"),
        CreatingCall("aws_s3_bucket_versioning.logs", "s3", "PutBucketVersioning", _BUCKET),
        CreatingCall("aws_s3_bucket_public_access_block.logs", "s3", "PutPublicAccessBlock", _BUCKET),
        CreatingCall("aws_s3_bucket_ownership_controls.logs", "s3", "PutBucketOwnershipControls", _BUCKET),
        CreatingCall("aws_s3_bucket_server_side_encryption_configuration.logs", "s3", "PutBucketEncryption", _BUCKET),
    ),
    (
        CreatingCall("aws_eip.nat_a", "ec2", "AllocateAddress"),
        CreatingCall("aws_route.public_internet", "ec2", "CreateRoute", "GatewayId=igw"),
        CreatingCall("aws_route_table_association.private_a", "ec2", "AssociateRouteTable", "rtb-"),
        CreatingCall("aws_vpc_endpoint.s3", "ec2", "CreateVpcEndpoint"),
        CreatingCall("aws_vpc_peering_connection_options.database", "ec2", "ModifyVpcPeeringConnectionOptions", "pcx-"),
        CreatingCall("aws_flow_log.cluster", "ec2", "CreateFlowLogs"),
        CreatingCall("aws_db_subnet_group.metadata", "rds", "CreateDBSubnetGroup"),
        CreatingCall("aws_eks_cluster.cluster", "eks", "CreateCluster"),
        CreatingCall(
            "aws_secretsmanager_secret_version.database", "secretsmanager", "PutSecretValue", "airflow-dev/database"
        ),
        CreatingCall("aws_s3_bucket_policy.logs", "s3", "PutBucketPolicy", _BUCKET),
        CreatingCall("aws_s3_bucket_lifecycle_configuration.logs", "s3", "PutBucketLifecycleConfiguration", _BUCKET),
    ),
    (
        CreatingCall("aws_nat_gateway.nat_a", "ec2", "CreateNatGateway"),
        CreatingCall("aws_security_group.database", "ec2", "CreateSecurityGroup"),
        CreatingCall("aws_eks_addon.vpc_cni", "eks", "CreateAddon"),
        CreatingCall("aws_eks_access_entry.role_platform_engineers", "eks", "CreateAccessEntry"),
        CreatingCall("aws_eks_pod_identity_association.airflow_worker", "eks", "CreatePodIdentityAssociation"),
    ),
    (
        CreatingCall(
            "aws_eks_access_policy_association.role_platform_engineers",
            "eks",
            "AssociateAccessPolicy",
            "access-policies",
        ),
        CreatingCall("aws_eks_node_group.default", "eks", "CreateNodegroup"),
        CreatingCall("aws_db_instance.metadata", "rds", "CreateDBInstance"),
    ),
    (CreatingCall("aws_cloudwatch_metric_alarm.database_cpu", "cloudwatch", "PutMetricAlarm"),),
)

#: Parts of another object, a VPC's default group and a peering's options: they have that one's ID before they are
#: made, so an interrupt leaves them in the state, tainted.
OF_A_PARENT = frozenset({"aws_default_security_group.cluster", "aws_vpc_peering_connection_options.database"})
