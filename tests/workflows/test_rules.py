"""What linters don't know: the rules that keep these workflows from doing harm."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from constructs.delivery.workflow_role import LONGEST_SESSION

from ops.commands.workflow_guard import Action
from tests.workflows.definitions import (
    AWS_JOBS,
    JOBS,
    ROOT,
    SET_UP,
    SET_UP_TEXT,
    WORKFLOWS,
    Job,
    Workflow,
    expressions,
    workflow,
)

each_workflow = pytest.mark.parametrize("found", WORKFLOWS, ids=str)
each_job = pytest.mark.parametrize("job", JOBS, ids=str)

#: What a job's token may do besides reading the repository, and which jobs need it.
TOKENS = {
    "plan.comment": {"pull-requests": "write"},
    "drift.issue": {"issues": "write"},
    "versions.table": {"contents": "write", "pull-requests": "write"},
    "docs.publish": {"pages": "write", "id-token": "write"},
    "deploy.deploy": {"actions": "read"},
    "destroy.destroy": {"actions": "read"},
}
OF_THIS_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"


class TestEveryWorkflow:
    @each_workflow
    def test_pins_actions_by_commit_with_the_version_beside_it(self, found: Workflow) -> None:
        """A tag can be moved to other code, a commit can't; the comment is what people and Renovate read."""
        used = re.findall(r"uses: (.*)$", f"{found.text}\n{SET_UP_TEXT}", re.MULTILINE)
        pinned = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
        assert used
        assert {line for line in used if not pinned.fullmatch(line)} <= {SET_UP}

    @each_workflow
    def test_grants_nothing_on_top(self, found: Workflow) -> None:
        """A job has the permissions that it names itself, and no others."""
        assert found.content["permissions"] == {}

    @each_workflow
    def test_is_never_started_with_the_rights_of_the_repository_by_a_stranger(self, found: Workflow) -> None:
        """None of the triggers that run a fork's pull request, or anybody's comment, with write permissions."""
        allowed = {"pull_request", "push", "schedule", "workflow_dispatch"}
        triggers = found.triggers if isinstance(found.triggers, dict) else {found.triggers: None}
        assert set(triggers) <= allowed

    @each_workflow
    def test_says_what_happens_to_runs_at_the_same_time(self, found: Workflow) -> None:
        """What only reads is cancelled by the next run; what may change AWS or an issue never is."""
        concurrency = found.content["concurrency"]
        assert concurrency["cancel-in-progress"] is (found.name in {"ci", "dags", "image", "plan"})
        if found.name in {"deploy", "destroy"}:
            # One group for both: an environment is never deployed and destroyed at once.
            assert concurrency["group"] == "airflow-${{ inputs.environment }}"


class TestSetUp:
    def test_has_the_versions_and_nobody_else(self) -> None:
        """Python and Terraform come from one place: no workflow installs either by itself."""
        assert "terraform_version: 1.11.4" in SET_UP_TEXT
        assert [found.name for found in WORKFLOWS if "actions/setup-python" in found.text] == []
        assert [found.name for found in WORKFLOWS if "hashicorp/setup-terraform" in found.text] == []

    def test_installs_the_program_that_the_repository_names(self) -> None:
        """Its variable TERRAFORM_BINARY_NAME, which each workflow that works on a stack hands on."""
        handed_on = "${{ vars.TERRAFORM_BINARY_NAME || 'terraform' }}"
        for name in ("plan", "deploy", "destroy", "drift"):
            assert workflow(name).content["env"]["TERRAFORM_BINARY_NAME"] == handed_on
        conditions = {
            step["uses"].partition("@")[0]: step.get("if") for step in yaml.safe_load(SET_UP_TEXT)["runs"]["steps"][:-1]
        }
        assert conditions == {
            "actions/setup-python": None,
            "hashicorp/setup-terraform": "!contains(env.TERRAFORM_BINARY_NAME, 'tofu')",
            "opentofu/setup-opentofu": "contains(env.TERRAFORM_BINARY_NAME, 'tofu')",
        }

    @each_job
    def test_comes_right_after_the_checkout(self, job: Job) -> None:
        """A job that has the repository is set up before it runs anything of it, and before it gets a role."""
        uses = [step.get("uses", "").partition("@")[0] for step in job.steps]
        if "actions/checkout" in uses:
            assert uses[uses.index("actions/checkout") + 1] == SET_UP


