"""The passwords of database owners, which RDS tells nobody."""

import os
from typing import Any

from moto.rds.models import rds_backends


def master_passwords() -> dict[str, str]:
    """Returns instance -> password of its owner; RDS changes it at once, whatever the maintenance window."""
    backends = rds_backends[os.environ["MOTO_ACCOUNT_ID"]].values()
    databases: list[Any] = [instance for backend in backends for instance in backend.databases.values()]
    return {instance.db_instance_identifier: instance._master_user_password for instance in databases}
