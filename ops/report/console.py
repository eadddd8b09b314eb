"""Where the AWS console shows an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any
from urllib.parse import quote

#: Partition -> host. China: https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html; GovCloud:
#: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/getting-started-sign-in.html.
HOSTS: Mapping[str, str] = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_VPC, _EKS, _RDS = (
    "vpcconsole/home?region={region}#",
    "eks/home?region={region}#/clusters/",
    "rds/home?region={region}#",
)

#: Type -> path of its page; in braces what the state knows of the object.
PAGES: Mapping[str, str] = {
    "aws_vpc": _VPC + "VpcDetails:VpcId={id}",
    "aws_subnet": _VPC + "SubnetDetails:subnetId={id}",
    "aws_route_table": _VPC + "RouteTableDetails:RouteTableId={id}",
    "aws_internet_gateway": _VPC + "InternetGateway:internetGatewayId={id}",
    "aws_nat_gateway": _VPC + "NatGatewayDetails:natGatewayId={id}",
    "aws_eip": _VPC + "ElasticIpDetails:AllocationId={id}",
    "aws_vpc_endpoint": _VPC + "EndpointDetails:vpcEndpointId={id}",
    "aws_vpc_peering_connection": _VPC + "PeeringConnectionDetails:VpcPeeringConnectionId={id}",
    "aws_security_group": _VPC + "SecurityGroup:groupId={id}",
    "aws_default_security_group": _VPC + "SecurityGroup:groupId={id}",
    "aws_launch_template": "ec2/home?region={region}#LaunchTemplateDetails:launchTemplateId={id}",
    "aws_ecr_repository": "ecr/repositories/private/{registry_id}/{name}?region={region}",
    "aws_eks_cluster": _EKS + "{name}",
    "aws_eks_node_group": _EKS + "{cluster_name}/nodegroups/{node_group_name}",
    "aws_eks_addon": _EKS + "{cluster_name}/add-ons/{addon_name}",
    "aws_db_instance": _RDS + "database:id={identifier};is-cluster=false",
    "aws_db_subnet_group": _RDS + "db-subnet-group:id={name}",
    "aws_db_parameter_group": _RDS + "parameter-group-details:parameter-group-name={name}",
    "aws_s3_bucket": "s3/buckets/{bucket}?region={region}",
    "aws_secretsmanager_secret": "secretsmanager/secret?name={name}&region={region}",
    "aws_kms_key": "kms/home?region={region}#/kms/keys/{key_id}",
    "aws_iam_role": "iam/home?region={region}#/roles/details/{name}",
    "aws_cloudwatch_log_group": "cloudwatch/home?region={region}#logsV2:log-groups/log-group/{$name}",
    "aws_cloudwatch_metric_alarm": "cloudwatch/home?region={region}#alarmsV2:alarm/{alarm_name}",
    "aws_cloudwatch_event_rule": "events/home?region={region}#/eventbus/default/rules/{name}",
    "aws_sns_topic": "sns/v3/home?region={region}#/topic/{arn}",
    "aws_sqs_queue": "sqs/v3/home?region={region}#/queues/{url}",
    "aws_route53_record": "route53/v2/hostedzones?region={region}#ListRecordSets/{zone_id}",
}


@dataclass(frozen=True)
class Console:
    """The console for one region."""

    region: str
    partition: str

    def page(self, terraform_type: str, attributes: Mapping[str, Any]) -> str:
        """Return the address of an object's page; empty where there is none, or not enough is known of the object."""
        path = PAGES.get(terraform_type, "")
        known = {**attributes, "region": self.region}
        names = [name for _, name, _, _ in Formatter().parse(path) if name]
        if not path or not all(known.get(name.removeprefix("$")) for name in names):
            return ""
        return f"https://{HOSTS[self.partition]}/{path.format_map({name: _written(name, known) for name in names})}"


def _written(name: str, known: Mapping[str, Any]) -> str:
    """As the console wants it; CloudWatch encodes names twice, with `$` for the second `%`."""
    if name.startswith("$"):
        return quote(quote(str(known[name[1:]]), safe=""), safe="").replace("%", "$")
    return quote(str(known[name]), safe=":" if name == "arn" else "")
