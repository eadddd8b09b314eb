"""The alarms of an environment: what they watch, and who hears of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.checks.reachability import reference_name
from constructs.checks.synthesized import SynthesizedStack

from ops.state.reading import StackState

_ALARM = "aws_cloudwatch_metric_alarm"
_SIGNS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm."""

    name: str
    description: str
    rings_when: str
    """`CPUUtilization > 80 (average of 300 s, 3 times in a row)`."""

    receivers: tuple[str, ...]
    """Topics by their name, with those who subscribe to them."""

    now: str = ""
    """OK, ALARM or INSUFFICIENT_DATA; empty where AWS was not asked."""


def alarms(stack: SynthesizedStack, state: StackState | None, now: Mapping[str, str]) -> list[Alarm]:
    """Return the alarms of `infrastructure`; `now` says by name how AWS has them."""
    return [
        Alarm(
            name=str(body["alarm_name"]),
            description=str(body.get("alarm_description", "")),
            rings_when=_condition(body, {} if state is None else state.attributes(f"{_ALARM}.{name}")),
            receivers=tuple(_receivers(stack, body)),
            now=now.get(str(body["alarm_name"]), ""),
        )
        for name, body in stack.resources(_ALARM).items()
    ]


def _condition(body: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    threshold = body["threshold"]
    if isinstance(threshold, str):  # an expression: the state has what became of it
        threshold = known.get("threshold", "a threshold that the apply computes")
    number = f"{threshold:,.12g}" if isinstance(threshold, int | float) else str(threshold)
    sign = _SIGNS.get(str(body["comparison_operator"]), str(body["comparison_operator"]))
    over = f"{str(body['statistic']).lower()} of {body['period']} s, {body['evaluation_periods']} times in a row"
    return f"{body['metric_name']} {sign} {number} ({over})"


def _receivers(stack: SynthesizedStack, body: Mapping[str, Any]) -> Iterator[str]:
    """Of each topic; an ARN from the environment file stands for itself."""
    for action in body.get("alarm_actions") or ():
        if not str(action).startswith("${aws_sns_topic."):
            yield str(action)
            continue
        topic = reference_name(str(action), "aws_sns_topic")
        name = str(stack.resources("aws_sns_topic")[topic]["name"])
        # How many, not who: the page lies where all may read that read the repository.
        people = sum(
            f"${{aws_sns_topic.{topic}." in json.dumps(each["topic_arn"])
            for each in stack.resources("aws_sns_topic_subscription").values()
        )
        count = f"{people} address{'' if people == 1 else 'es'}" if people else "nobody subscribes in this file"
        yield f"{name}: {count}"
