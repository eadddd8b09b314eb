import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.plan_report.report import Action, EnvironmentPlan, StackPlan, Status, read_reports, write_report
from ops.plan_report.stateful import STATEFUL
from ops.plans.reading import read_plan
from tests.unit.ops.record_plans import KEPT
from tests.unit.ops.recorded_plans import plan_of, recorded, resource, synthesized

ROOT = Path(__file__).resolve().parents[4]

#: Types of which nothing is lost that a deploy doesn't make again. A new type is put here or into STATEFUL.
REPLACEABLE = {
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_cloudwatch_metric_alarm",
    "aws_db_parameter_group",
    "aws_db_subnet_group",
    "aws_default_security_group",
    "aws_eip",
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "aws_eks_addon",
    "aws_eks_node_group",
    "aws_eks_pod_identity_association",
    "aws_flow_log",
    "aws_iam_instance_profile",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_internet_gateway",
    "aws_kms_alias",
    "aws_launch_template",
    "aws_nat_gateway",
    "aws_route",
    "aws_route53_record",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_peering_connection",
    "aws_vpc_peering_connection_options",
    "kubernetes_config_map_v1",
    "kubernetes_ingress_v1",
    "kubernetes_job_v1",
    "kubernetes_network_policy_v1",
    "kubernetes_secret_v1",
    "kubernetes_storage_class_v1",
    "terraform_data",
}


RECORDED = ("first-deploy", "no-change", "database-replaced")


class TestRecordedPlans:
    @pytest.mark.parametrize("name", RECORDED)
    def test_hold_what_the_recorder_keeps_and_nothing_secret(self, name: str) -> None:
        """No value that Terraform calls sensitive, no account but the example, no path of the recording machine."""
        document = recorded(name)
        assert set(document) <= set(KEPT)
        changes = [entry["change"] for key in ("resource_changes", "resource_drift") for entry in document.get(key, ())]
        for change in changes:
            for side in ("before", "after"):
                assert list(hidden(change.get(side), change.get(f"{side}_sensitive"))) == []
        text = json.dumps(document)
        assert set(re.findall(r"(?<![\w-])\d{12}(?![\w-])", text)) == {"111122223333"}
        assert re.findall(r'"/(?:home|root|tmp|usr|var|work|Users)/[^"]*"', text) == []

    def test_would_show_a_secret(self) -> None:
        """A value under a mark is found, however deep it lies."""
        assert list(hidden({"a": [{"b": "word", "c": 1}]}, {"a": [{"b": True}]})) == ["word"]
        assert list(hidden({"a": None, "b": 1}, {"a": True})) == []


def hidden(value: Any, mark: Any) -> Iterator[Any]:
    """The values under a mark of Terraform's; none that are empty."""
    if mark is True:
        if value:
            yield value
    elif isinstance(mark, dict) and isinstance(value, dict):
        for key, inner in mark.items():
            yield from hidden(value.get(key), inner)
    elif isinstance(mark, list) and isinstance(value, list):
        for inner, part in zip(value, mark, strict=False):
            yield from hidden(inner, part)


