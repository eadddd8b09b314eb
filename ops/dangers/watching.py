"""Alarms that are raised later, reach fewer people, or are gone."""

from __future__ import annotations

from collections.abc import Iterator

from ops.dangers.policies import widened_policy
from ops.dangers.resource_change import ResourceChange
from ops.dangers.rules import Rule, changed, given, given_up, gone, number, raised, switched_off, taken_off
from ops.plan_report.danger import Danger, Kind, danger
from ops.plan_report.report import Action


def _threshold(change: ResourceChange) -> Iterator[Danger]:
    """A threshold that is passed later, or from the other side."""
    before, after = number(change.was("threshold")), number(change.becomes("threshold"))
    if not change.has_both or before is None or after is None:
        return
    sides = change.was("comparison_operator"), change.becomes("comparison_operator")
    later = after < before if str(sides[1]).startswith("Less") else after > before
    if sides[0] != sides[1] or later:
        yield danger(Kind.WEAKENS, "the alarm is raised later", f"{sides[0]} {before:g}", f"{sides[1]} {after:g}")


ALARMS: dict[str, tuple[Rule, ...]] = {
    "aws_cloudwatch_metric_alarm": (
        _threshold,
        switched_off("actions_enabled", "the alarm tells nobody"),
        taken_off("alarm_actions", "the alarm tells fewer"),
        raised("evaluation_periods", "the alarm is raised later", Kind.WEAKENS),
        raised("datapoints_to_alarm", "the alarm is raised later", Kind.WEAKENS),
        raised("period", "the alarm is raised later", Kind.WEAKENS),
        changed("metric_name", "the alarm watches something else", Kind.WEAKENS),
        changed("dimensions", "the alarm watches something else", Kind.WEAKENS),
        gone("nobody is told any more", Kind.WEAKENS, actions=(Action.DESTROY,)),
    ),
    "aws_sns_topic": (
        widened_policy("policy", "the topic's policy"),
        given_up("kms_master_key_id", "messages are stored without encryption"),
        gone("alarms reach nobody", Kind.WEAKENS),
    ),
    "aws_sns_topic_policy": (widened_policy("policy", "the topic's policy", trusted=("Service:*.amazonaws.com",)),),
    "aws_sns_topic_subscription": (
        given("endpoint", "alarms are told to one more", Kind.OPENS),
        gone("one who was told of alarms is told no more, or has to agree again", Kind.WEAKENS),
        changed("filter_policy", "other alarms are told", Kind.WEAKENS),
    ),
}
