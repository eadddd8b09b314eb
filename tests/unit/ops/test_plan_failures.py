"""What of a failed plan everybody may read: the report is shown on pull requests and in issues."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from ops.environment import load
from ops.plans.failures import IN_THE_LOG, told_to_all
from ops.plans.making import plan_environment
from ops.terraform import failure

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
        told = told_to_all(failure(("plan", "-lock=false"), 1, OUTPUT).message)
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


class TestPlanEnvironment:
    def test_reports_less_than_it_logs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The log of the job has the whole error, the report of both stacks only what everybody may read."""
        monkeypatch.setattr("ops.plans.making.synthesize", lambda _: None)
        said: list[str] = []
        report = plan_environment(load({}, env="dev", root=Path(__file__).parents[3]), _refused, said.append)
        assert len(said) == len(report.stacks) == 2
        assert all("s3cr3t" in text for text in said)
        assert [stack.sentence for stack in report.stacks] == [told_to_all(text) for text in said]
        assert "s3cr3t" not in repr(report)


def _refused(_: str) -> NoReturn:
    raise failure(("plan",), 1, OUTPUT)
