"""The page of `status`, for what no emulator has: a release, Airflow's answers, drift."""

from __future__ import annotations

import pytest

from ops.environment import load
from ops.inspection.gathering import Status, document
from ops.inspection.page import show
from ops.kubernetes import HelmRevision
from ops.output import Output
from ops.plans.report import Action, Change, EnvironmentPlan, StackPlan
from ops.session import Session
from ops.state_location import StateFile
from ops.states import StackState, StateInstance
from programs.own_tools import ROOT

HELM = "sh.helm.release.v1.airflow.v3"


@pytest.fixture(scope="module")
def session() -> Session:
    """The shipped environment dev."""
    return Session(load({}, env="dev"), Output())


def page(status: Status, session: Session, capsys: pytest.CaptureFixture[str]) -> str:
    """The page."""
    show(status, session)
    return capsys.readouterr().out


def states(*addresses: str) -> dict[str, StackState]:
    """Both states, with these objects in infrastructure."""
    location = StateFile(ROOT / "none")
    objects = tuple(
        StateInstance(address, address.partition(".")[0], tainted=False, deposed=False, attributes={})
        for address in addresses
    )
    below = StackState(stack="infrastructure", location=location, text="{}", instances=objects)
    return {"infrastructure": below, "platform": StackState(stack="platform", location=location)}


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

    def test_a_deploy_that_has_only_begun(self, session: Session, capsys: pytest.CaptureFixture[str]) -> None:
        """The first dozen of what is missing is named, and the rest counted; the document has them all."""
        missing = [f"aws_subnet.number_{number:02}" for number in range(15)]
        status = Status(states=states("aws_vpc.cluster"), not_deployed={"infrastructure": missing})
        said = page(status, session, capsys)
        assert "infrastructure: 1 object; 15 that the file asks for are missing\n" in said
        assert "  missing  aws_subnet.number_11\n  missing  and 3 more\n" in said
        assert document(status, session)["stacks"]["infrastructure"]["not_deployed"] == missing
