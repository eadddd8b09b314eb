"""What `status` makes of states and answers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from constructs.settings.loading.environment_file import load_environment
from constructs.versions.verdict import Kind

from ops.clients.aws import Aws, Identity
from ops.commands.status import exit_code
from ops.console.errors import NoPermissionError, OperationError, UnreachableError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.environment.operated import STACKS, OperatedEnvironment, load
from ops.frame.session import Session
from ops.inspection import gathering
from ops.inspection.gathering import DECLARED, Gathering, Status
from ops.inspection.versions import NOT_DEPLOYED, NOT_RECORDED, Version, versions
from ops.plan_report.report import Action, Change, EnvironmentPlan, StackPlan
from ops.plan_report.report import Status as Planned
from ops.recovery.survey import Look, Survey
from ops.stack_clients.kubernetes import HelmRevision
from ops.state.location import StateFile
from ops.state.reading import CLUSTER_OUTPUTS, StackState, StateInstance
from programs.own_tools import ROOT

#: Versions age.
TODAY = date(2026, 11, 30)


def state(stack: str, *instances: StateInstance) -> StackState:
    """A state with these objects."""
    return StackState(stack=stack, location=StateFile(ROOT / "none"), instances=instances)


def instance(address: str, **attributes: str) -> StateInstance:
    """An object."""
    kind = address.partition(".")[0]
    return StateInstance(address, kind, tainted=False, deposed=False, attributes=attributes)


class TestVersions:
    @pytest.mark.parametrize(
        ("runs", "wanted", "differs"),
        [
            ("17.6", "17", False),
            ("17", "17", False),
            ("1.35", "1.3", True),
            ("1.34", "1.35", True),
            ("v1.2.3-eksbuild.1", "", False),
            (NOT_DEPLOYED, "1.35", False),
        ],
    )
    def test_what_a_deploy_would_change(self, runs: str, wanted: str, *, differs: bool) -> None:
        """A version within the one asked for is that one; what AWS chooses, or isn't there, is no difference."""
        assert Version(what="x", runs=runs, wanted=wanted).differs is differs

    def test_of_a_deployed_environment(self) -> None:
        """Kubernetes, PostgreSQL in full, each add-on, Airflow and its chart."""
        below = state(
            "infrastructure",
            instance("aws_eks_cluster.cluster", version="1.34"),
            instance("aws_db_instance.metadata", engine_version="17", engine_version_actual="17.6"),
            instance("aws_eks_addon.coredns", addon_name="coredns", addon_version="v1.12.0"),
        )
        above = state("platform", instance("helm_release.airflow", version="1.0.0"))
        above = replace(above, terraform_version="1.11.4")
        found = versions(load_environment(ROOT / "environments" / "dev.yaml"), below, above, TODAY)
        assert [(version.what, version.runs) for version in found] == [
            ("Kubernetes", "1.34"),
            ("PostgreSQL", "17.6"),
            ("add-on coredns", "v1.12.0"),
            ("Airflow", NOT_DEPLOYED),
            ("Airflow's chart", "1.0.0"),
            ("load balancer controller", NOT_DEPLOYED),
            ("FAB provider", NOT_DEPLOYED),
            ("PostgreSQL provider", NOT_DEPLOYED),
            ("Celery provider", NOT_DEPLOYED),
            ("Amazon provider", NOT_DEPLOYED),
            ("Git provider", NOT_DEPLOYED),
            ("Terraform", "1.11.4"),
            ("Terraform's AWS provider", NOT_RECORDED),
            ("Terraform's Helm provider", NOT_RECORDED),
            ("Terraform's Kubernetes provider", NOT_RECORDED),
        ]
        assert [version.what for version in found if version.differs] == ["Kubernetes", "Airflow's chart"]

    def test_of_an_old_environment_are_known_with_what_to_write(self) -> None:
        """What runs is judged, not what the file asks for; where nothing runs, what the file asks for is."""
        below = state(
            "infrastructure",
            instance("aws_eks_cluster.cluster", version="1.32"),
            instance("aws_db_instance.metadata", engine_version="17", engine_version_actual="17.4"),
        )
        above = replace(state("platform"), outputs={"airflow_version": "3.2.2"})
        found = versions(load_environment(ROOT / "environments" / "dev.yaml"), below, above, TODAY)
        known = {version.what: version.verdict for version in found if version.verdict}
        assert {what: [remark.kind for remark in verdict.remarks] for what, verdict in known.items()} == {
            "Kubernetes": [Kind.OLD],
            "PostgreSQL": [Kind.GONE, Kind.FAULTY],
            "Airflow": [Kind.OLD, Kind.FAULTY],
            "Airflow's chart": [],
            "load balancer controller": [],
            "FAB provider": [Kind.FAULTY],
            "PostgreSQL provider": [],
            "Celery provider": [],
            "Amazon provider": [],
            "Git provider": [Kind.FAULTY],
            "Terraform's AWS provider": [],
            "Terraform's Helm provider": [],
            "Terraform's Kubernetes provider": [],
        }
        (document,) = [version.document() for version in found if version.what == "Kubernetes"]
        assert document["known"]["remarks"][0]["fix"].startswith('write cluster.kubernetes_version: "1.35"; a cluster')

    def test_in_the_image_are_those_of_the_official_one(self) -> None:
        """By the version of Airflow that runs, and by the one that the file asks for; `not recorded` where unknown."""
        dev = load_environment(ROOT / "environments" / "dev.yaml")

        def fab(runs: str, wanted: str) -> dict[str, Any]:
            airflow = dev.airflow.model_copy(update={"version": wanted})
            environment = dev.model_copy(update={"airflow": airflow})
            above = replace(state("platform"), outputs={"airflow_version": runs})
            found = versions(environment, state("infrastructure"), above, TODAY)
            return next(version for version in found if version.what == "FAB provider").document()

        old = fab("3.3.1", "3.3.2")
        assert (old["runs"], old["wanted"], old["image"]) == ("3.8.0", "3.9.0", "apache/airflow:3.3.2")
        assert old["differs"]
        assert [fault["id"] for fault in old["known"]["faults"]] == ["CVE-2026-82311", "CVE-2026-86462"]
        unknown = fab("3.9.9", "3.9.9")
        assert (unknown["runs"], unknown["wanted"], unknown["known"]) == (NOT_RECORDED, "", None)


