"""CloudWatch Logs: what differs from moto, and log groups that services make for themselves."""

import json
from typing import Any, NoReturn

from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogsBackend, logs_backends

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.references import require_key


def ensure_log_group(account_id: str, region: str, name: str) -> None:
    """Makes a log group where it is missing, without retention or key, as EKS and RDS do when they log."""
    logs = logs_backends[account_id][region]
    if name not in logs.groups:
        logs.create_log_group(name, {})


@difference(
    LogsBackend, "create_log_group", "CloudWatch Logs refuses a KMS key whose policy does not let it use the key"
)
def require_usable_key(original: Replacement, backend: Any, log_group_name: str, tags: Any, **options: Any) -> Any:
    """Refuses an unknown key, and one whose policy does not name the Logs service."""
    key_id = options.get("kmsKeyId")
    if key_id:
        _check_key(backend, key_id, log_group_name)
    return original(backend, log_group_name, tags, **options)


def _check_key(backend: Any, key_id: str, group: str) -> None:
    def refuse(reason: str) -> NoReturn:
        raise InvalidParameterException(
            f"The specified KMS key does not exist or is not allowed to be used with log group {group}: {reason}"
        )

    key = require_key(backend.account_id, backend.region_name, key_id, refuse)
    if key and not _trusts_logs(key.policy, backend.region_name):
        refuse(f"its policy does not name logs.{backend.region_name}.amazonaws.com")


def _trusts_logs(policy: str, region: str) -> bool:
    return any(
        name in json.dumps(json.loads(policy)) for name in (f"logs.{region}.amazonaws.com", "logs.amazonaws.com")
    )
