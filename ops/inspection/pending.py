"""What AWS has been told and has not done yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.inspection.running_database import running_database
from ops.unrecorded.notification import UNCONFIRMED

#: What EKS and RDS call things at rest.
_QUIET = frozenset({"ACTIVE", "available"})


def pending_database_changes(aws: Aws, identifier: str) -> list[str]:
    """Changes that the database keeps for its maintenance window, or for its next restart, with the command for that.

    Empty where there is no database. A password among them is named, never shown.

    Raises:
        OperationError: AWS can't be asked.
    """
    running = running_database(aws, identifier)
    if running is None:
        return []
    lines = [f"{name}: {'new' if 'Password' in name else value}" for name, value in running.pending.items()]
    if running.status not in _QUIET:
        lines.append(f"the database is {running.status}")
    if running.waits:
        lines.append(f"the database's {running.waiting}: python -m ops restart-database")
    return lines


def silent_receivers(aws: Aws, topic: str, emails: Sequence[str]) -> list[str]:
    """Addresses that alarms are not sent to yet, as nobody has confirmed that they shall be.

    Empty where the topic, `topic` by its ARN, is not there yet, and where no address is wanted: then nothing is asked.

    Raises:
        OperationError: AWS can't be asked.
    """
    if not emails:
        return []
    try:
        with readable("look at who is told of alarms"):
            subscribed = list(aws.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic))
    except NotFoundError:
        return []
    told = {item["Endpoint"] for item in subscribed if item["SubscriptionArn"] != UNCONFIRMED}
    return [
        f"alarms: {email} is not told until somebody opens the link in the mail from SNS"
        for email in emails
        if email not in told
    ]


def busy_objects(aws: Aws, cluster: str) -> list[str]:
    """Cluster, node groups and add-ons that are being changed, or have failed.

    Raises:
        OperationError: AWS can't be asked.
    """
    try:
        with readable(f"look at the cluster {cluster}"):
            return list(_busy(aws, cluster))
    except NotFoundError:
        return []


def _busy(aws: Aws, cluster: str) -> Iterator[str]:
    eks = aws.client("eks")
    found = [("cluster", cluster, eks.describe_cluster(name=cluster)["cluster"]["status"])]
    found += [
        ("node group", name, eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]["status"])
        for name in aws.pages("eks", "list_nodegroups", "nodegroups", clusterName=cluster)
    ]
    found += [
        ("add-on", name, eks.describe_addon(clusterName=cluster, addonName=name)["addon"]["status"])
        for name in aws.pages("eks", "list_addons", "addons", clusterName=cluster)
    ]
    yield from (f"{kind} {name}: {status}" for kind, name, status in found if status not in _QUIET)
