"""The topic of the alarms, whose making is killed and recovered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ops.operated import AT_ONCE, DEPLOY, Operated, operated
from tests.ops.seeded import Kill
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

TOPIC, POLICY = "aws_sns_topic.alarms", "aws_sns_topic_policy.alarms"
SUBSCRIPTION = "aws_sns_topic_subscription.alarms_oncall_acme_org"
#: The rest of the stack, but for the key, takes no part in it.
VARIABLES = {**AT_ONCE, "TF_CLI_ARGS_plan": f"-target={POLICY} -target={SUBSCRIPTION}"}


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, with somebody who is told; nothing of it exists."""
    told = {"alarm_emails": ["oncall@acme.org"]}
    with operated(toolchain, tmp_path_factory.mktemp("alarms"), state_in_s3=False, database=told) as made:
        yield made


def test_what_a_killed_deploy_has_made_is_found_and_recorded(environment: Operated) -> None:
    """Topic and subscription, each killed in its making, are imported, and the next deploy makes nothing twice."""
    Kill("sns", "CreateTopic", 1, "after").happen(environment, VARIABLES)
    assert TOPIC in environment.unrecorded()
    assert f"{TOPIC}  arn:aws:sns:" in environment.recover()
    assert environment.unrecorded() == set()
    Kill("sns", "Subscribe", 1, "after").happen(environment, VARIABLES)
    assert environment.unrecorded() == {SUBSCRIPTION}
    assert SUBSCRIPTION in environment.recover()
    environment.done(*DEPLOY, variables=VARIABLES)
    topics = [line.partition(" sns:")[2] for line in environment.inventory() if " sns:" in line]
    assert topics == ["subscription airflow-dev-alarms email oncall@acme.org", "topic airflow-dev-alarms"]
    plan = environment.done("plan", variables=VARIABLES)
    assert "No changes. Your infrastructure matches the configuration." in plan
