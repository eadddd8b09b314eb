"""An account with the roles of a stack and what their policies refer to, and somebody to act in each role.

The policies are the synthesized ones. Their references are resolved to objects of the same names that exist in the
local account, and what is judged afterwards is what its IAM returns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from constructs.checks.synthesized import SynthesizedStack

from tests.emulator import Emulator
from tests.security.authorization import Authorization
from tests.security.policy_evaluator import Document, Request
from tests.terraform.account import client

REFERENCE = re.compile(r"\$\{(aws_\w+\.\w+\.\w+)\}")


class Decision(NamedTuple):
    """One question to IAM and the operation that asked it."""

    operation: str
    request: Request


@dataclass
class Actor:
    """Somebody with temporary credentials of a role, whose calls are written down as what IAM is asked for them."""

    account: RoleAccount
    role: str
    credentials: Mapping[str, str]
    operations: list[tuple[str, str]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """A boto3 client with the role's credentials."""
        create: Any = boto3.client  # the stubs want the service as a literal
        made = create(
            service,
            endpoint_url=self.account.aws.endpoint,
            region_name=self.account.region,
            aws_access_key_id=self.credentials["AccessKeyId"],
            aws_secret_access_key=self.credentials["SecretAccessKey"],
            aws_session_token=self.credentials["SessionToken"],
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )
        made.meta.events.register("provide-client-params.*.*", self._write_down)
        return made

    def _write_down(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        service, operation = model.service_model.service_name, model.name
        requests = Authorization(self.account).requests(service, operation, params)
        self.operations.append((service, operation))
        self.decisions += [Decision(f"{service}:{operation}", request) for request in requests]

    def logged(self) -> list[tuple[str, str]]:
        """Service and operation of every call with these credentials, after the endpoint's own log."""
        key = self.credentials["AccessKeyId"]
        return [(call.service, call.action) for call in self.account.aws.calls() if call.access_key == key]


class RoleAccount:
    """The roles of a stack in a local account."""

    def __init__(self, aws: Emulator, stack: SynthesizedStack) -> None:
        self.aws = aws
        self.stack = stack
        self.region = aws.region
        self.account_id = aws.account_id
        self._iam = client(aws, "iam")
        self._ec2 = client(aws, "ec2")
        self._keys: dict[str, str] = {}
        self.objects = self._make_objects()
        for name in stack.resources("aws_iam_role"):
            self._make_role(name)

    def _make_objects(self) -> dict[str, str]:
        """Make what the roles' policies refer to; return reference -> value."""
        objects = {}
        kms, logs = client(self.aws, "kms"), client(self.aws, "logs")
        for name, key in self.stack.resources("aws_kms_key").items():
            objects[f"aws_kms_key.{name}.arn"] = kms.create_key(Policy=key["policy"])["KeyMetadata"]["Arn"]
        for name, group in self.stack.resources("aws_cloudwatch_log_group").items():
            logs.create_log_group(logGroupName=group["name"])
            arn = f"arn:aws:logs:{self.region}:{self.account_id}:log-group:{group['name']}"
            objects[f"aws_cloudwatch_log_group.{name}.arn"] = arn
        bucket = self.stack.resources("aws_s3_bucket")["logs"]["bucket"]
        self.make_bucket(bucket, objects["aws_kms_key.storage.arn"])
        objects["aws_s3_bucket.logs.arn"] = f"arn:aws:s3:::{bucket}"
        objects["aws_vpc.cluster.id"] = self._ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        return objects

    def make_bucket(self, name: str, key: str) -> None:
        """Make a bucket that encrypts with a key."""
        s3 = client(self.aws, "s3")
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": self.region})
        encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": encryption}]}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=rules)
        self._keys[name] = key

    def resolved(self, text: str) -> str:
        """A text of the stack with the values of the objects in this account.

        Raises:
            KeyError: it refers to something that isn't made here.
        """
        return REFERENCE.sub(lambda reference: self.objects[reference[1]], text)

    def _make_role(self, name: str) -> None:
        role = self.stack.resources("aws_iam_role")[name]
        self._iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=role["assume_role_policy"])
        for policy in self.stack.resources("aws_iam_role_policy").values():
            if policy["role"] == f"${{aws_iam_role.{name}.id}}":
                document = self.resolved(policy["policy"])
                self._iam.put_role_policy(RoleName=role["name"], PolicyName=policy["name"], PolicyDocument=document)
        for attachment in self.stack.resources("aws_iam_role_policy_attachment").values():
            if attachment["role"] == f"${{aws_iam_role.{name}.name}}":
                self._iam.attach_role_policy(RoleName=role["name"], PolicyArn=attachment["policy_arn"])

    def role_name(self, role: str) -> str:
        """Name in IAM of a role of the stack."""
        return str(self.stack.resources("aws_iam_role")[role]["name"])

    def documents(self, role: str) -> list[Document]:
        """The inline and attached policies of a role, as IAM returns them."""
        name = self.role_name(role)
        inline = [
            self._iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        attached = []
        for policy in self._iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            version = self._iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["DefaultVersionId"]
            answer = self._iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId=version)
            attached.append(answer["PolicyVersion"]["Document"])
        return [*inline, *attached]

    def trust(self, role: str) -> Document:
        """The trust policy of a role, as IAM returns it."""
        document: Document = self._iam.get_role(RoleName=self.role_name(role))["Role"]["AssumeRolePolicyDocument"]
        return document

    def bucket_policy(self) -> Document:
        """The policy of the log bucket."""
        policy = self.stack.resources("aws_s3_bucket_policy")["logs"]["policy"]
        document: Document = json.loads(self.resolved(policy))
        return document

    def act_as(self, role: str) -> Actor:
        """Temporary credentials of a role, as its service would hand them out."""
        arn = f"arn:aws:iam::{self.account_id}:role/{self.role_name(role)}"
        answer = client(self.aws, "sts").assume_role(RoleArn=arn, RoleSessionName=role.replace("_", "-"))
        return Actor(self, role, answer["Credentials"])

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of an EC2 or load balancing object."""
        if arn.split(":")[2] == "ec2":
            wanted = [{"Name": "resource-id", "Values": [arn.rpartition("/")[2]]}]
            return {tag["Key"]: tag["Value"] for tag in self._ec2.describe_tags(Filters=wanted)["Tags"]}
        answer = client(self.aws, "elbv2").describe_tags(ResourceArns=[arn])
        return {tag["Key"]: tag["Value"] for tag in answer["TagDescriptions"][0]["Tags"]}

    def vpc_of(self, security_group_id: str) -> str:
        """The VPC of a security group."""
        [group] = self._ec2.describe_security_groups(GroupIds=[security_group_id])["SecurityGroups"]
        return str(group["VpcId"])

    def key_of(self, bucket: str) -> str:
        """ARN of the key that a bucket encrypts with."""
        return self._keys[bucket]

    def holds(self, bucket: str, key: str) -> bool:
        """Whether a bucket has such an object."""
        try:
            client(self.aws, "s3").head_object(Bucket=bucket, Key=key)
        except ClientError:
            return False
        return True