class TestReadPlan:
    def test_a_plan_without_changes_is_empty(self) -> None:
        """What providers read back of their own work right after a deploy is nobody's change."""
        plan = read_plan("infrastructure", recorded("no-change"))
        assert (plan.exit_code, plan.changes, plan.outside, plan.outputs) == (0, (), (), 0)

    def test_a_first_deploy_adds_everything(self) -> None:
        """Every resource is added; data and what stays as it is don't count."""
        plan = read_plan("infrastructure", recorded("first-deploy"), first=True)
        assert {change.action for change in plan.changes} == {Action.ADD}
        assert plan.counts[Action.ADD] == len(plan.changes) > 100
        assert all(change.arguments for change in plan.changes if change.type != "aws_default_security_group")
        assert plan.exit_code == 2

    def test_a_replacement_says_why(self) -> None:
        """The attribute that forces it, or that something it belongs to is replaced."""
        plan = read_plan("infrastructure", recorded("database-replaced"))
        reasons = {change.address: change.reason for change in plan.changes if change.action is Action.REPLACE}
        assert reasons["aws_vpc.database"] == "because of cidr_block"
        assert reasons["aws_db_instance.metadata"] == "because what it belongs to is replaced"

    def test_what_is_known_only_afterwards_is_left_out_of_a_replacement(self) -> None:
        """Every new object gets new identifiers: a list of them would hide what differs."""
        plan = read_plan("infrastructure", recorded("database-replaced"))
        [network] = [change for change in plan.changes if change.address == "aws_vpc.database"]
        assert network.details == ("cidr_block: 10.1.0.0/24 -> 10.9.0.0/24",)

    @pytest.mark.parametrize(
        ("actions", "action"),
        [
            (["create"], Action.ADD),
            (["update"], Action.CHANGE),
            (["delete"], Action.DESTROY),
            (["delete", "create"], Action.REPLACE),
            (["create", "delete"], Action.REPLACE),
            (["forget"], Action.FORGET),
        ],
        ids=["create", "update", "delete", "delete-create", "create-delete", "forget"],
    )
    def test_knows_every_action(self, actions: list[str], action: Action) -> None:
        """A replacement is one, in whichever order Terraform does it."""
        [change] = read_plan("platform", plan_of(resource("helm_release.airflow", *actions))).changes
        assert change.action is action

    @pytest.mark.parametrize("actions", [["no-op"], ["read"]], ids=["no-op", "read"])
    def test_leaves_out_what_does_not_change(self, actions: list[str]) -> None:
        """Neither an untouched resource nor data that is read is a change."""
        assert read_plan("platform", plan_of(resource("helm_release.airflow", *actions))).changes == ()

    def test_leaves_out_what_opentofu_opens_for_a_moment(self) -> None:
        """An ephemeral resource, which Terraform doesn't tell of, is in each of OpenTofu's plans."""
        opened = resource("aws_secretsmanager_random_password.admin", "open") | {"mode": "ephemeral"}
        plan = read_plan("infrastructure", plan_of(opened))
        assert (plan.changes, plan.exit_code) == ((), 0)

    def test_sensitive_values_never_appear(self) -> None:
        """Of a value that Terraform calls sensitive, or that holds one, only the fact that it changes is kept."""
        changed = resource(
            "helm_release.airflow",
            "update",
            before={"password": "old-word", "set": [{"value": "old-word"}], "all": "old-word", "same": "word"},
            after={"password": "new-word", "set": [{"value": "new-word"}], "all": "new-word", "same": "word"},
            before_sensitive={"password": True, "set": [{"value": True}], "same": True},
            after_sensitive={"password": True, "set": [{"value": True}], "all": True, "same": True},
            after_unknown={},
        )
        [change] = read_plan("platform", plan_of(changed)).changes
        assert change.details == (
            "all: (sensitive) -> (sensitive)",
            "password: (sensitive) -> (sensitive)",
            "set.0.value: (sensitive) -> (sensitive)",
        )

    def test_a_resource_that_is_sensitive_as_a_whole_is_hidden(self) -> None:
        """A mark on the whole object counts for everything inside."""
        changed = resource(
            "x.y",
            "update",
            before={"a": "old-word"},
            after={"a": "new-word"},
            before_sensitive=True,
            after_sensitive={},
        )
        [change] = read_plan("platform", plan_of(changed)).changes
        assert "word" not in "".join(change.details)

    def test_an_import_is_said(self) -> None:
        """What a plan takes over says under which id."""
        changed = resource("aws_vpc.cluster", "update", before={}, after={}, importing={"id": "vpc-1"})
        [change] = read_plan("infrastructure", plan_of(changed)).changes
        assert change.details == ("imported as vpc-1",)

    def test_changes_from_outside_are_those_that_the_plan_sets_right(self) -> None:
        """What somebody has changed and the plan changes back counts; what was read back otherwise doesn't."""
        planned = resource("aws_vpc.cluster", "update", before={"dns": False}, after={"dns": True})
        drift = [
            resource("aws_vpc.cluster", "update", before={"dns": True, "x": "1"}, after={"dns": False, "x": "2"}),
            resource("aws_eip.nat_a", "update", before={"ip": "1"}, after={"ip": "2"}),
            resource("aws_route.gone", "delete", before={}, after=None),
        ]
        plan = read_plan("infrastructure", plan_of(planned, resource_drift=drift))
        assert [(change.address, change.details) for change in plan.outside] == [
            ("aws_vpc.cluster", ("dns: true -> false",)),
            ("aws_route.gone", ()),
        ]


class TestStateful:
    def test_every_type_of_resource_is_one_or_the_other(self) -> None:
        """Each type that the stacks have is stateful or can be made again; a new one has to be thought about."""
        lists = (ROOT / "tests" / "synth").glob("addresses-*.txt")
        types = {line.partition(".")[0] for path in lists for line in path.read_text().splitlines() if line}
        assert types - {"data", "ephemeral"} - REPLACEABLE - STATEFUL.keys() == set()
        assert REPLACEABLE.isdisjoint(STATEFUL)


class TestReports:
    def test_come_back_as_they_were_written(self, tmp_path: Path) -> None:
        """What one job writes another one reads, wherever the artifact was unpacked."""
        made = EnvironmentPlan(
            environment="dev",
            stacks=(
                read_plan(
                    "infrastructure", recorded("database-replaced"), synthesized=synthesized("database-replaced")
                ),
                StackPlan(stack="platform", status=Status.FAILED, sentence="no", exit_code=1),
            ),
        )
        write_report(made, tmp_path / "report-dev")
        assert read_reports(tmp_path) == [made]
        assert not made.ended_well

    def test_are_none_where_there_is_no_folder(self, tmp_path: Path) -> None:
        """Where no job has written one there is nothing to read, and no error."""
        assert read_reports(tmp_path / "none") == []

    @pytest.mark.parametrize("text", ["", "[]", '{"stacks": []}', '{"stacks": [{"status": "odd"}]}'], ids=str)
    def test_that_are_none_are_refused(self, tmp_path: Path, text: str) -> None:
        """A file that is no report is named."""
        (tmp_path / "x.json").write_text(text)
        with pytest.raises(OperationError, match=r"x\.json is no report of a plan"):
            read_reports(tmp_path)
