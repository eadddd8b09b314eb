"""Each rule, fed with a plan: what a reviewer would stop at is told, and what is none is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.dangers.judging import HARMLESS, RULES
from ops.dangers.resource_change import ResourceChange
from ops.plan_report.report import Action
from ops.plan_report.stateful import STATEFUL
from ops.plans.reading import read_plan
from tests.unit.ops.dangers.cases_attributes import ATTRIBUTE_CASES
from tests.unit.ops.dangers.cases_attributes_kept import KEPT_ATTRIBUTE_CASES
from tests.unit.ops.dangers.cases_cluster import CLUSTER_CASES
from tests.unit.ops.dangers.cases_database import DATABASE_CASES
from tests.unit.ops.dangers.cases_identity import IDENTITY_CASES
from tests.unit.ops.dangers.cases_interruptions import INTERRUPTION_CASES
from tests.unit.ops.dangers.cases_kept import KEPT_CASES
from tests.unit.ops.dangers.cases_kubernetes import KUBERNETES_CASES
from tests.unit.ops.dangers.cases_network import NETWORK_CASES
from tests.unit.ops.dangers.cases_release import RELEASE_CASES
from tests.unit.ops.dangers.cases_worker_sets import WORKER_SET_CASES
from tests.unit.ops.dangers.judged import Case, judged
from tests.unit.ops.recorded_plans import plan_of, resource

ROOT = Path(__file__).parents[4]
CASES = [
    *CLUSTER_CASES,
    *IDENTITY_CASES,
    *NETWORK_CASES,
    *DATABASE_CASES,
    *INTERRUPTION_CASES,
    *KEPT_CASES,
    *KUBERNETES_CASES,
    *RELEASE_CASES,
    *WORKER_SET_CASES,
    *ATTRIBUTE_CASES,
    *KEPT_ATTRIBUTE_CASES,
]
_IMPORT = re.compile(r"^from cdktf_cdktf_provider_(\w+)\.(\w+) import", re.MULTILINE)


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case[0]}" for number, case in enumerate(CASES)])
def test_a_change_is_told_by_what_it_does(case: Case) -> None:
    """In words, with before and after, the worst first; nothing where nothing opens, weakens or interrupts."""
    kind, before, after, told = case
    assert judged(kind, before, after) == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (
            "aws_eks_node_group",
            (
                "interrupts replaced: its nodes go, and the pods on them are stopped and started elsewhere; because of "
                "instance_types"
            ),
        ),
        ("aws_nat_gateway", "interrupts replaced: private subnets lose their way to the Internet, or get another "),
        ("aws_secretsmanager_secret_version", "interrupts replaced: the secret gets a new value, and what uses it "),
        ("kubernetes_job_v1", "interrupts replaced: it runs again, against the database that Airflow uses; because "),
        ("aws_db_instance", "loses replaced: the database, all that Airflow knows; because of instance_types"),
    ],
    ids=lambda text: text.partition(" ")[0],
)
def test_what_is_made_anew_is_told_with_the_reason(kind: str, told: str) -> None:
    """A replacement takes away what is there, for an argument that Terraform names."""
    found = judged(kind, {"id": "1"}, {"id": "1"}, replaced=True, replace_paths=[["instance_types"]])
    assert any(line.startswith(told) for line in found), found


def test_what_terraform_lets_go_of_is_no_danger() -> None:
    """It stays as it is; the table says that nobody manages it any more."""
    [change] = read_plan("x", plan_of(resource("aws_s3_bucket.logs", "forget", before={"a": 1}, after=None))).changes
    assert change.dangers == ()


def test_sensitive_values_are_in_no_danger() -> None:
    """What Terraform calls sensitive is no more told here than elsewhere."""
    found = judged(
        "aws_launch_template",
        {"user_data": "old-word"},
        {"user_data": "new-word"},
        before_sensitive={"user_data": True},
        after_sensitive={},
    )
    assert "old-word" not in "".join(found)
    hidden = {"user_data": True}
    assert judged("x", {"user_data": "a"}, None, before_sensitive=hidden) == [
        "interrupts destroy: no rule knows what goes with it"
    ]


class TestEveryType:
    def test_is_judged_or_listed_as_harmless_with_a_reason(self) -> None:
        """Each type that the programs make, with whichever settings: a new one has to be thought about."""
        made = _types()
        assert made - RULES.keys() - HARMLESS.keys() == set()
        assert RULES.keys().isdisjoint(HARMLESS)
        assert all(len(reason) > len("harmless") for reason in HARMLESS.values())
        assert made >= HARMLESS.keys() | STATEFUL.keys()

    def test_is_found_where_the_stacks_have_it(self) -> None:
        """What the frozen lists of addresses have is among the types that are looked for."""
        lists = (ROOT / "tests" / "synth").glob("addresses-*.txt")
        frozen = {line.partition(".")[0] for path in lists for line in path.read_text().splitlines() if line}
        assert frozen - {"data", "ephemeral"} - _types() == set()

    def test_has_a_case_for_each_of_its_rules(self) -> None:
        """No rule is there that no case has seen to say anything."""
        silent = [
            f"{kind}: rule {number}"
            for kind, rules in RULES.items()
            for number, rule in enumerate(rules)
            if not any(list(rule(change)) for change in _changes(kind))
        ]
        assert silent == []


def _changes(kind: str) -> Iterator[ResourceChange]:
    """The cases of a type as rules see them, those with both sides also as a replacement."""
    remade = [(kind, {"id": "1"}, {"id": "1"}) for kind in ("kubernetes_job_v1", "aws_secretsmanager_secret_version")]
    for other, before, after in [*(case[:3] for case in CASES), *remade]:
        if other == kind:
            entry = resource(f"{kind}.x", before=before, after=after)
            whole = before is not None and after is not None
            actions = (Action.CHANGE, Action.REPLACE) if whole else (Action.DESTROY if before else Action.ADD,)
            yield from (ResourceChange.of(entry, action, "") for action in actions)


def _types() -> set[str]:
    """The types of resources that the programs' sources import a class of."""
    sources = [
        path.read_text(encoding="utf-8") for room in ("constructs", "bootstrap") for path in (ROOT / room).rglob("*.py")
    ]
    found = {f"{provider}_{name}" for text in sources for provider, name in _IMPORT.findall(text)}
    named = {name.replace("helm_release", "helm_release") for name in found}
    return {name for name in named if not name.endswith("_provider") and "_data_" not in name} | {"terraform_data"}
