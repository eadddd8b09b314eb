"""The table of EC2 instance types: `python -m tooling.instance_types` writes it anew from what EC2 says.

It asks with the credentials and the region of the environment, and at AWS_ENDPOINT_URL where that is set. Types that
the region does not have, and the table has, stay.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple
from typing import Any

import boto3
from constructs.capacity.instance_types import COLUMNS, HEAD, TABLE, InstanceType, known_types

#: Machines of macOS run no nodes of Kubernetes.
NO_NODES = "mac"


def ec2_types(region: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield each type of the region that nodes can be of, as EC2 describes it.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html
    """
    ec2 = boto3.client("ec2", region_name=region)
    for page in ec2.get_paginator("describe_instance_types").paginate():
        for found in page["InstanceTypes"]:
            if not found["InstanceType"].startswith(NO_NODES):
                yield found


def described(types: Iterable[Mapping[str, Any]]) -> Iterator[InstanceType]:
    """Yield of each type what the table has."""
    for found in types:
        yield InstanceType(
            found["InstanceType"],
            found["VCpuInfo"]["DefaultVCpus"],
            found["MemoryInfo"]["SizeInMiB"],
            found["NetworkInfo"]["MaximumNetworkInterfaces"],
            found["NetworkInfo"]["Ipv4AddressesPerInterface"],
            # What has no hypervisor is a bare machine, and of Nitro too.
            int(found.get("Hypervisor") != "xen"),
        )


def table(types: Iterator[InstanceType], as_of: dt.date, source: str) -> str:
    """Return the text of the table; what it had already, and `types` over it."""
    rows = {**known_types(), **{kind.name: kind for kind in types}}
    lines = (",".join(map(str, astuple(kind))) for _, kind in sorted(rows.items()))
    return "\n".join((f"# as of {as_of}: {source}", ",".join(COLUMNS), *lines, ""))


def main() -> int:
    """Write the table; say how many types are in it."""
    source = "EC2 DescribeInstanceTypes"
    text = table(described(ec2_types()), dt.datetime.now(tz=dt.UTC).date(), source)
    TABLE.write_text(text, encoding="utf-8")
    print(f"{TABLE.name}: {len(text.splitlines()) - HEAD} instance types")
    return 0


if __name__ == "__main__":
    sys.exit(main())
