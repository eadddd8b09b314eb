"""Memory of database instance classes, and the connections that RDS allows for it."""

from __future__ import annotations

import re

GIB = 1024**3
#: Bytes of memory per connection in RDS's default `max_connections` (RDS user guide, "Maximum number of database
#: connections"), and the bound that the default never exceeds.
BYTES_PER_CONNECTION = 9_531_392
MOST_CONNECTIONS = 5_000

#: GiB of the sizes below `large`, which only the burstable families have, and of a `large` by the kind of family.
#: Every `xlarge` is two `large` (RDS user guide, "Hardware specifications for DB instance classes").
_SMALL = {"micro": 1.0, "small": 2.0, "medium": 4.0}
_LARGE = {"t": 8.0, "m": 8.0, "r": 16.0}


def memory_gib(instance_class: str) -> float:
    """Memory, in GiB, of a burstable, general purpose or memory optimized class: 4.0 for `db.t4g.medium`.

    Raises:
        ValueError: for any other class.
    """
    match = re.fullmatch(r"db\.([tmr])\w+\.(?:(micro|small|medium)|(large)|(\d*)xlarge)", instance_class)
    if not match:
        raise ValueError(f"the memory of {instance_class} is not known")
    family, small, large, multiple = match.groups()
    if small:
        return _SMALL[small]
    return _LARGE[family] * (1 if large else 2 * int(multiple or 1))


def default_max_connections(memory_gib: float) -> int:
    """RDS's default `max_connections` of PostgreSQL for an instance with so much memory."""
    return min(int(memory_gib * GIB / BYTES_PER_CONNECTION), MOST_CONNECTIONS)