class TestEveryJob:
    @each_job
    def test_ends_by_itself(self, job: Job) -> None:
        """A job that hangs is ended long before GitHub's six hours, and not while an upgrade may still run."""
        assert 5 <= job.content["timeout-minutes"] <= 240
        if job.workflow in {"deploy", "destroy"} and job in AWS_JOBS:
            assert job.content["timeout-minutes"] * 60 == LONGEST_SESSION
            first, again = job.uses("aws-actions/configure-aws-credentials")
            assert first["with"]["role-duration-seconds"] == LONGEST_SESSION
            assert again["with"] == {**first["with"], "role-duration-seconds": 3600}

    @each_job
    def test_has_no_more_permissions_than_it_needs(self, job: Job) -> None:
        """Reading the repository where it is checked out; a role of AWS where one is taken; six tokens may do more."""
        wanted = {"contents": "read"} if job.uses("actions/checkout") else {}
        if job.uses("aws-actions/configure-aws-credentials"):
            wanted["id-token"] = "write"
        assert job.permissions == {**wanted, **TOKENS.get(str(job), {})}

    @each_job
    def test_keeps_no_token_in_the_checkout(self, job: Job) -> None:
        """Code of a pull request can't find the job's token in .git/config."""
        assert all(step["with"]["persist-credentials"] is False for step in job.uses("actions/checkout"))

    @each_job
    def test_puts_no_expression_into_a_shell(self, job: Job) -> None:
        """What people type, and titles and names of branches, reach a shell only as variables."""
        assert [found for line in job.runs for found in expressions(line)] == []

    @each_job
    def test_gets_its_secrets_from_nowhere(self, job: Job) -> None:
        """There are no stored keys: roles by OIDC, and GitHub's own token where its API is asked."""
        found = " ".join(expressions(json.dumps(job.content)))
        assert "secrets" not in found
        assert ("github.token" in found) == (str(job) in TOKENS)


class TestRoles:
    @pytest.mark.parametrize("job", AWS_JOBS, ids=str)
    def test_are_taken_in_a_github_environment(self, job: Job) -> None:
        """The role trusts the GitHub environment, which can ask for a reviewer; account and region are checked."""
        credentials = job.uses("aws-actions/configure-aws-credentials")[0]
        assert "github_environment" in job.content["environment"]
        assert {"role-to-assume", "aws-region", "allowed-account-ids"} <= set(credentials["with"])

    @pytest.mark.parametrize("job", AWS_JOBS, ids=str)
    def test_are_used_where_the_variable_says(self, job: Job) -> None:
        """A private API endpoint is reached by a runner of one's own: RUNS_ON names it, in JSON."""
        assert job.content["runs-on"] == "${{ fromJSON(vars.RUNS_ON || '\"ubuntu-24.04\"') }}"

    def test_of_applying_are_for_those_whom_the_guard_admits(self) -> None:
        """The guard of deploy and destroy has no role; the job that has one needs it, and takes its values from it."""
        for name in ("deploy", "destroy"):
            guard, job = workflow(name).jobs
            assert guard.name == job.content["needs"] == "guard"
            assert guard not in AWS_JOBS
            assert "if" not in job.content  # it runs where the guard has ended well, and nowhere else
            credentials = job.uses("aws-actions/configure-aws-credentials")[0]
            assert credentials["with"]["role-to-assume"] == "${{ needs.guard.outputs.role }}"
            assert job.content["environment"] == "${{ needs.guard.outputs.github_environment }}"


