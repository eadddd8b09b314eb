"""What keeps data or hands it on: databases, buckets, secrets, keys, logs, alarms, topics, queues, events."""

from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.ecr.models import ecr_backends
from moto.events.models import events_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.rds.models import rds_backends
from moto.s3.models import FakeDeleteMarker, s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends


def lines(account_id: str) -> Iterator[str]:
    """Yields a line per resource of these services."""
    for region, rds in rds_backends[account_id].items():
        yield from (f"{region} rds:{line}" for line in _rds(rds))
    for region, kms in kms_backends[account_id].items():
        yield from (f"{region} kms:{line}" for line in _kms(kms))
    for region, store in secretsmanager_backends[account_id].items():
        for secret in dict.values(store.secrets):
            state = " scheduled for deletion" if secret.is_deleted() else ""
            yield f"{region} secretsmanager:secret {secret.name}{state}"
    for region, logs in logs_backends[account_id].items():
        yield from (f"{region} logs:log-group {name}" for name in logs.groups)
    for region, cloudwatch in cloudwatch_backends[account_id].items():
        yield from (f"{region} cloudwatch:alarm {name}" for name in cloudwatch.alarms)
    for region, sns in sns_backends[account_id].items():
        yield from (f"{region} sns:topic {topic.name}" for topic in sns.topics.values())
        for subscription in sns.subscriptions.values():
            yield f"{region} sns:subscription {subscription.topic.name} {subscription.protocol} {subscription.endpoint}"
    yield from _images(account_id)
    yield from _interruptions(account_id)
    yield from _s3(s3_backends[account_id]["aws"])


def _interruptions(account_id: str) -> Iterator[str]:
    for region, sqs in sqs_backends[account_id].items():
        yield from (f"{region} sqs:queue {name}" for name in sqs.queues)
    for region, events in events_backends[account_id].items():
        for rule in (rule for bus in events.event_buses.values() for rule in bus.rules.values()):
            yield f"{region} events:rule {rule.name} {' '.join(target['Id'] for target in rule.targets)}"


def _images(account_id: str) -> Iterator[str]:
    for region, ecr in ecr_backends[account_id].items():
        for name, repository in ecr.repositories.items():
            yield f"{region} ecr:repository {name}{' expiring' if repository.lifecycle_policy else ''}"


def _rds(rds: Any) -> Iterator[str]:
    for name, instance in rds.databases.items():
        yield f"instance {name} {instance.engine} {instance.engine_version} {instance.status}"
    for name, snapshot in rds.database_snapshots.items():
        if snapshot.snapshot_type != "automated":
            yield f"snapshot {name}"
    yield from (f"subnet-group {name}" for name in rds.subnet_groups)
    for name in rds.db_parameter_groups:
        if not name.startswith("default."):
            yield f"parameter-group {name}"


def _kms(kms: Any) -> Iterator[str]:
    for key in kms.keys.values():
        aws_own = any(alias.startswith("alias/aws/") for alias in key.aliases)
        if key.key_state == "PendingDeletion" or aws_own:
            continue
        tags = kms.tagger.get_tag_dict_for_resource(key.id)
        yield f"key {tags.get('Name') or tags.get('Address') or key.description or 'unnamed'} {key.key_state}"
        yield from (f"alias {alias}" for alias in key.aliases)


def _s3(s3: Any) -> Iterator[str]:
    for name, bucket in s3.buckets.items():
        yield f"s3:bucket {name}"
        for key, current in bucket.keys.items():
            if not isinstance(current, FakeDeleteMarker):
                yield f"s3:object {name}/{key}"
