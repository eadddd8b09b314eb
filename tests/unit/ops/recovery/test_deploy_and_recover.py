"""How `deploy` and `recover` end where something is refused, interrupted or not agreed to; with stand-ins below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from ops.__main__ import application
from ops.commands import deploy, recover
from ops.console.errors import (
    ClusterUnreachableError,
    LockedError,
    NoPermissionError,
    OperationError,
    UnreachableError,
)
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.recovery import infrastructure, repairing, survey
from ops.recovery.finding import Finding, Repair
from ops.recovery.importing import IMPORTS
from ops.recovery.repairing import Repaired, Repairing
from ops.recovery.survey import NEVER_DEPLOYED, NOT_YET, Look, Survey
from ops.running.outcome import Ended, Outcome
from ops.state.location import StateFile
from ops.state.lock import Lock
from ops.state.reading import CLUSTER_OUTPUTS, StackState

SECRET = Finding(
    stack="infrastructure",
    what="aws_secretsmanager_secret.redis",
    identifier="arn",
    evidence="scheduled for deletion",
    repair=Repair.RESTORE,
)
FERNET = Finding(
    stack="infrastructure", what="aws_secretsmanager_secret_version.fernet", identifier="arn|1", evidence="",
    repair=Repair.DECIDE,
)  # fmt: skip
TAKEN = Look("infrastructure", [SECRET])


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session of an environment whose stacks are synthesized, without a terminal."""
    for command in (deploy, recover):
        monkeypatch.setattr(command, "synthesize", lambda _: "")
    operated = SimpleNamespace(
        stack_folder=lambda stack: tmp_path / stack,
        keep_folder=tmp_path / "kept",
        environ=dict[str, str](),
        environment=SimpleNamespace(cluster=SimpleNamespace(node_pools={})),
    )
    aws = SimpleNamespace(require_account=lambda: None)
    return SimpleNamespace(operated=operated, output=Output(), aws=aws, terraform=lambda _: None)


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stacks that were applied, each without a change."""
    stacks: list[str] = []

    class Applying:
        def __init__(self, _terraform: object, stack: str, _output: Output) -> None:
            self.stack = stack

        def init(self) -> None:
            pass

        def run(self, **_: Any) -> Outcome:
            stacks.append(self.stack)
            return Outcome(stack=self.stack, ended=Ended.UNCHANGED)

    monkeypatch.setattr(deploy, "Applying", Applying)
    return stacks


def found(monkeypatch: pytest.MonkeyPatch, look: Look, repaired: Repaired) -> None:
    """Have every look find that, and every repair end so."""
    monkeypatch.setattr(deploy, "Survey", lambda _: SimpleNamespace(look=lambda _: look))
    for command in (deploy, recover):
        monkeypatch.setattr(command, "Repairing", lambda *_: SimpleNamespace(repair=lambda _: repaired))


def deployed(session: Any, *, yes: bool = True, recovery: bool = True) -> ExitCode:
    """End of a deploy of `infrastructure`."""
    return deploy.Deploying(session, yes=yes, preflight=False, recovery=recovery).run(("infrastructure",))


class TestSecretsTakenBack:
    def test_and_deployed(self, session: Any, applied: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nothing else is found, the deploy goes on."""
        found(monkeypatch, TAKEN, Repaired("infrastructure"))
        assert deployed(session) is ExitCode.DONE
        assert applied == ["infrastructure"]

    def test_an_interrupt_ends_the_deploy(
        self, session: Any, applied: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ctrl-C while they are recorded is one of the whole deploy."""
        found(monkeypatch, TAKEN, Repaired("infrastructure", interrupted=True))
        assert deployed(session) is ExitCode.INTERRUPTED
        assert applied == []

    def test_a_refusal_stops_the_deploy(
        self, session: Any, applied: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What could not be taken back would fail in the apply: said, with why and what to do."""
        found(monkeypatch, TAKEN, Repaired("infrastructure", refused={SECRET.what: "denied"}))
        with pytest.raises(OperationError, match="redis: denied") as refused:
            deployed(session)
        assert refused.value.fix.startswith("python -m ops recover")
        assert applied == []

    def test_what_is_to_be_decided_stops_the_deploy(
        self, session: Any, applied: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A decision that comes up by taking them back, as about the Fernet key, is not passed over."""
        found(monkeypatch, TAKEN, Repaired("infrastructure", left=[FERNET]))
        with pytest.raises(OperationError, match="fernet") as refused:
            deployed(session)
        assert refused.value.exit_code is ExitCode.DECISION
        assert applied == []

    def test_nothing_is_done_unasked(self, session: Any, applied: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Without --yes, and with nobody to ask, they stay where they are."""
        found(monkeypatch, TAKEN, Repaired("infrastructure", done=["not asked"]))
        with pytest.raises(OperationError, match="1 secrets of this name") as refused:
            deployed(session, yes=False)
        assert "--yes" in refused.value.fix
        assert refused.value.exit_code is ExitCode.DECISION
        assert applied == []


class TestDeploy:
    def test_what_a_killed_recover_has_left_is_never_applied(
        self, session: Any, applied: list[str], tmp_path: Path
    ) -> None:
        """Its import blocks go from the stack's folder, also where the check is skipped."""
        left = tmp_path / "infrastructure" / IMPORTS
        left.parent.mkdir()
        left.write_text("{}", encoding="utf-8")
        assert deployed(session, recovery=False) is ExitCode.DONE
        assert applied == ["infrastructure"]
        assert not left.exists()


class Asked(Output):
    """Somebody at a terminal, who types the same at every question."""

    interactive = True

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer, self.questions = answer, list[str]()

    def ask(self, question: str) -> str:
        """Note the question."""
        self.questions.append(question)
        return self.answer


OLD = Look(
    "infrastructure",
    [
        Finding(
            stack="infrastructure", what="lock", identifier="lock-1", evidence="", repair=Repair.UNLOCK_IF_AGREED
        )
    ],
    "the state is locked",
)  # fmt: skip


class TestOldLock:
    @pytest.mark.parametrize(
        ("answer", "yes", "unlocked"), [("lock-1", False, True), ("y", False, False), ("lock-1", True, False)]
    )
    def test_goes_when_somebody_types_its_id(
        self, session: Any, monkeypatch: pytest.MonkeyPatch, answer: str, *, yes: bool, unlocked: bool
    ) -> None:
        """Of a lock of which only the age is known a person is asked for its ID; a y is no answer, nor is --yes."""
        gone: list[str] = []
        repairing = SimpleNamespace(unlock=lambda lock: gone.append(lock.identifier))
        monkeypatch.setattr(recover, "Repairing", lambda *_: repairing)
        session.output = Asked(answer)
        looks = iter([OLD, Look("infrastructure")])
        looking: Any = SimpleNamespace(look=lambda _, **__: next(looks))
        code = recover.Recovering(session, looking, yes=yes).run(("infrastructure",))
        assert gone == (["lock-1"] if unlocked else [])
        assert code is (ExitCode.DONE if unlocked else ExitCode.DECISION)
        assert len(session.output.questions) == (0 if yes else 1)


class TestUnwrittenState:
    def test_of_platform_counts_for_the_fernet_key(
        self, session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Airflow may run though no state knows it yet: its key is not renewed while that state waits."""
        asked: list[bool] = []

        def inspection(*, airflow_runs: bool, **_: object) -> Any:
            asked.append(airflow_runs)
            return SimpleNamespace(findings=list)

        session.operated.environment = SimpleNamespace(
            state=SimpleNamespace(lock_timeout_minutes=60), cluster=SimpleNamespace(node_pools={})
        )
        session.operated.labels, session.aws.client = str, None
        empty = StackState(stack="infrastructure", location=StateFile(tmp_path / "state"))
        monkeypatch.setattr(survey, "read_state", lambda *_: empty)
        monkeypatch.setattr(survey, "SynthesizedStack", SimpleNamespace(read=lambda _: None))
        monkeypatch.setattr(infrastructure, "Inspection", inspection)
        Survey(session).look("infrastructure")
        (tmp_path / "kept").mkdir()
        (tmp_path / "kept" / "platform.errored.tfstate").write_text("{}", encoding="utf-8")
        Survey(session).look("infrastructure")
        assert asked == [False, True]


def _ready(locked: Callable[[], AbstractContextManager[None]]) -> Any:
    """Terraform whose commands succeed."""
    program = SimpleNamespace(name="terraform")
    return SimpleNamespace(locked=locked, program=program, run=lambda *_, **__: SimpleNamespace(returncode=0))


class TestRepair:
    def test_nothing_where_somebody_has_worked_since(
        self, session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """What was found is repaired only while the state is the one at which it was looked, and nobody else works."""
        held: list[str] = []

        @contextmanager
        def locked() -> Iterator[None]:
            held.append("taken")
            yield

        session.terraform = lambda _: _ready(locked)
        tainted = replace(SECRET, what="aws_iam_role.node", repair=Repair.UNTAINT)
        changed = StackState(stack="infrastructure", location=StateFile(tmp_path / "state"), text="serial 8")
        monkeypatch.setattr(repairing, "read_state", lambda *_: changed)
        monkeypatch.setattr(repairing, "settle", lambda findings, *_: list(findings))
        session.aws.client = None
        survey_: Any = None
        with pytest.raises(OperationError, match="Somebody has worked on infrastructure since") as refused:
            Repairing(session, survey_).repair(Look("infrastructure", [tainted], recorded="serial 7"))
        assert refused.value.exit_code is ExitCode.DECISION
        assert held == ["taken"]

    def test_nothing_while_terraform_works_on_a_local_state(
        self, session: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Our lock doesn't keep out who runs it by hand, and what looks like left behind may be in the making."""
        session.terraform = lambda _: _ready(nullcontext)
        theirs = Lock(id="1", who="ann@desk", operation="OperationTypeApply")
        at_work = StackState(stack="platform", location=StateFile(tmp_path / "state"), text="serial 7", lock=theirs)
        monkeypatch.setattr(repairing, "read_state", lambda *_: at_work)
        monkeypatch.setattr(repairing, "settle", lambda findings, *_: list(findings))
        session.aws.client = None
        survey_: Any = None
        with pytest.raises(LockedError, match="ann@desk"):
            Repairing(session, survey_).repair(
                Look("platform", [replace(SECRET, repair=Repair.DELETE)], recorded="serial 7")
            )


def recovered(session: Any, look: Look, *, yes: bool = True) -> ExitCode:
    """End of a recovery of a stack that looks like that."""
    looking: Any = SimpleNamespace(look=lambda _, **__: look)
    return recover.Recovering(session, looking, yes=yes).run((look.stack,))


class TestRecover:
    @pytest.mark.parametrize("code", [ExitCode.FAILED, ExitCode.MISTAKE, ExitCode.UNREACHED])
    def test_a_cluster_that_was_not_looked_at(
        self, session: Any, code: ExitCode, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Its refusal is the end's exit code: what is in there is not known, so nothing says that all is well."""
        refused = UnreachableError("nobody answers", fix="open the door", exit_code=code)
        assert recovered(session, Look("platform", [], "the cluster is not reached", refused=refused)) is code
        said = capsys.readouterr().out
        assert "Fix: open the door" in said
        assert "python -m ops deploy" not in said
        assert ("see what was refused" in said) is (code is not ExitCode.UNREACHED)

    def test_what_is_done_stays_done_where_the_cluster_is_not_reached(
        self, session: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Infrastructure is repaired, the cluster is said not to be reached, with where to go: an exit code of its own,
        and no way round in a circle.
        """
        found(monkeypatch, TAKEN, Repaired("infrastructure", done=["brought back"]))
        refused = ClusterUnreachableError("The Kubernetes API x was not reached from here: no answer", fix="go inside")
        looks = {"infrastructure": TAKEN, "platform": Look("platform", [], refused.message, refused=refused)}
        survey: Any = SimpleNamespace(look=lambda stack, **_: looks[stack])
        code = recover.Recovering(session, survey, yes=True).run(("infrastructure", "platform"))
        assert code is ExitCode.UNREACHED
        said = capsys.readouterr().out
        assert "  brought back\n" in said
        assert said.endswith(
            "platform: not looked at: The Kubernetes API x was not reached from here: no answer.\n"
            "Fix: go inside\n"
            "Page: docs/network.md#a-private-api-endpoint\n"
            "All else is done. Next: python -m ops recover --stack platform, where the cluster is reached\n"
        )

    def test_a_decision_is_more_than_a_cluster_that_is_not_reached(self, session: Any) -> None:
        """Where somebody has to decide about infrastructure, that is the exit code."""
        refused = ClusterUnreachableError("not reached")
        looks = {
            "infrastructure": Look("infrastructure", [FERNET]),
            "platform": Look("platform", [], "x", refused=refused),
        }
        survey: Any = SimpleNamespace(look=lambda stack, **_: looks[stack])
        code = recover.Recovering(session, survey, yes=True).run(("infrastructure", "platform"))
        assert code is ExitCode.DECISION

    def test_a_cluster_that_is_not_there_yet(self, session: Any) -> None:
        """Before infrastructure is complete there is nothing to look at, and the deploy is next."""
        assert recovered(session, Look("platform", [], NOT_YET)) is ExitCode.DONE

    def test_nobody_to_ask(self, session: Any, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a terminal nothing is repaired unless --yes is given, which is said."""
        assert recovered(session, TAKEN, yes=False) is ExitCode.DECISION
        assert "add --yes" in capsys.readouterr().err

    def test_an_account_that_does_not_let_us_look(
        self, session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A refusal of AWS's is told with what was asked for."""
        empty = StackState(stack="infrastructure", location=StateFile(tmp_path / "state"))
        denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "ListRoles")

        def findings(_: object) -> None:
            raise denied

        environment = SimpleNamespace(state=SimpleNamespace(lock_timeout_minutes=10))
        session.operated.environment, session.operated.labels, session.aws.client = environment, str, None
        monkeypatch.setattr(survey, "read_state", lambda *_: empty)
        monkeypatch.setattr(survey, "SynthesizedStack", SimpleNamespace(read=lambda _: None))
        monkeypatch.setattr(infrastructure.Inspection, "findings", findings)
        sentence = (
            r"No permission to look for what infrastructure has in the account \(ListRoles: AccessDenied: not you"
        )
        with pytest.raises(NoPermissionError, match=sentence):
            Survey(session).look("infrastructure")


@pytest.fixture
def asked(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of a cluster that nobody reaches; platform's state was never written, infrastructure's is whole."""
    calls: list[str] = []
    below = StackState(
        stack="infrastructure",
        location=StateFile(tmp_path / "i"),
        text="{}",
        outputs=dict.fromkeys(CLUSTER_OUTPUTS, "x"),
    )
    states = {"infrastructure": below, "platform": StackState(stack="platform", location=StateFile(tmp_path / "p"))}

    def connect(*_: object) -> None:
        calls.append("connect")
        raise ClusterUnreachableError("not reached")

    limits = SimpleNamespace(lock_timeout_minutes=10)
    session.operated.environment = SimpleNamespace(state=limits, region="eu-west-1")
    session.operated.environ = {}
    monkeypatch.setattr(survey, "read_state", lambda _, stack, __: states[stack])
    monkeypatch.setattr(survey, "connect", connect)
    return calls


class TestPlatformThatWasNeverDeployed:
    def test_nothing_is_asked_of_its_cluster(self, session: Any, asked: list[str]) -> None:
        """From outside a private endpoint, say, recover is done: a first deploy is what comes next."""
        found = Survey(session, asks_undeployed=False).look("platform")
        assert (found.not_looked, found.refused, asked) == (NEVER_DEPLOYED, None, [])
        assert recovered(session, found) is ExitCode.DONE

    @pytest.mark.parametrize(("begun", "named"), [(True, False), (False, True)], ids=["lock found", "by --stack"])
    def test_where_one_has_begun_it_is(self, session: Any, asked: list[str], *, begun: bool, named: bool) -> None:
        """A killed first deploy may have left objects and no state: its lock says so, or whoever names the stack."""
        found = Survey(session, asks_undeployed=named).look("platform", begun=begun)
        assert asked == ["connect"]
        assert found.refused
        assert recovered(session, found) is ExitCode.UNREACHED

    @pytest.mark.parametrize(("options", "code"), [((), 4), (("--allow-unreachable",), 0)])
    def test_workflows_go_on(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...], code: int
    ) -> None:
        """With --allow-unreachable a cluster that is not reached is no failure; else it has an exit code of its own."""
        monkeypatch.setattr(recover.Recovering, "run", lambda *_: ExitCode.UNREACHED)
        file = ["--env", "dev"]
        ended = CliRunner().invoke(application(), ["recover", *file, *options], env={"CDKTF_OUTDIR": str(tmp_path)})
        assert ended.exit_code == code
