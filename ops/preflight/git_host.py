"""Whether pods may reach the hosts of the DAGs' repositories, where a name is one of a private address.

An address in the URL is looked at when the environment file is read. What a name stands for is asked from here: in the
cluster's network it may stand for another one, so what comes out stops nobody.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address

from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.egress import reached

from ops.preflight.check import Check, unknown

SUBJECT = "DAG repository's host"
SECONDS = 10

#: The resolver's own time has no limit that a program may set.
_ASK = "import socket, sys; print(*{a[4][0] for a in socket.getaddrinfo(sys.argv[1], None, socket.AF_INET)})"


def addresses(host: str) -> list[IPv4Address]:
    """The IPv4 addresses of a host, as this machine resolves its name; none where it doesn't, or not in time."""
    command = [sys.executable, "-I", "-c", _ASK, host]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return []
    return sorted(map(IPv4Address, done.stdout.split()))


def check_host(
    environment: Environment, resolve: Callable[[str], Sequence[IPv4Address]] = addresses
) -> Iterator[Check]:
    """What pods would not reach; nothing where the name is of public addresses, or `airflow.task_egress` lets them."""
    airflow = environment.airflow
    if airflow.task_egress == "any":
        return
    there = [each for each in airflow.dags.repositories.values() if not each.address]
    for host, port in dict.fromkeys((each.host, each.port) for each in there):
        refused = [address for address in resolve(host) if not reached(airflow.task_egress, address, port)]
        if not refused:
            continue
        private = ", ".join(map(str, refused))
        destinations = ", ".join(f"{address}/32:{port}" for address in refused)
        yield unknown(
            SUBJECT,
            f"{host} is {private} from here: a private address, which the network policies keep pods from",
            f"if the cluster's network resolves it like that, add {destinations} to airflow.task_egress",
        )