DRIFTED = StackPlan(stack="platform", changes=(Change(address="a.b", type="a", action=Action.CHANGE),))


class TestExitCode:
    @pytest.mark.parametrize(
        ("part", "error", "code"),
        [
            ("Airflow", UnreachableError("x"), ExitCode.DONE),
            ("leftovers of platform", NoPermissionError("x"), ExitCode.DONE),
            ("state of platform", NoPermissionError("x"), ExitCode.FAILED),
            ("AWS", OperationError("x", exit_code=ExitCode.MISTAKE), ExitCode.MISTAKE),
            ("database", UnreachableError("x"), ExitCode.FAILED),
            (DECLARED, OperationError("x", exit_code=ExitCode.MISTAKE), ExitCode.DONE),
        ],
    )
    def test_of_a_part_that_is_missing(self, part: str, error: OperationError, code: ExitCode) -> None:
        """A cluster that can't be entered from here is no failure, nor that nothing can be compared with the file; a
        state or an account that can't be read is.
        """
        assert exit_code(Status(not_read={part: error})) is code

    @pytest.mark.parametrize(
        ("stack", "code"),
        [
            (DRIFTED, ExitCode.DECISION),
            (StackPlan(stack="platform"), ExitCode.DONE),
            (StackPlan(stack="platform", status=Planned.SKIPPED), ExitCode.DONE),
            (StackPlan(stack="platform", status=Planned.FAILED), ExitCode.FAILED),
        ],
        ids=["drift", "none", "skipped", "failed"],
    )
    def test_of_drift(self, stack: StackPlan, code: ExitCode) -> None:
        """3 where something differs, 1 where it could not be planned."""
        assert exit_code(Status(drift=EnvironmentPlan(environment="dev", stacks=(stack,)))) is code


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Session:
    """dev, deployed, synthesized from an older file that declared nothing; this machine has no Node.js any more."""
    for stack in STACKS:
        (tmp_path / "stacks" / stack).mkdir(parents=True)
        (tmp_path / "stacks" / stack / "cdk.tf.json").write_text("{}", encoding="utf-8")
    read = {name: state(name, instance("aws_eks_cluster.cluster", version="1.34")) for name in STACKS}
    read["infrastructure"] = replace(read["infrastructure"], outputs=dict.fromkeys(CLUSTER_OUTPUTS, "x"))
    read["platform"] = replace(read["platform"], text="{}")
    cluster = SimpleNamespace(
        helm_revisions=lambda _: [HelmRevision("airflow", 3, "deployed", "s")], airflow_health=lambda _: {}
    )
    monkeypatch.setattr(Aws, "require_account", lambda _: Identity("111122223333", "arn:aws:iam::1:user/a"))
    monkeypatch.setattr(gathering, "read_state", lambda _, stack, __: read[stack])
    monkeypatch.setattr(gathering, "pending_database_changes", lambda *_: ["engine: 18"])
    monkeypatch.setattr(gathering, "busy_objects", lambda *_: [])
    monkeypatch.setattr(gathering, "connect", lambda *_: cluster)
    operated = load({"CDKTF_OUTDIR": str(tmp_path)}, env="dev")
    return Session(replace(operated, environ={"PATH": str(tmp_path)}), Output())


class TestDeclared:
    def test_an_older_synthesis_is_never_compared_with(self, session: Session) -> None:
        """Where the stacks can't be synthesized that is said, with what to do, and nothing is called left over; the
        rest is there, the cluster's part too.
        """
        found = Gathering(session).run(drift=False)
        assert list(found.not_read) == [DECLARED]
        assert "Node.js is not on PATH" in found.not_read[DECLARED].message
        assert "make setup" in found.not_read[DECLARED].fix
        assert (found.not_deployed, found.findings) == ({}, [])
        assert (found.pending, found.release and found.release.number) == (["engine: 18"], 3)
        assert exit_code(found) is ExitCode.DONE

    def test_the_file_of_today_is(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the file has come to ask for since the last synthesis is missing; what it still declares is not. The
        output folder, which a deploy may be using, stays as it is.
        """
        declared: dict[str, Any] = {"resource": {"aws_eks_cluster": {"cluster": {}}, "aws_vpc": {"new": {}}}}

        def synthesize(operated: OperatedEnvironment) -> str:
            for stack in STACKS:
                operated.stack_folder(stack).mkdir(parents=True)
                (operated.stack_folder(stack) / "cdk.tf.json").write_text(json.dumps(declared), encoding="utf-8")
            return ""

        monkeypatch.setattr(gathering, "synthesize", synthesize)
        monkeypatch.setattr(Survey, "look", lambda _, stack: Look(stack))
        found = Gathering(session).run(drift=False)
        assert found.not_deployed == {stack: ["aws_vpc.new"] for stack in STACKS}
        assert found.not_read == {}
        assert {file.read_text(encoding="utf-8") for file in session.operated.outdir.rglob("cdk.tf.json")} == {"{}"}
