"""Checks that AWS makes of ARNs in a request: the key, role or user behind it exists and can be used."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends

Refuse = Callable[[str], NoReturn]


def require_key(account_id: str, region: str, key_id: str, refuse: Refuse) -> Any:
    """Returns moto's KMS key behind an id, ARN or alias; calls `refuse` where there is none that can be used.

    Keys of other accounts are not checked, nor AWS's own (`alias/aws/...`): None is returned.
    """
    if (key_id.startswith("arn:") and key_id.split(":")[4] != account_id) or "alias/aws/" in key_id:
        return None
    keys = kms_backends[account_id][region]
    if key_id.startswith("arn:") and key_id.split(":")[3] != region:
        refuse(f"The KMS key {key_id} is in another region than {region}")
    try:
        key = keys.describe_key(key_id)
    except Exception:  # noqa: BLE001 - KeyError or one of moto's, according to what is wrong
        refuse(f"The KMS key {key_id} does not exist or is not accessible")
    if key.key_state != "Enabled":
        refuse(f"The KMS key {key_id} is not usable: {key.key_state}")
    return key


def require_principal(account_id: str, arn: str, refuse: Refuse) -> Any:
    """Returns moto's role or user behind an ARN of this account; calls `refuse` where there is none.

    Principals of other accounts are not checked: None is returned.
    """
    if arn.split(":")[4] != account_id:
        return None
    identities: Any = iam_backends[account_id]["aws"]
    for found in (*identities.roles.values(), *identities.users.values()):
        if found.arn == arn:
            return found
    return refuse(f"The specified principalArn is invalid: {arn} does not exist")


def require_trust(account_id: str, role_arn: str, service: str, refuse: Refuse) -> None:
    """Calls `refuse` where the role does not exist or its trust policy does not name the service."""
    role = require_principal(account_id, role_arn, refuse)
    if role is None:
        return
    statements = json.loads(role.assume_role_policy_document)["Statement"]
    trusted = [statement.get("Principal", {}).get("Service", []) for statement in statements]
    if service not in [name for names in trusted for name in ([names] if isinstance(names, str) else names)]:
        refuse(
            f"Role with arn: {role_arn}, could not be assumed because it does not exist or the trusted entity "
            f"is not correct: its trust policy does not name {service}"
        )
