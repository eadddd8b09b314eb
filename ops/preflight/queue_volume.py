"""Whether redis is sent to nodes in the zone that its volume lies in, which it never leaves."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.capacity.fit import Fit

from ops.clients.aws import Aws, readable
from ops.console.pages import Page
from ops.preflight.check import Check, problem

SUBJECT = "zone of redis' volume"
#: The claim of the chart's StatefulSet; the EBS CSI driver writes it on the volume.
CLAIM = "redis-db-airflow-redis-0"


def check_queue_volume(fit: Fit, aws: Aws, cluster: str) -> Iterator[Check]:
    """Yield a problem where no node that redis may run on is in the zone of its volume; nothing where all is well.

    Raises:
        OperationError: EC2 does not say where the volume is.
    """
    environment = fit.environment
    if not environment.airflow.uses_celery:
        return
    tags = {
        f"kubernetes.io/cluster/{cluster}": "owned",
        "kubernetes.io/created-for/pvc/name": CLAIM,
        "kubernetes.io/created-for/pvc/namespace": environment.airflow.namespace,
    }
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    with readable("look at redis' volume"):
        lies_in = {
            volume["AvailabilityZone"] for volume in aws.pages("ec2", "describe_volumes", "Volumes", Filters=filters)
        }
    homes = [group for group in fit.groups if group.name in fit.reachable("redis")]
    zones = {zone for group in homes for zone in group.settings.availability_zones or environment.availability_zones}
    if lies_in and homes and lies_in.isdisjoint(zones):
        names = ", ".join(group.name for group in homes)
        yield problem(
            SUBJECT,
            f"{', '.join(sorted(lies_in))}, and redis may run on {names} only, whose nodes are in "
            f"{', '.join(sorted(zones))}: its pod would wait for ever",
            "name a group with nodes there in airflow.components.redis.node_group; or let the volume go",
            Page.REDIS_VOLUME,
        )
