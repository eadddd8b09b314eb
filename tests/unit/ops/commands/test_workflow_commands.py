"""The commands that only workflows call, as a step calls them: with GitHub's variables, and its API on this machine."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml
from constructs.settings.loading.environment_file import load_environment
from typer.testing import CliRunner, Result

from ops.__main__ import application
from ops.commands.changed_environments import MERGED_INTO, changed_paths, list_changed
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.console.output import Output
from ops.plan_report.report import EnvironmentPlan, StackPlan, Status, read_reports, write_report
from ops.plans.reading import read_plan
from ops.workflows.delivered import Purpose, delivered
from ops.workflows.drift_issue import marker
from ops.workflows.plan_comment import MARKER
from tests.unit.ops.github_server import REPOSITORY, GitHubServer, github_server
from tests.unit.ops.preflight.test_deployable import filled_in
from tests.unit.ops.recorded_plans import recorded

UNCHANGED = read_plan("infrastructure", recorded("no-change"))
REPLACED = read_plan("infrastructure", recorded("database-replaced"))
EXAMPLE_STATE = {"backend": "s3", "bucket": "example-terraform-state"}
FAILED = StackPlan(stack="platform", status=Status.FAILED, sentence="Error: no", exit_code=1)


@pytest.fixture
def github() -> Iterator[GitHubServer]:
    """GitHub, without any comment and issue."""
    with github_server() as server:
        yield server


@pytest.fixture
def environ(github: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of the step; they are set."""
    variables = github.environ(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


def ops(*arguments: str) -> Result:
    """Run a command; what people can do something about never shows a traceback."""
    result = CliRunner().invoke(application(), list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


def reports(folder: Path, *stacks: StackPlan, name: str = "dev") -> str:
    """Write the report of an environment; return the folder."""
    write_report(EnvironmentPlan(environment=name, stacks=stacks), folder / "reports")
    return str(folder / "reports")


def outputs(environ: dict[str, str]) -> dict[str, str]:
    """What the step has handed on, read as GitHub reads it."""
    text = Path(environ["GITHUB_OUTPUT"]).read_text(encoding="utf-8")
    return {
        name: value.removesuffix("\n")
        for name, _, value in re.findall(r"^(\w+)<<(.+)\n((?:.*\n)*?)\2\n", text, re.MULTILINE)
    }


@pytest.mark.usefixtures("environ")
class TestPlanComment:
    def test_is_made_once_and_updated_from_then_on(self, github: GitHubServer, tmp_path: Path) -> None:
        """The second plan of a pull request replaces what the first one has said; there is one comment."""
        first = ops("plan-comment", reports(tmp_path, REPLACED), "--post")
        assert (first.exit_code, first.output) == (0, "The comment on #7: made.\n")
        second = ops("plan-comment", reports(tmp_path, UNCHANGED), "--post")
        assert (second.exit_code, second.output) == (0, "The comment on #7: updated.\n")
        [comment] = github.comments
        assert comment["body"].startswith(MARKER)
        assert "| dev | infrastructure | 0 | 0 | 0 | 0 | no change |" in comment["body"]
        assert (
            "Planned as merged in 0123456, without a lock; [the run](https://github.example/acme/airflow/actions/runs/42)"
            in (comment["body"])
        )

    def test_is_found_among_many_and_leaves_those_of_people_alone(self, github: GitHubServer, tmp_path: Path) -> None:
        """The marker of the bot's own comment counts, on whichever page; a quotation of it by somebody doesn't."""
        quoted = github.comment(f"{MARKER}\nlook at this", by="User")
        for number in range(150):
            github.comment(f"remark {number}", by="User")
        own = github.comment(f"{MARKER}\nold")
        ops("plan-comment", reports(tmp_path, UNCHANGED), "--post")
        assert quoted["body"] == f"{MARKER}\nlook at this"
        assert "no change" in own["body"]
        assert len(github.comments) == 152

    def test_is_not_made_where_nothing_was_to_be_planned(self, github: GitHubServer, tmp_path: Path) -> None:
        """A pull request that touches no environment gets no comment; one that did before gets its comment updated."""
        nothing = str(tmp_path / "reports")
        assert ops("plan-comment", nothing, "--post").output == "The comment on #7: not needed.\n"
        assert github.comments == []
        own = github.comment(f"{MARKER}\nold")
        ops("plan-comment", nothing, "--post")
        assert "touches no environment" in own["body"]

    def test_of_a_plan_that_failed_or_is_missing_fails_the_job(
        self, github: GitHubServer, tmp_path: Path, environ: dict[str, str]
    ) -> None:
        """The comment is there all the same, and so is the summary of the job."""
        done = ops("plan-comment", reports(tmp_path, UNCHANGED, FAILED), "--post")
        assert done.exit_code == 1
        missing = ops("plan-comment", reports(tmp_path, UNCHANGED), "--expected", "dev prod", "--post")
        assert missing.exit_code == 1
        assert "| prod | | | | | | failed: its job ended without a report" in github.comments[0]["body"]
        assert Path(environ["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8").count("## Plan") == 2

    def test_is_printed_where_nobody_asks_to_post_it(self, github: GitHubServer, tmp_path: Path) -> None:
        """Without --post it is Markdown on stdout, and GitHub is not asked anything."""
        assert ops("plan-comment", reports(tmp_path, UNCHANGED)).output.startswith(MARKER)
        assert github.calls == []

    def test_says_what_is_missing_where_it_may_not_write(self, github: GitHubServer, tmp_path: Path) -> None:
        """A token without the permission is refused by GitHub: what was refused, and where permissions are."""
        github.refuse = {"POST": 403}
        done = ops("plan-comment", reports(tmp_path, UNCHANGED), "--post")
        assert done.exit_code == 1
        assert done.output == (
            "GitHub refused POST issues/7/comments: 403 Resource not accessible by integration\n"
            "Fix: look at `permissions` of the workflow's job, and whether issues are switched on\n"
        )

    @pytest.mark.parametrize(
        ("changes", "code", "said"),
        [
            ({"GITHUB_TOKEN": "wrong"}, 1, "GitHub refused GET issues/7/comments: 401 Bad credentials"),
            ({"GITHUB_TOKEN": ""}, 2, "GITHUB_TOKEN not set: there is no repository to write to."),
            ({"GITHUB_EVENT_PATH": ""}, 2, "This is no workflow run of a pull request"),
        ],
        ids=["wrong token", "no token", "no pull request"],
    )
    def test_says_what_is_wrong_with_the_step(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], code: int, said: str
    ) -> None:
        """What the step lacks is a mistake (2), what GitHub refuses a failure (1)."""
        for name, value in changes.items():
            monkeypatch.setenv(name, value)
        done = ops("plan-comment", reports(tmp_path, UNCHANGED), "--post")
        assert done.exit_code == code
        assert said in done.output

    def test_says_that_github_does_not_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No network is one line."""
        monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
        monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda _: None)  # between its attempts
        done = ops("plan-comment", reports(tmp_path, UNCHANGED), "--post")
        assert done.exit_code == 1
        assert "GitHub doesn't answer at http://127.0.0.1:1" in done.output


@pytest.mark.usefixtures("environ")
class TestDriftIssue:
    def test_is_opened_left_updated_and_closed(self, github: GitHubServer, tmp_path: Path) -> None:
        """Day by day: drift, the same drift, more of it, none any more; there is one issue, and it ends closed."""
        steps = []
        for stack in (REPLACED, REPLACED, read_plan("infrastructure", _without_first(recorded("database-replaced")))):
            done = ops("drift-issue", reports(tmp_path, stack))
            assert done.exit_code == 0
            steps.append(done.output.split(": ")[1].split()[0])
        [issue] = github.issues
        assert (issue["title"], issue["labels"]) == ("Drift: dev is not as its file says", ["drift"])
        assert issue["body"].startswith(marker("dev"))
        done = ops("drift-issue", reports(tmp_path, UNCHANGED))
        steps.append(done.output.split(": ")[1].split()[0])
        assert steps == ["open", "leave", "update", "close"]
        assert (issue["state"], issue["state_reason"]) == ("closed", "completed")
        assert "The plan is empty again" in github.comments[0]["body"]
        assert ops("drift-issue", reports(tmp_path, UNCHANGED)).output.startswith("dev: leave issue: ")

    def test_of_each_environment_is_its_own(self, github: GitHubServer, tmp_path: Path) -> None:
        """Two environments that drift have an issue each; one that is as it should be has none."""
        for name, stack in (("dev", REPLACED), ("prod", UNCHANGED)):
            reports(tmp_path, stack, name=name)
        assert ops("drift-issue", reports(tmp_path, REPLACED, name="test")).exit_code == 0
        assert [issue["title"].split()[1] for issue in github.issues] == ["dev", "test"]

    def test_leaves_issues_of_people_and_pull_requests_alone(self, github: GitHubServer, tmp_path: Path) -> None:
        """Only issues that a workflow has opened count, whatever somebody copies into another one."""
        text = f"{marker('dev')}\nmine"
        others = [github.issue(text, by="User"), github.issue(text, pull_request={}), github.issue(None)]
        ops("drift-issue", reports(tmp_path, UNCHANGED))
        assert [issue["state"] for issue in others] == ["open", "open", "open"]

    def test_of_a_plan_that_failed_stays_and_fails_the_job(self, github: GitHubServer, tmp_path: Path) -> None:
        """Nothing is known of an environment that can't be planned: its issue stays, and the run is red."""
        issue = github.issue(f"{marker('dev')}\nold")
        done = ops("drift-issue", reports(tmp_path, UNCHANGED, FAILED))
        assert done.exit_code == 1
        assert (issue["state"], issue["body"]) == ("open", f"{marker('dev')}\nold")

    def test_says_that_issues_are_switched_off(self, github: GitHubServer, tmp_path: Path) -> None:
        """GitHub answers 410 then: the line says so, and where to look."""
        github.refuse = {"GET": 410}
        done = ops("drift-issue", reports(tmp_path, REPLACED))
        assert done.exit_code == 1
        assert "whether issues are switched on" in done.output


def _without_first(document: dict[str, object]) -> dict[str, object]:
    """The plan without the first of its changes."""
    changes = document["resource_changes"]
    assert isinstance(changes, list)
    first = next(entry for entry in changes if entry["change"]["actions"] != ["no-op"])
    return {**document, "resource_changes": [entry for entry in changes if entry is not first]}


def delivered_file(folder: Path, **changes: object) -> Path:
    """An environment file without placeholders, delivered from the repository."""
    file = filled_in(folder)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content |= {"state": {"backend": "s3", "bucket": "acme-state"}, "delivery": {"repository": REPOSITORY}} | changes
    content = {key: value for key, value in content.items() if value is not None}
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


class TestWorkflowGuard:
    @pytest.mark.parametrize(
        ("action", "confirmation"), [("deploy", ""), ("recover", ""), ("dry-run", ""), ("destroy", "dev")]
    )
    def test_hands_on_what_the_job_needs(
        self,
        environ: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        action: str,
        confirmation: str,
    ) -> None:
        """GitHub environment, role, region and account of the environment, by the variables of the step."""
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(delivered_file(tmp_path)))
        monkeypatch.setenv("ACTION", action)
        monkeypatch.setenv("CONFIRMATION", confirmation)
        done = ops("workflow-guard")
        assert done.exit_code == 0, done.output
        handed = outputs(environ)
        assert handed.pop("role").startswith("arn:aws:iam::444455556666:role/")
        assert handed == {
            "environment": "dev",
            "github_environment": "dev",
            "region": "eu-west-1",
            "account": "444455556666",
        }

    @pytest.mark.parametrize(
        ("changes", "confirmation", "said"),
        [
            ({}, "", "The confirmation is '', and the environment is 'dev'. Nothing was destroyed."),
            ({}, "Dev", "The confirmation is 'Dev'"),
            ({}, "prod", "run the workflow again and type dev into the field confirmation"),
            ({"delivery": None, "state": {"backend": "local"}}, "dev", "dev has no section delivery"),
            ({"delivery": {"repository": "acme/other"}}, "dev", "dev is delivered from acme/other, and this is acme/"),
            ({"state": EXAMPLE_STATE}, "dev", "dev still has placeholders: state.bucket."),
        ],
        ids=["nothing typed", "other case", "another name", "not delivered", "another repository", "placeholder"],
    )
    def test_refuses_what_no_workflow_may_do(
        self,
        environ: dict[str, str],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        changes: dict[str, object],
        confirmation: str,
        said: str,
    ) -> None:
        """A mistake (2) that is named, and nothing is handed on: the job with the role never starts."""
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(delivered_file(tmp_path, **changes)))
        monkeypatch.setenv("ACTION", "destroy")
        monkeypatch.setenv("CONFIRMATION", confirmation)
        done = ops("workflow-guard")
        assert done.exit_code == 2
        assert said in done.output
        assert not Path(environ["GITHUB_OUTPUT"]).exists()

    @pytest.mark.parametrize("name", ["dev", "dev-plan"])
    def test_refuses_to_plan_one_where_another_is_deployed(self, tmp_path: Path, name: str) -> None:
        """Of dev and dev-plan neither is worked on: dev's plans would get the role that deploys dev-plan."""
        folder = tmp_path / "environments"
        folder.mkdir()
        file = delivered_file(folder)
        text = file.read_text(encoding="utf-8").replace("name: dev\n", "name: dev-plan\n")
        (folder / "dev-plan.yaml").write_text(text, encoding="utf-8")
        environment = load_environment(folder / f"{name}.yaml")
        for purpose in get_args(Purpose):
            with pytest.raises(OperationError, match="the GitHub environment dev-plan plans one of them"):
                delivered(environment, purpose, {}, tmp_path)
        # A file with mistakes, and an environment of another repository, are in nobody's way.
        for odd in (text.replace("repository: acme/airflow", "repository: acme/more"), "name: dev-plan\n"):
            (folder / "dev-plan.yaml").write_text(odd, encoding="utf-8")
            dev = load_environment(file)
            assert delivered(dev, "plan", {}, tmp_path).github_environment == "dev-plan"

    def test_refuses_an_environment_that_does_not_exist(
        self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever is typed as its name: it is looked up among the files, and used in no other way."""
        monkeypatch.setenv("ACTION", "deploy")
        monkeypatch.setenv("AIRFLOW_ENV", "$(touch x); ../dev")
        done = ops("workflow-guard")
        assert done.exit_code == 2
        assert "which has no file there" in done.output
        assert not Path(environ["GITHUB_OUTPUT"]).exists()

    def test_knows_four_actions(self, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Another one is refused with the list of them."""
        monkeypatch.setenv("ACTION", "explode")
        assert ops("workflow-guard").exit_code == 2
        assert not Path(environ["GITHUB_OUTPUT"]).exists()


class TestChangedEnvironments:
    def test_of_the_shipped_files_are_none(self, environ: dict[str, str], tmp_path: Path) -> None:
        """They are placeholders, and delivered from nowhere: nothing is planned, and a report for each says why."""
        done = ops("changed-environments", "--all", "--notes", str(tmp_path / "reports"))
        assert done.exit_code == 0, done.output
        assert outputs(environ) == {"matrix": "[]", "names": ""}
        assert "dev: not planned: dev has no section delivery" in done.output
        assert {path.name for path in (tmp_path / "reports").iterdir()} == {"dev.json", "prod.json"}

    def test_follow_from_the_commit_that_a_pull_request_is_merged_into(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """A file that changed is planned with what its job needs; one that was deleted or is wrong is said to be."""
        folder = tmp_path / "checkout" / "environments"
        folder.mkdir(parents=True)
        file = delivered_file(folder)
        for name in ("same", "old", "odd"):
            text = file.read_text(encoding="utf-8").replace("name: dev\n", f"name: {name}\n")
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-C", str(folder.parent))
        subprocess.run([*git, "init", "--quiet"], check=True)
        for content in (None, "# more\n"):
            if content:
                file.write_text(file.read_text(encoding="utf-8") + content, encoding="utf-8")
                (folder / "old.yaml").unlink()
                (folder / "odd.yaml").write_text("name: odd\n", encoding="utf-8")
            subprocess.run([*git, "add", "--all"], check=True)
            subprocess.run([*git, "commit", "--quiet", "--message=a"], check=True)
        notes = tmp_path / "reports"
        assert list_changed(Output(), folder.parent, MERGED_INTO, notes) == ExitCode.DONE
        [job] = json.loads(outputs(environ)["matrix"])
        assert (job["environment"], job["github_environment"]) == ("dev", "dev-plan")
        assert outputs(environ)["names"] == "dev"
        said = {plan.environment: plan for plan in read_reports(notes)}
        assert "its file is deleted" in said["old"].sentence
        assert said["odd"].failed
        assert set(said) == {"old", "odd"}

    def test_fail_on_a_file_with_mistakes_that_nobody_would_hear_of(
        self, environ: dict[str, str], tmp_path: Path
    ) -> None:
        """Without notes for a comment, as in drift, it ends with 1; the other environments are handed on even so."""
        folder = tmp_path / "environments"
        folder.mkdir()
        delivered_file(folder)
        assert list_changed(Output(), tmp_path, MERGED_INTO, None, everything=True) == ExitCode.DONE
        (folder / "odd.yaml").write_text("name: odd\n", encoding="utf-8")
        Path(environ["GITHUB_OUTPUT"]).unlink()
        assert list_changed(Output(), tmp_path, MERGED_INTO, None, everything=True) == ExitCode.FAILED
        assert outputs(environ)["names"] == "dev"

    def test_need_the_commit_before(self, tmp_path: Path) -> None:
        """In a checkout without it the message says how a workflow gets it."""
        subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
        with pytest.raises(OperationError, match="git diff HEAD") as refused:
            changed_paths(tmp_path, MERGED_INTO)
        assert "fetch-depth: 2" in refused.value.fix
