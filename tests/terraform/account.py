"""What an AWS account has before anything is deployed, and how tests look into it."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.config import Config

from tests.emulator import Emulator

ADMINISTRATOR = "platform-engineers"


def client(aws: Emulator, service: str, region: str | None = None) -> Any:
    """A boto3 client of the emulator, by default for the region that it stands for."""
    create: Any = boto3.client  # the stubs want the service as a literal
    return create(
        service,
        endpoint_url=aws.endpoint,
        region_name=region or aws.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(proxies={}, retries={"max_attempts": 1}),
    )


def prepare_account(aws: Emulator) -> None:
    """Create the role that the environment files name as administrator: EKS refuses principals that don't exist."""
    trust = {"Version": "2012-10-17", "Statement": []}
    client(aws, "iam").create_role(RoleName=ADMINISTRATOR, AssumeRolePolicyDocument=json.dumps(trust))


def secret_values(aws: Emulator) -> dict[str, str]:
    """Name -> value of all secrets, every version's."""
    secrets = client(aws, "secretsmanager")
    values = {}
    for secret in secrets.list_secrets()["SecretList"]:
        for version in secret["SecretVersionsToStages"]:
            value = secrets.get_secret_value(SecretId=secret["ARN"], VersionId=version)
            values[f"{secret['Name']}:{version}"] = value["SecretString"]
    return values
