"""Karpenter's queue, rules and instance profile, found in the account by their declared names and their tags."""

from __future__ import annotations

import json

from tests.unit.ops.conftest import TrialAccount


class TestQueue:
    def test_is_found_with_its_policy(self, account: TrialAccount) -> None:
        """By its URL, which is what Terraform imports; the policy once there is one."""
        sqs = account.client("sqs")
        name = account.names.karpenter_queue
        url = sqs.create_queue(QueueName=name, tags=account.tags("aws_sqs_queue.karpenter"))["QueueUrl"]
        assert account.find() == {"aws_sqs_queue.karpenter": url}
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": account.names.arn("sqs", name),
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        assert account.find() == {"aws_sqs_queue.karpenter": url, "aws_sqs_queue_policy.karpenter": url}

    def test_of_others_is_left_alone(self, account: TrialAccount) -> None:
        """One of the same name without the stack's tags is nobody's to import."""
        account.client("sqs").create_queue(QueueName=account.names.karpenter_queue)
        assert account.find() == {}


class TestRules:
    def test_are_found_with_their_targets(self, account: TrialAccount) -> None:
        """A target by its rule and its own name."""
        events, name = account.client("events"), account.names.of("karpenter", "spot")
        pattern = json.dumps({"source": ["aws.ec2"]})
        events.put_rule(Name=name, EventPattern=pattern, Tags=account.pairs("aws_cloudwatch_event_rule.spot"))
        assert account.find() == {"aws_cloudwatch_event_rule.spot": name}
        queue = account.names.arn("sqs", account.names.karpenter_queue)
        events.put_targets(Rule=name, Targets=[{"Id": "karpenter", "Arn": queue}])
        assert account.find() == {
            "aws_cloudwatch_event_rule.spot": name,
            "aws_cloudwatch_event_target.spot": f"{name}/karpenter",
        }


class TestInstanceProfile:
    def test_is_found_by_its_name(self, account: TrialAccount) -> None:
        """With the stack's tags, and not without."""
        iam, name = account.client("iam"), account.names.karpenter_node
        iam.create_instance_profile(InstanceProfileName=name, Tags=account.pairs("aws_iam_instance_profile.node"))
        assert account.find() == {"aws_iam_instance_profile.node": name}
        iam.untag_instance_profile(InstanceProfileName=name, TagKeys=["Stack"])
        assert account.find() == {}
