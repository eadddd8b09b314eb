from __future__ import annotations

import re

import pytest

from ops.plan_report.report import EnvironmentPlan, StackPlan, Status
from ops.plans.making import NEVER_APPLIED
from ops.plans.reading import read_plan
from ops.workflows import markdown
from ops.workflows.plan_comment import MARKER, NOTHING, plan_comment
from tests.documented import shows
from tests.unit.ops.recorded_plans import many, plan_of, recorded, resource, synthesized

GITHUB_LIMIT = 65_536

SKIPPED = StackPlan(stack="platform", status=Status.SKIPPED, sentence=NEVER_APPLIED)


def environment(*stacks: StackPlan, name: str = "dev") -> EnvironmentPlan:
    """The plans of an environment."""
    return EnvironmentPlan(environment=name, stacks=stacks)


def infrastructure(name: str, *, first: bool = False) -> StackPlan:
    """A recorded plan."""
    stack = None if name == "no-change" else synthesized(name)
    return read_plan("infrastructure", recorded(name), first=first, synthesized=stack)


def outside_code(comment: str) -> str:
    """A comment without its fenced blocks and code spans: what GitHub reads as Markdown."""
    without_blocks = re.sub(r"^(`{3,}).*?^\1$", "", comment, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", without_blocks)


class TestPlanComment:
    def test_no_change(self) -> None:
        """A row per stack, nothing folded, nothing alarming."""
        comment = plan_comment([environment(infrastructure("no-change"), read_plan("platform", plan_of()))])
        assert "| dev | infrastructure | 0 | 0 | 0 | 0 | no change |" in comment
        assert "| dev | platform | 0 | 0 | 0 | 0 | no change |" in comment
        assert "<details>" not in comment
        assert ":warning:" not in comment
        assert "**Versions**" not in comment
        assert "Room for the pods" not in comment

    def test_versions_that_age(self) -> None:
        """Below the table, each with its environment."""
        aging = ("airflow.version: Airflow 3.2 gets no fixes any more since 2026-07-06",)
        plan = EnvironmentPlan(environment="dev", stacks=(infrastructure("no-change"),), aging=aging)
        table, _, below = plan_comment([plan]).partition("**Versions** that have ended or will within 90 days")
        assert "| dev | infrastructure |" in table
        assert "- dev: airflow\\.version\\: Airflow 3\\.2 gets no fixes any more since 2026\\-07\\-06" in below

    def test_pods_without_room(self) -> None:
        """Below the table, each with its environment."""
        crowded = ("cluster.node_groups.default.min_size: all pods fit, but not one more",)
        plan = EnvironmentPlan(environment="dev", stacks=(infrastructure("no-change"),), crowded=crowded)
        table, _, below = plan_comment([plan]).partition("**Room for the pods**")
        assert "| dev | infrastructure |" in table
        assert "- dev: cluster\\.node\\_groups\\.default\\.min\\_size\\: all pods fit, but not one more" in below

    def test_first_deploy(self) -> None:
        """Everything is added, and platform is skipped with a sentence that says why."""
        comment = plan_comment([environment(infrastructure("first-deploy", first=True), SKIPPED)])
        assert "| dev | infrastructure | 112 | 0 | 0 | 0 | first deploy |" in comment
        assert "| dev | platform | | | | | not planned: infrastructure has never been applied to its end" in comment
        assert "+ aws_db_instance.metadata: instance_class=db.t4g.medium, engine=postgres, engine_version=17" in comment
        assert "<details><summary>dev / infrastructure: 112 to add</summary>" in comment

    def test_a_first_deploy_says_what_it_opens(self) -> None:
        """Who and what gets in, and what a new role may do; not what each service's own role is made for."""
        block = plan_comment([environment(infrastructure("first-deploy", first=True))]).partition("| environment |")[0]
        assert "### :warning: Opens 10\n" in block
        assert "the Kubernetes API is reached from outside: `(none)` → `203.0.113.0/24`" in block
        assert "AmazonEKSWorkerNodePolicy" not in block

    def test_replacement_of_the_database_comes_first_and_by_name(self) -> None:
        """Before the table, with what is lost and why; the table's number is bold."""
        comment = plan_comment([environment(infrastructure("database-replaced"), SKIPPED)])
        line = (
            "- **loses** `aws_db_instance.metadata` (dev, infrastructure): replaced\\: the database, all that Airflow "
            "knows; because what it belongs to is replaced"
        )
        assert "### :warning: Loses 1, weakens 1, interrupts 11" in comment
        assert comment.index(line) < comment.index("| environment |") < comment.index("<details>")
        assert "| dev | infrastructure | 0 | 2 | **16** | 0 |" in comment
        assert "-/+ aws_db_instance.metadata  # because what it belongs to is replaced" in comment

    def test_is_what_the_documentation_shows(self) -> None:
        """The comment that docs/delivery.md shows is this one."""
        shows("plan-comment", plan_comment([environment(infrastructure("database-replaced"), SKIPPED, name="prod")]))

    def test_five_thousand_resources_stay_within_the_limit(self) -> None:
        """What doesn't fit is cut at a line's end and counted, of dangers the least; table and foot are whole."""
        plan = read_plan("infrastructure", many(5000))
        plans = [environment(plan, SKIPPED, name=name) for name in ("dev", "prod", "test")]
        comment = plan_comment(plans, commit="abc1234", run_url="https://github.example/run/1")
        assert len(comment.encode()) < GITHUB_LIMIT
        assert len(comment) > 60_000
        assert len(re.findall(r"^# \.\.\. and [\d,]+ more lines: ", comment, re.MULTILINE)) == 3
        kinds = re.findall(r"^- \*\*(\w+)\*\*", comment, re.MULTILINE)
        assert kinds == sorted(kinds, key=["loses", "opens", "weakens", "interrupts"].index)
        assert re.search(r"^- and [\d,]+ more: see the plans \(.*interrupts [\d,]+\)$", comment, re.MULTILINE)
        assert comment.count("<details>") == comment.count("</details>") == 3
        assert comment.rstrip().endswith("are left out.")

    def test_many_environments_stay_within_the_limit(self) -> None:
        """Where not even the frames of all plans fit, plans are left out, and the table is still there."""
        plan = read_plan("infrastructure", many(60))
        plans = [environment(plan, name=f"e{number}") for number in range(300)]
        comment = plan_comment(plans)
        assert len(comment.encode()) < GITHUB_LIMIT
        assert comment.count("| infrastructure |") == 300

    @pytest.mark.parametrize(
        "name",
        ["a`b", "a``b```c", "`", "a|b", "a\n| x |\n", "</details>", "@everyone", "<script>", "```\n# x", "é" * 3000],
        ids=["tick", "ticks", "lone-tick", "pipe", "lines", "html", "mention", "script", "fence", "long"],
    )
    def test_strange_names_stay_text(self, name: str) -> None:
        """Backticks, pipes, line ends and HTML in a name change nothing around them."""
        address = f'aws_db_instance.this["{name}"]'
        planned = read_plan(
            "infrastructure", plan_of(resource(address, "delete"), resource(f"aws_vpc.{name}", "delete"))
        )
        comment = plan_comment([environment(planned)])
        rest = outside_code(comment)
        ordinary = outside_code(
            plan_comment(
                [
                    environment(
                        read_plan(
                            "infrastructure",
                            plan_of(resource("aws_db_instance.a", "delete"), resource("aws_vpc.b", "delete")),
                        )
                    )
                ]
            )
        )
        assert rest == ordinary

    def test_strange_sentences_stay_in_their_cell(self) -> None:
        """A pipe, a line end or a mention in an error moves no cell and calls nobody."""
        plan = EnvironmentPlan(environment="dev", sentence="a | b\n`c` @team <b> #1", failed=True)
        [row] = [line for line in plan_comment([plan]).splitlines() if line.startswith("| dev")]
        assert len(re.findall(r"(?<!\\)\|", row)) == 8
        assert "@team" not in row
        assert "<b>" not in row

    def test_an_error_is_shown(self) -> None:
        """A stack that can't be planned says why in the table, and its error is folded below."""
        sentence = "terraform plan ended with exit code 1:\nError: no route\nto host"
        failed = StackPlan(stack="platform", status=Status.FAILED, sentence=sentence, exit_code=1)
        comment = plan_comment([environment(infrastructure("no-change"), failed)])
        assert "| dev | platform | | | | | **failed**: no route |" in comment
        assert f"```\n{sentence}\n```" in comment

    def test_the_worst_of_a_small_plan_is_told_beside_a_large_one(self) -> None:
        """One opened port is not cut off behind thousands of replaced subnets of another environment."""
        large = [resource(f"aws_subnet.s{number}", "delete") for number in range(5000)]
        rules = [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}]
        opened = resource("aws_security_group.database", "update", before={"ingress": []}, after={"ingress": rules})
        comment = plan_comment(
            [
                environment(read_plan("infrastructure", plan_of(*large)), name="a"),
                environment(read_plan("infrastructure", plan_of(opened)), name="b"),
            ]
        )
        assert len(comment.encode()) < GITHUB_LIMIT
        first = next(line for line in comment.splitlines() if line.startswith("- "))
        assert first == (
            "- **opens** `aws_security_group.database` (b, infrastructure): lets more in: `(none)` → `tcp 22 0.0.0.0/0`"
        )

    def test_what_is_new_in_a_long_list_is_never_cut_off(self) -> None:
        """A value is cut at its end, and what widens stands at its beginning."""
        many = [f"10.{number}.0.0/16" for number in range(100)]
        before, after = ({"vpc_config": [{"public_access_cidrs": ranges}]} for ranges in (many, [*many, "0.0.0.0/0"]))
        opened = resource("aws_eks_cluster.cluster", "update", before=before, after=after)
        comment = plan_comment([environment(read_plan("infrastructure", plan_of(opened)))])
        assert "the Kubernetes API is reached from the whole Internet: `10.0.0.0/16, 10.1.0.0/16, " in comment
        assert " → `0.0.0.0/0, 10.0.0.0/16, " in comment

    def test_an_environment_without_a_report_is_said_to_be(self) -> None:
        """A job that was refused by its reviewer, or died, leaves no report: the comment doesn't hide it."""
        comment = plan_comment([environment(infrastructure("no-change"))], expected=["dev", "prod"])
        assert "| prod | | | | | | failed: its job ended without a report" in comment

    def test_nothing_to_plan(self) -> None:
        """Where a later commit takes the change back the comment says so."""
        assert plan_comment([]) == f"{MARKER}\n## Plan\n\n{NOTHING}\n"

    def test_begins_with_its_marker(self) -> None:
        """The marker is what the comment is found by."""
        assert plan_comment([environment(SKIPPED)]).startswith(f"{MARKER}\n")


class TestMarkdown:
    @pytest.mark.parametrize("text", ["", "a", "`", "``", "a`b", " a ", "`a`"], ids=repr)
    def test_code_is_closed_by_its_own_fence_only(self, text: str) -> None:
        """The fence is longer than any run of backticks inside."""
        span = markdown.code(text)
        fence = re.match(r"`+", span)
        assert fence is not None
        assert span.endswith(fence[0])
        assert fence[0] not in text or not text

    def test_marks_of_direction_are_shown(self) -> None:
        """A name can't turn the text around it."""
        assert markdown.one_line("a\u202eb\u0000") == "a\\u202eb\\x00"