class TestPlan:
    def test_of_a_fork_is_a_note(self) -> None:
        """A fork's job has no permission and only says why; nothing else runs for it, and nothing for Dependabot."""
        plan = workflow("plan")
        assert plan.job("fork").content["if"] == OF_THIS_REPOSITORY.replace("==", "!=")
        assert plan.job("fork").permissions == {}
        [step] = plan.job("fork").steps
        assert "comes from a fork and is not planned" in step["env"]["NOTE"]
        assert plan.job("touched").content["if"] == f"{OF_THIS_REPOSITORY} && github.actor != 'dependabot[bot]'"
        needs = {name: plan.job(name).content["needs"] for name in ("plan", "comment")}
        assert needs == {"plan": "touched", "comment": ["touched", "plan"]}

    def test_leaves_reports_and_nothing_else(self) -> None:
        """What one job hands to the next is the report, for a day; a plan file holds values in clear.

        Beside it there is the page of the environment, for people.
        """
        uploads = [step["with"] for job in JOBS for step in job.uses("actions/upload-artifact")]
        assert {(upload["path"], upload["retention-days"]) for upload in uploads} == {("reports", 1), (PAGE, 30)}

    def test_names_its_reports_apart(self) -> None:
        """No environment's name makes the artifact of its report that of the notes, which come from another job."""
        names = [step["with"]["name"] for job in JOBS for step in job.uses("actions/upload-artifact")]
        own = {name for name in names if "matrix.job.environment" in name and not name.startswith("page-of-")}
        assert own == {"report-of-${{ matrix.job.environment }}"}
        assert [name for name in names if name not in own and name.startswith("report-of-")] == []
        downloads = {step["with"]["pattern"] for job in JOBS for step in job.uses("actions/download-artifact")}
        assert downloads == {"report-*"}

    def test_is_commented_on_whatever_became_of_it(self) -> None:
        """Comment and issue are written when a plan failed or was refused, too; not when the run was cancelled."""
        for name, job in (("plan", "comment"), ("drift", "issue")):
            assert workflow(name).job(job).content["if"].startswith("${{ !cancelled() && ")

    def test_of_drift_is_made_though_a_file_has_mistakes(self) -> None:
        """The job that lists the environments fails on such a file; those that it has listed are planned even so."""
        condition = "${{ !cancelled() && needs.environments.outputs.names != '' }}"
        assert workflow("drift").job("plan").content["if"] == condition


#: What `ops report` writes.
PAGE = "report-*.html"


class TestReport:
    @pytest.mark.parametrize(
        ("job", "after"), [("deploy.deploy", "deploy --yes"), ("drift.plan", "plan --reports reports")]
    )
    def test_is_made_of_what_ended_well_and_reddens_nothing(self, job: str, after: str) -> None:
        """The page is written and kept after the work; that either fails is no failure of the work."""
        [found] = [each for each in JOBS if str(each) == job]
        steps = found.steps
        worked = next(number for number, step in enumerate(steps) if step.get("run") == f'make ops COMMAND="{after}"')
        [written] = [number for number, step in enumerate(steps) if step.get("run") == "make ops COMMAND=report"]
        kept = steps[written + 1]
        assert worked < written
        assert kept["with"]["path"] == PAGE
        for step in (steps[written], kept):
            assert step["continue-on-error"] is True
            # Without always(): nothing is said of what has failed.
            assert step.get("if", "") in {"", "inputs.action == 'deploy'"}


#: What comes before a deploy or destroy.
RECOVER = "recover --yes --allow-unreachable"
APPLY_FAILED = "always() && (steps.apply.outcome == 'failure' || steps.apply.outcome == 'cancelled')"


