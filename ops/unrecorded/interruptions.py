"""SQS and EventBridge: Karpenter's queue and the rules that write to it, asked for by their declared names."""

from __future__ import annotations

from collections.abc import Iterator

from ops.unrecorded.account import Account, Client, tag_mapping, unless
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

#: What SQS and EventBridge answer where there is nothing of a name.
_NONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException"})


def named(account: Account, declared: Declared) -> Iterator[Found]:
    """Declared queues and rules that exist and carry the stack's tags. Where none is declared nothing is asked."""
    for address, queue in declared.each("aws_sqs_queue"):
        url = _url(account.client("sqs"), queue["name"])
        if url and account.address("aws_sqs_queue", _queue_tags(account.client("sqs"), url)) == address:
            yield Found(address, url, f"queue {queue['name']} carries the tag Address")
    for address, rule in declared.each("aws_cloudwatch_event_rule"):
        arn = account.labels.names.arn("events", f"rule/{rule['name']}")
        if account.address("aws_cloudwatch_event_rule", _rule_tags(account.client("events"), arn)) == address:
            yield Found(address, rule["name"], f"rule {rule['name']} carries the tag Address")


def _url(sqs: Client, name: str) -> str | None:
    return unless(_NONE, lambda: str(sqs.get_queue_url(QueueName=name)["QueueUrl"]), None)


def _queue_tags(sqs: Client, url: str) -> dict[str, str]:
    tags: dict[str, str] = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
    return tags


def _rule_tags(events: Client, arn: str) -> dict[str, str]:
    return unless(_NONE, lambda: tag_mapping(events.list_tags_for_resource(ResourceARN=arn)["Tags"]), {})


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """The queues' policies and the rules' targets, which carry no tags."""
    for address, policy in declared.each("aws_sqs_queue_policy"):
        for url in declared.values(policy["queue_url"]):
            answer = account.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            if answer.get("Attributes", {}).get("Policy"):
                yield Found(address, url, f"queue {url.rpartition('/')[2]} has a policy")
    events = account.client("events") if declared.stack.resources("aws_cloudwatch_event_target") else None
    existing = {
        name for rule, _ in declared.each("aws_cloudwatch_event_rule") for name in declared.objects.get(rule, ())
    }
    for address, target in declared.each("aws_cloudwatch_event_target"):
        for rule in existing.intersection(declared.values(target["rule"])):
            identifiers = [each["Id"] for each in events.list_targets_by_rule(Rule=rule)["Targets"]] if events else []
            if target["target_id"] in identifiers:
                yield Found(address, f"{rule}/{target['target_id']}", f"rule {rule} has this target")
