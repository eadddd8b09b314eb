"""Everything that exists in the emulated account, described so that two inventories can be compared."""

import os

from tests.emulator.inventory import cluster, data, identity, network
from tests.emulator.inventory.passwords import master_passwords

__all__ = ["inventory", "master_passwords"]


def inventory() -> list[str]:
    """Returns one line per thing that exists, sorted; without AWS's own defaults and KMS keys pending deletion.

    A line is `<region> <service>:<kind> <description>` (no region for IAM and S3). No line has a random id in it.
    """
    account_id = os.environ["MOTO_ACCOUNT_ID"]
    lines: list[str] = []
    for describe in (network.lines, cluster.lines, data.lines, identity.lines):
        lines.extend(describe(account_id))
    return sorted(lines)
