"""What of a failed plan everybody may read: the report is shown on pull requests and in issues."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from ops.environment.operated import load
from ops.plan_report.report import EnvironmentPlan, StackPlan, Status
from ops.plans.failures import IN_THE_LOG, cause, told_to_all
from ops.plans.making import plan_environment
from ops.stack_clients.terraform import failure
from ops.workflows.plan_comment import plan_comment

OUTPUT = """
aws_secretsmanager_secret.git: Refreshing state... [id=git-token-s3cr3t]

Error: reading Secrets Manager Secret (acme/dags): AccessDeniedException

  with data.aws_secretsmanager_secret_version.git,
  on cdk.tf.json line 412, in data.aws_secretsmanager_secret_version.git:
 412:   "value": "s3cr3t",

The answer was {"SecretString": "s3cr3t"}.

Error: Unsupported attribute
"""


class TestToldToAll:
    def test_is_which_errors_there_are_and_where(self) -> None:
        """Headings and places are told; the lines of the configuration and the answers around them are not."""
        told = told_to_all(failure(("plan", "-lock=false"), 1, OUTPUT, "platform").message)
        assert told.splitlines() == [
            "terraform plan ended with exit code 1:",
            "Error: reading Secrets Manager Secret (acme/dags): AccessDeniedException",
            "with data.aws_secretsmanager_secret_version.git",
            "on cdk.tf.json line 412, in data.aws_secretsmanager_secret_version.git",
            "Error: Unsupported attribute",
            IN_THE_LOG,
        ]

    def test_of_framed_errors_is_the_same(self) -> None:
        """Terraform draws a frame around warnings and errors of its own configuration."""
        told = told_to_all(
            "terraform init ended with exit code 1:\n╷\n│ Error: no such backend\n│\n│   token = s3cr3t\n╵"
        )
        assert told == f"terraform init ended with exit code 1:\nError: no such backend\n{IN_THE_LOG}"

    @pytest.mark.parametrize("sentence", ["The bucket acme-states does not exist.", ""])
    def test_of_a_sentence_of_ours_is_that(self, sentence: str) -> None:
        """One line hides nothing, and points to no log."""
        assert told_to_all(sentence) == sentence


REFUSED = """
Planning failed. Terraform encountered an error while generating this plan.

Error: Resource precondition failed

  on cdk.tf.json line 528, in resource.aws_db_instance.metadata.lifecycle.precondition[1]:
 528:           "condition": "${lookup(terraform_data.database_as_deployed.output, \\"region\\")}",
    ├────────────────
    │ terraform_data.database_as_deployed.output is object with 5 attributes

database-replacement: region was eu-west-1 at the first deploy and is
eu-central-1 now. That replaces the database and loses what is in it. Restore
the old value; or, to lose it on purpose, set database.allow_replacement:
true in the environment file.

Error: Unsupported attribute

  on cdk.tf.json line 7, in output.x:
   7:   "value": "s3cr3t",

This object has no "s3cr3t".
"""
SENTENCE = (
    "database-replacement: region was eu-west-1 at the first deploy and is eu-central-1 now. That replaces the "
    "database and loses what is in it. Restore the old value; or, to lose it on purpose, set "
    "database.allow_replacement: true in the environment file."
)


class TestOwnChecks:
    def test_are_told_whole(self) -> None:
        """The sentence of a precondition of ours passes as one line, instead of its place; nothing quoted does."""
        told = told_to_all(failure(("plan",), 1, REFUSED, "platform").message)
        assert told.splitlines() == [
            "terraform plan ended with exit code 1:",
            f"Error: {SENTENCE}",
            "Error: Unsupported attribute",
            "on cdk.tf.json line 7, in output.x",
            IN_THE_LOG,
        ]
        assert cause(told) == SENTENCE

    def test_are_told_whole_within_a_frame(self) -> None:
        """Where Terraform draws a frame around its errors, too."""
        framed = "\n".join(f"│ {line}".rstrip() for line in REFUSED.strip().splitlines()[2:])
        assert told_to_all(f"terraform plan ended with exit code 1:\n{framed}").splitlines()[1] == f"Error: {SENTENCE}"

    def test_of_many_none_is_lost(self) -> None:
        """A dozen of them are a dozen lines: the error keeps its beginning, not its end."""
        told = told_to_all(failure(("plan",), 1, "\n".join(["a refresh"] * 50 + [REFUSED] * 12), "platform").message)
        assert told.count(SENTENCE) == 12

    def test_say_why_in_the_row_of_the_stack(self) -> None:
        """The table of the comment says what to do, and not that it is said elsewhere."""
        sentence = told_to_all(failure(("plan",), 1, REFUSED, "platform").message)
        stack = StackPlan(stack="infrastructure", status=Status.FAILED, sentence=sentence, exit_code=1)
        comment = plan_comment([EnvironmentPlan(environment="dev", stacks=(stack,))])
        [row] = [line for line in comment.splitlines() if line.startswith("| dev |")]
        assert "**failed**: database\\-replacement\\: region was eu\\-west\\-1 at the first deploy" in row
        assert "true in the environment file" in row


class TestPlanEnvironment:
    def test_reports_less_than_it_logs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The log of the job has the whole error, the report of both stacks only what everybody may read."""
        monkeypatch.setattr("ops.plans.making.synthesize", lambda _: None)
        said: list[str] = []
        report = plan_environment(load({}, env="dev", root=Path(__file__).parents[4]), _refused, said.append)
        assert len(said) == len(report.stacks) == 2
        assert all("s3cr3t" in text for text in said)
        assert [stack.sentence for stack in report.stacks] == [told_to_all(text) for text in said]
        assert "s3cr3t" not in repr(report)


def _refused(_: str) -> NoReturn:
    raise failure(("plan",), 1, OUTPUT, "platform")
