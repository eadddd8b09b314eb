from __future__ import annotations

from ops.plan_report.report import EnvironmentPlan, StackPlan, Status
from ops.plans.reading import read_plan
from ops.workflows.drift_issue import KnownIssue, Step, decide, marker
from tests.unit.ops.recorded_plans import many, plan_of, recorded, resource

CHANGED = read_plan("infrastructure", plan_of(resource("aws_vpc.cluster", "update", before={"a": 1}, after={"a": 2})))
UNCHANGED = read_plan("infrastructure", recorded("no-change"))
FIRST = read_plan("infrastructure", recorded("first-deploy"), first=True)
SKIPPED = StackPlan(stack="platform", status=Status.SKIPPED, sentence="never applied")
FAILED = StackPlan(stack="platform", status=Status.FAILED, sentence="no", exit_code=1)


#: What `ops plan` says of a version that has ended.
OLD = 'cluster.kubernetes_version: Kubernetes 1.33 gets no standard support any more; write "1.34"'


def plan(*stacks: StackPlan, aging: tuple[str, ...] = ()) -> EnvironmentPlan:
    """The plan of an environment."""
    return EnvironmentPlan(environment="dev", stacks=stacks, aging=aging)


class TestDecide:
    def test_drift_opens_an_issue(self) -> None:
        """It begins with the marker that it is found by, names the resource, and says what to do."""
        decision = decide(plan(CHANGED, SKIPPED), None, run_url="https://github.example/run/1")
        assert (decision.step, decision.title) == (Step.OPEN, "Drift: dev is not as its file says")
        assert decision.body.startswith(marker("dev"))
        assert "! aws_vpc.cluster\n!     a: 1 -> 2" in decision.body
        assert "https://github.example/run/1" in decision.body

    def test_the_same_drift_is_left_alone(self) -> None:
        """Another run that finds the same writes nothing, whatever GitHub did to the line ends."""
        body = decide(plan(CHANGED), None, run_url="https://github.example/run/1").body.replace("\n", "\r\n")
        decision = decide(plan(CHANGED), KnownIssue(number=7, body=body), run_url="https://github.example/run/2")
        assert decision.step is Step.LEAVE

    def test_more_drift_updates_the_issue(self) -> None:
        """There is one issue for each environment, and it says what is true today."""
        more = read_plan("platform", plan_of(resource("helm_release.airflow", "delete")))
        decision = decide(plan(CHANGED, more), KnownIssue(number=7, body=decide(plan(CHANGED), None).body))
        assert decision.step is Step.UPDATE
        assert "helm_release.airflow" in decision.body

    def test_no_drift_closes_the_issue(self) -> None:
        """With a comment that says why."""
        decision = decide(plan(UNCHANGED), KnownIssue(number=7, body=""))
        assert decision.step is Step.CLOSE
        assert "it is as its file says" in decision.body

    def test_no_drift_and_no_issue_is_nothing_to_do(self) -> None:
        """The usual day."""
        assert decide(plan(UNCHANGED), None).step is Step.LEAVE

    def test_an_environment_that_is_not_deployed_has_not_drifted(self) -> None:
        """A plan that would add everything is no drift; an issue from before it was destroyed is closed."""
        assert decide(plan(FIRST, SKIPPED), None).step is Step.LEAVE
        assert decide(plan(FIRST, SKIPPED), KnownIssue(number=7, body="")).step is Step.CLOSE

    def test_old_versions_open_an_issue_without_drift(self) -> None:
        """A clock has changed something, not a person: the title says so, and the issue stays until they are new."""
        decision = decide(plan(UNCHANGED, aging=(OLD,)), None)
        assert (decision.step, decision.title) == (Step.OPEN, "Versions: dev has some to look at")
        assert "Kubernetes 1\\.33 gets no standard support any more" in decision.body
        assert "closes by itself when the plan is empty and no version ages" in decision.body
        issue = KnownIssue(number=7, body=decision.body)
        assert decide(plan(UNCHANGED, aging=(OLD,)), issue).step is Step.LEAVE
        assert decide(plan(UNCHANGED), issue).step is Step.CLOSE

    def test_drift_and_old_versions_are_one_issue(self) -> None:
        """Under the title of the drift."""
        decision = decide(plan(CHANGED, aging=(OLD,)), None)
        assert decision.title == "Drift: dev is not as its file says"
        assert "Kubernetes 1\\.33" in decision.body
        assert "! aws_vpc.cluster" in decision.body

    def test_versions_of_what_is_not_deployed_are_no_matter(self) -> None:
        """Synth and preflight tell whoever deploys it."""
        assert decide(plan(FIRST, SKIPPED, aging=(OLD,)), None).step is Step.LEAVE

    def test_a_failed_plan_says_nothing(self) -> None:
        """Where one stack could not be planned, or none was, the issue stays as it is."""
        issue = KnownIssue(number=7, body="")
        assert decide(plan(UNCHANGED, FAILED), issue).step is Step.LEAVE
        assert decide(EnvironmentPlan(environment="dev", sentence="no file", failed=True), issue).step is Step.LEAVE

    def test_the_text_stays_within_the_limit(self) -> None:
        """5,000 resources are cut as in the comment."""
        body = decide(plan(read_plan("infrastructure", many(5000))), None).body
        assert 60_000 < len(body.encode()) < 65_536
