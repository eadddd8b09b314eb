"""What IAM asks when an API operation is called: actions, resources and condition keys.

After AWS's Service Authorization Reference, for the operations that the roles' users call and for those alone; another
one is an error, never "nothing is asked".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tests.security.policy_evaluator import Request

#: boto3's client name -> prefix of IAM's actions, where they differ.
PREFIXES = {"elbv2": "elasticloadbalancing"}

#: Operations of S3 whose action has another name.
S3_ACTIONS = {
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "ListObjectsV2": "s3:ListBucket",
}

#: What S3 asks KMS for in the caller's name (S3 user guide, "Using server-side encryption with AWS KMS keys").
S3_KEY_ACTIONS = {
    "PutObject": ["kms:GenerateDataKey"],
    "CreateMultipartUpload": ["kms:GenerateDataKey"],
    "UploadPart": ["kms:GenerateDataKey", "kms:Decrypt"],
    "CompleteMultipartUpload": ["kms:Decrypt"],
    "GetObject": ["kms:Decrypt"],
    "HeadObject": ["kms:Decrypt"],
}

#: Start of an EC2 object's ID -> its resource type.
EC2_TYPES = {
    "eni": "network-interface",
    "i": "instance",
    "sg": "security-group",
    "snap": "snapshot",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
EC2_CREATED = {
    "CreateNetworkInterface": "network-interface",
    "CreateSecurityGroup": "security-group",
    "CreateSnapshot": "snapshot",
    "CreateVolume": "volume",
}

#: Operations of ELB v2 that make something -> its ARN up to a part that isn't known yet.
ELB_CREATED = {
    "CreateLoadBalancer": "loadbalancer/app/new/0",
    "CreateTargetGroup": "targetgroup/new/0",
    "CreateListener": "listener/app/new/0/0",
    "CreateRule": "listener-rule/app/new/0/0/0",
}
#: Of these two, ELB asks for the listener's load balancer and the rule's listener, not for what is made.
ELB_CREATED_IN = ("CreateListener", "CreateRule")
ELB_ARNS = ("LoadBalancerArn", "TargetGroupArn", "ListenerArn", "RuleArn", "ResourceArns")


class Account(Protocol):
    """What has to be known of the account to tell what a call means there."""

    region: str
    account_id: str

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of an object."""

    def vpc_of(self, security_group_id: str) -> str:
        """The VPC of a security group."""

    def key_of(self, bucket: str) -> str:
        """ARN of the key that a bucket encrypts with."""

    def holds(self, bucket: str, key: str) -> bool:
        """Whether a bucket has such an object."""


@dataclass(frozen=True)
class Authorization:
    """What calls in one account ask for."""

    account: Account

    def requests(self, service: str, operation: str, parameters: Mapping[str, Any]) -> list[Request]:
        """Everything that has to be allowed for one call; parameters as boto3 takes them."""
        asked: Iterator[Request] = getattr(self, f"_{service.replace('-', '_')}")(operation, parameters)
        return list(asked)

    def _arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.account.region}:{self.account.account_id}:{resource}"

    def _s3(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        bucket, key = parameters["Bucket"], parameters.get("Key", "")
        arn = f"arn:aws:s3:::{bucket}"
        over_tls = {"aws:SecureTransport": "true"}
        yield Request(action=S3_ACTIONS[operation], resource=f"{arn}/{key}" if key else arn, context=over_tls)
        if operation in {"HeadObject", "GetObject"} and not self.account.holds(bucket, key):
            # Without it S3 answers 403 instead of 404, and Airflow takes an absent log for an error.
            yield Request(action="s3:ListBucket", resource=arn, context=over_tls)
            return
        for action in S3_KEY_ACTIONS.get(operation, []):
            yield Request(action=action, resource=self.account.key_of(bucket))

    def _elbv2(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        action = f"elasticloadbalancing:{operation}"
        if operation.startswith("Describe"):
            yield Request(action=action)
            return
        tags = _tag_keys("aws:RequestTag", parameters.get("Tags", []))
        made = self._arn("elasticloadbalancing", ELB_CREATED[operation]) if operation in ELB_CREATED else None
        arns = [arn for name in ELB_ARNS for arn in _list(parameters.get(name, []))]
        arns += [priority["RuleArn"] for priority in parameters.get("RulePriorities", [])]
        if made and operation not in ELB_CREATED_IN:
            arns = [made]
        for arn in arns:
            of_resource = {} if arn == made else self._resource_tags(arn)
            yield Request(action=action, resource=arn, context={**tags, **of_resource})
        if made and tags:
            context = {**tags, "elasticloadbalancing:CreateAction": operation}
            yield Request(action="elasticloadbalancing:AddTags", resource=made, context=context)

    def _ec2(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        action = f"ec2:{operation}"
        if operation.startswith(("Describe", "Get")):
            yield Request(action=action)
            return
        specified = [tag for part in parameters.get("TagSpecifications", []) for tag in part["Tags"]]
        tags = _tag_keys("aws:RequestTag", specified + list(parameters.get("Tags", [])))
        made = self._arn("ec2", f"{EC2_CREATED[operation]}/new") if operation in EC2_CREATED else None
        if made:
            yield Request(action=action, resource=made, context=tags)
        for identifier in sorted(set(_ec2_ids(parameters))):
            kind = EC2_TYPES[identifier.partition("-")[0]]
            arn = self._arn("ec2", f"{kind}/{identifier}")
            context = {**tags, **self._resource_tags(arn)}
            if kind == "security-group":
                context["ec2:Vpc"] = self._arn("ec2", f"vpc/{self.account.vpc_of(identifier)}")
            yield Request(action=action, resource=arn, context=context)
        if made and specified:
            yield Request(action="ec2:CreateTags", resource=made, context={**tags, "ec2:CreateAction": operation})

    def _resource_tags(self, arn: str) -> dict[str, str]:
        tags = [{"Key": key, "Value": value} for key, value in self.account.tags(arn).items()]
        service = arn.split(":")[2]
        return {**_tag_keys("aws:ResourceTag", tags), **_tag_keys(f"{service}:ResourceTag", tags)}

    def _logs(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        # As CloudWatch Logs writes the resource when it refuses a call: a stream of a group, even where none is named.
        group, stream = parameters.get("logGroupName", ""), parameters.get("logStreamName", "")
        yield Request(action=f"logs:{operation}", resource=self._arn("logs", f"log-group:{group}:log-stream:{stream}"))

    def _kms(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        yield Request(action=f"kms:{operation}", resource=parameters["KeyId"])

    def _ecr(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        repository = parameters.get("repositoryName")
        resource = self._arn("ecr", f"repository/{repository}") if repository else "*"
        yield Request(action=f"ecr:{operation}", resource=resource)

    def _acm(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
        yield Request(action=f"acm:{operation}", resource=parameters.get("CertificateArn", "*"))


def _tag_keys(key: str, tags: list[dict[str, str]]) -> dict[str, str]:
    return {f"{key}/{tag['Key']}": tag["Value"] for tag in tags}


def _ec2_ids(value: Any) -> Iterator[str]:
    """Every ID of an EC2 object in a call's parameters, wherever it stands."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in {"TagSpecifications", "Tags"}:
                yield from _ec2_ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ec2_ids(inner)
    elif isinstance(value, str) and "-" in value and value.partition("-")[0] in EC2_TYPES:
        yield value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