class TestByChoice:
    @pytest.mark.parametrize(
        ("name", "actions"), [("deploy", ["deploy", "recover"]), ("destroy", ["dry-run", "destroy"])]
    )
    def test_environment_and_action_are_inputs(self, name: str, actions: list[str]) -> None:
        """The choices are those that the guard knows; what destroys least is the default of destroy."""
        inputs: dict[str, Any] = workflow(name).triggers["workflow_dispatch"]["inputs"]
        assert inputs["environment"]["required"]
        assert inputs["action"]["options"] == actions
        assert set(actions) <= {str(action) for action in Action}
        assert inputs["action"]["default"] == actions[0]
        assert workflow(name).content["env"]["AIRFLOW_ENV"] == "${{ inputs.environment }}"
        [guard] = [step for step in workflow(name).job("guard").steps if step.get("id") == "guard"]
        assert guard["env"]["ACTION"] == "${{ inputs.action }}"

    def test_what_was_left_is_set_right_first(self) -> None:
        """`recover` runs before `deploy` and before `destroy`; the summary is written however they end."""
        for name, words in (("deploy", "deploy --yes"), ("destroy", "destroy --confirm $CONFIRMED")):
            lines = workflow(name).job(name).runs
            recover, work = (lines.index(f'make ops COMMAND="{command}"') for command in (RECOVER, words))
            assert recover < work < lines.index("make ops COMMAND=job-summary") == len(lines) - 1
            assert workflow(name).job(name).steps[-1]["if"] == "always()"

    def test_a_recover_alone_fails_where_the_cluster_is_not_reached(self) -> None:
        """Whoever asked for nothing but the repair wants to know that it is not whole; nothing comes after it."""
        steps = workflow("deploy").job("deploy").steps
        conditions = {step["run"]: step.get("if", "") for step in steps if "recover --yes" in step.get("run", "")}
        assert {line.partition(" #")[0]: text.partition(" #")[0] for line, text in conditions.items()} == {
            'make ops COMMAND="recover --yes"': "inputs.action == 'recover'",
            f'make ops COMMAND="{RECOVER}"': "inputs.action == 'deploy'",
            'make ops COMMAND="recover --yes --state-only"': APPLY_FAILED,
        }

    def test_a_state_that_could_not_be_written_is_written_with_a_new_session(self) -> None:
        """After a failed or cancelled apply, and only then: what failed before it has left no state to write.

        It is done on the machine that has kept it and before the summary; nothing else is repaired there.
        """
        for name, words in (("deploy", "deploy --yes"), ("destroy", "destroy --confirm $CONFIRMED")):
            steps = workflow(name).job(name).steps
            [apply] = [step for step in steps if step.get("id") == "apply"]
            assert apply["run"] == f'make ops COMMAND="{words}"'
            session, write, summary = steps[-3:]
            assert session["if"] == write["if"] == APPLY_FAILED
            assert session["uses"].startswith("aws-actions/configure-aws-credentials@")
            assert write["run"] == 'make ops COMMAND="recover --yes --state-only"'
            assert summary["run"] == "make ops COMMAND=job-summary"

    def test_destroy_wants_the_name_typed(self) -> None:
        """The guard gets what was typed, and the command gets the name from the guard, which let only that pass."""
        [guard] = [step for step in workflow("destroy").job("guard").steps if step.get("id") == "guard"]
        assert guard["env"]["CONFIRMATION"] == "${{ inputs.confirmation }}"
        [destroy] = [step for step in workflow("destroy").job("destroy").steps if "--confirm" in step.get("run", "")]
        assert destroy["if"] == "inputs.action == 'destroy'"
        assert destroy["env"] == {"CONFIRMED": "${{ needs.guard.outputs.environment }}"}


class TestRenovate:
    def test_finds_the_versions_that_it_is_to_keep_up(self) -> None:
        """Each pattern of renovate.json of our own matches in every file that has such a version."""
        managers = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))["customManagers"]
        files = [path for folder in (".github", "tooling") for path in (ROOT / folder).rglob("*.*") if path.is_file()]
        found = {}
        for manager in managers:
            [pattern], [text] = manager["managerFilePatterns"], manager["matchStrings"]
            wanted = [path for path in files if re.search(pattern.strip("/"), path.relative_to(ROOT).as_posix())]
            matcher = re.compile(text.replace("(?<", "(?P<"))
            versions = {match["currentValue"] for path in wanted for match in matcher.finditer(path.read_text("utf-8"))}
            found[manager["depNameTemplate"]] = versions
        assert {name: len(versions) for name, versions in found.items()} == {
            "hashicorp/terraform": 1,
            "opentofu/opentofu": 1,
            "kubernetes-sigs/kwok": 1,
        }
