"""The page of `status`, for what no emulator has: a release, Airflow's answers, drift."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.autoscaling import AutoscalingSettings
from constructs.settings.sections.airflow.image import ImageSettings
from constructs.versions.table import proven
from rich.console import Console

from ops.console.errors import OperationError
from ops.console.output import Output
from ops.environment.operated import load
from ops.frame.session import Session
from ops.inspection.gathering import Status, document
from ops.inspection.page import show
from ops.inspection.versions import NOT_DEPLOYED, versions
from ops.plan_report.report import Action, Change, EnvironmentPlan, StackPlan
from ops.plans.reading import read_plan
from ops.recovery.finding import Finding, Repair
from ops.stack_clients.kubernetes import HelmRevision
from ops.state.location import StateFile
from ops.state.reading import StackState, StateInstance
from programs.own_tools import ROOT
from tests.documented import shows
from tests.unit.ops.recorded_plans import plan_of, resource

HELM = "sh.helm.release.v1.airflow.v3"


@pytest.fixture(scope="module")
def session() -> Session:
    """The shipped environment dev."""
    return Session(load({}, env="dev"), Output())


def page(status: Status, session: Session, capsys: pytest.CaptureFixture[str]) -> str:
    """The page."""
    show(status, session)
    return capsys.readouterr().out


def running(stack: str, **attributes: dict[str, str]) -> StackState:
    """A state with these objects, by kind and name with two underscores between."""
    objects = tuple(
        StateInstance(address.replace("__", "."), "x", tainted=False, deposed=False, attributes=values)
        for address, values in attributes.items()
    )
    return StackState(
        stack=stack, location=StateFile(ROOT / "none"), text="{}", terraform_version="1.11.4", instances=objects
    )


def states(*addresses: str) -> dict[str, StackState]:
    """Both states, with these objects in infrastructure."""
    location = StateFile(ROOT / "none")
    objects = tuple(
        StateInstance(address, address.partition(".")[0], tainted=False, deposed=False, attributes={})
        for address in addresses
    )
    below = StackState(stack="infrastructure", location=location, text="{}", instances=objects)
    return {"infrastructure": below, "platform": StackState(stack="platform", location=location)}


def opened_by_hand() -> StackPlan:
    """Somebody has opened port 22 to the world, and the plan closes it."""
    rule = {"cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "protocol": "tcp", "to_port": 22}
    closed: dict[str, list[object]] = {"ingress": []}
    opened = {"ingress": [rule]}
    address = "aws_security_group.database"
    done = resource(address, "update", before=closed, after=opened)
    return read_plan(
        "infrastructure", plan_of(resource(address, "update", before=opened, after=closed), resource_drift=[done])
    )


class TestPage:
    def test_a_pending_revision(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """A release that Helm was stopped in says so, and what to run; one at rest says its revision alone."""
        stopped = Status(states=states(), release=HelmRevision("airflow", 3, "pending-upgrade", HELM))
        deployed = Status(states=states(), release=HelmRevision("airflow", 3, "deployed", HELM))
        said = page(stopped, session, capsys)
        assert "revision 3, pending-upgrade  <- Helm was stopped in the middle: python -m ops recover\n" in said
        assert "Release airflow: revision 3, deployed\n" in page(deployed, session, capsys)

    def test_health(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """What Airflow says of its parts; that it doesn't answer; nothing where it wasn't asked."""
        unwell = page(Status(states=states(), health={"scheduler": "unhealthy"}), session, capsys)
        silent = page(Status(states=states(), health={}), session, capsys)
        assert "Airflow says:\n  scheduler: unhealthy\n" in unwell
        assert "nothing: its api-server does not answer" in silent
        assert "Airflow says" not in page(Status(states=states()), session, capsys)

    def test_drift(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """What differs, by stack; `none` where nothing does, or nothing is deployed."""
        change = Change(address="aws_vpc.cluster", type="aws_vpc", action=Action.CHANGE)
        stacks = (StackPlan(stack="infrastructure", changes=(change,), outside=(change,)), StackPlan(stack="platform"))
        said = page(Status(states=states(), drift=EnvironmentPlan(environment="dev", stacks=stacks)), session, capsys)
        assert "Drift of infrastructure:\n  change aws_vpc.cluster\n  changed outside of Terraform: aws_vpc.c" in said
        assert "Drift of platform:\n  none\n" in said
        nothing = Status(states=states(), drift=EnvironmentPlan(environment="dev"))
        assert "Drift: none, as nothing is deployed\n" in page(nothing, session, capsys)

    def test_drift_says_what_differs_the_dangers_first(
        self, session: Session, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A port that somebody has opened to the world is not a name in a list."""
        told = (
            "opens      changed outside of Terraform: aws_security_group.database: lets more in: (none) -> "
            "tcp 22 0.0.0.0/0"
        )
        status = Status(states=states(), drift=EnvironmentPlan(environment="dev", stacks=(opened_by_hand(),)))
        said = page(status, session, capsys)
        lines = said.partition("Drift of infrastructure:\n")[2].splitlines()[:5]
        assert [line.strip() for line in lines] == [
            told,
            "change aws_security_group.database",
            'ingress: [{"cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "protocol": "tcp", "to_port": 22}] -> []',
            "changed outside of Terraform: aws_security_group.database",
            'ingress: [] -> [{"cidr_blocks": ["0.0.0.0/0"], "from_port": 22, "protocol": "tcp", "to_port": 22}]',
        ]
        [danger] = document(status, session)["drift"]["infrastructure"]["dangers"]
        assert (danger["kind"], danger["outside"]) == ("opens", True)

    def test_the_bad_news_comes_first(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """What is left over, stopped, unwell, changed or unread stands before what there is; what is well after it."""
        finding = Finding(
            stack="infrastructure",
            what="aws_eip.nat",
            identifier="eipalloc-1",
            evidence="carries the tag",
            repair=Repair.IMPORT,
        )
        bad = Status(
            states=states("aws_vpc.cluster"),
            findings=[finding],
            release=HelmRevision("airflow", 3, "pending-upgrade", HELM),
            health={"scheduler": "unhealthy", "triggerer": "healthy"},
            drift=EnvironmentPlan(environment="dev", stacks=(opened_by_hand(),)),
            not_read={"database": OperationError("AWS refuses it", fix="sign in")},
        )
        well = Status(
            states=states("aws_vpc.cluster"),
            release=HelmRevision("airflow", 3, "deployed", HELM),
            health={"scheduler": "healthy"},
            drift=EnvironmentPlan(environment="dev", stacks=(StackPlan(stack="infrastructure"),)),
        )
        titles = ("Not as a finished run leaves it", "Release airflow", "Airflow says", "Drift of", "Not read", "Fix: ")
        first, there = page(bad, session, capsys).split("infrastructure: 1 object\n")
        assert [title for title in titles if title in first] == [*titles]
        assert [title for title in titles if title in there] == []
        first, there = page(well, session, capsys).split("infrastructure: 1 object\n")
        assert [title for title in titles if title in first] == []
        assert "Drift of infrastructure:\n  none\n" in there

    def test_values_that_are_copied_are_whole_at_any_width(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a terminal of 40 columns neither a command nor an ARN is cut or broken; the terminal breaks its lines."""
        arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow-staging/admin-AbCdEf"
        command = f"aws secretsmanager get-secret-value --region eu-west-1 --query SecretString --secret-id {arn}"
        both = states("aws_vpc.cluster")
        below = replace(both["infrastructure"], outputs={"admin_password_command": command, "arns": [arn, arn]})
        written = StringIO()
        narrow = Console(
            file=written, width=40, force_terminal=True, color_system=None, soft_wrap=True, markup=False, emoji=False
        )
        monkeypatch.setattr(session.output, "_stdout", narrow)
        show(Status(states={**both, "infrastructure": below}), session)
        lines = written.getvalue().splitlines()
        assert any(line.rstrip().endswith(command) for line in lines)
        assert any(line.rstrip().endswith(f"{arn}, {arn}") for line in lines)

    def test_a_deploy_that_has_only_begun(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """The first dozen of what is missing is named, and the rest counted; the document has them all."""
        missing = [f"aws_subnet.number_{number:02}" for number in range(15)]
        status = Status(states=states("aws_vpc.cluster"), not_deployed={"infrastructure": missing})
        said = page(status, session, capsys)
        assert "infrastructure: 1 object; 15 that the file asks for are missing\n" in said
        assert "  missing  aws_subnet.number_11\n  missing  and 3 more\n" in said
        assert document(status, session)["stacks"]["infrastructure"]["not_deployed"] == missing


class TestVersions:
    def test_that_are_old_are_told_with_what_to_write(
        self, session: Session, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A line for each part, and below a sentence for each thing to do something about."""
        environment = session.operated.environment
        cluster = environment.cluster.model_copy(update={"kubernetes_version": "1.32"})
        airflow = environment.airflow.model_copy(update={"version": "3.2.2"})
        environment = environment.model_copy(update={"cluster": cluster, "airflow": airflow})
        below = running(
            "infrastructure",
            aws_eks_cluster__cluster={"version": "1.32"},
            aws_db_instance__metadata={"engine_version_actual": "17.4"},
        )
        above = running(
            "platform",
            helm_release__airflow={"version": "1.22.0"},
            helm_release__load_balancer_controller={"version": "3.5.0"},
        )
        above = replace(above, outputs={"airflow_version": "3.2.2"})
        found = versions(environment, below, above, date(2026, 11, 30))
        _, _, table = page(Status(versions=found), session, capsys).partition("\nwhat ")
        shows("status-old-versions", f"what {table}")

    def test_of_keda_and_karpenter_are_shown_where_they_are(self, session: Session) -> None:
        """Where the file asks for them, and where they still run without."""

        def shown(environment: Environment, platform: StackState) -> dict[str, tuple[str, str]]:
            found = versions(environment, running("infrastructure"), platform, date(2026, 11, 30))
            return {each.what: (each.runs, each.wanted) for each in found if each.what in ("KEDA", "Karpenter")}

        plain, nothing = session.operated.environment, running("platform")
        assert shown(plain, nothing) == {}
        triggerer = plain.airflow.components.triggerer.model_copy(update={"autoscaling": AutoscalingSettings(max=2)})
        components = plain.airflow.components.model_copy(update={"triggerer": triggerer})
        scaled = plain.model_copy(update={"airflow": plain.airflow.model_copy(update={"components": components})})
        assert shown(scaled, nothing) == {"KEDA": (NOT_DEPLOYED, proven("keda"))}
        left = running("platform", helm_release__karpenter={"version": "1.14.1"})
        assert shown(plain, left) == {"Karpenter": ("1.14.1", "")}

    def test_of_an_image_of_ones_own_may_be_others(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """The providers are shown as the official image has them, and what tells those of one's own."""
        environment = session.operated.environment
        image = ImageSettings(repository="acme/airflow", tag="3.3.2-1")
        airflow = environment.airflow.model_copy(update={"image": image})
        own = environment.model_copy(update={"airflow": airflow})
        status = Status(versions=versions(own, running("infrastructure"), running("platform"), date(2026, 11, 30)))
        sentence = (
            "Your image may have other providers than the official one: airflow providers list, run in it, tells\n"
        )
        operated = replace(session.operated, environment=own)
        said = page(status, Session(operated, session.output), capsys)
        assert "FAB provider                     not deployed  3.9.0 in apache/airflow:3.3.2" in said
        assert sentence in said
        assert sentence not in page(status, session, capsys)
