"""What is told at the end of a deploy."""

from __future__ import annotations

import pytest

from ops.console.output import Output
from ops.running.deploy_end import tell_end
from ops.running.outcome import Ended, Outcome
from ops.running.progress import Failure

STACKS = ("infrastructure", "platform")
QUOTA = Failure(address="aws_vpc.cluster", summary="creating EC2 VPC: VpcLimitExceeded", detail="The quota is 5.")


class TestStopped:
    def test_says_where_messages_are_explained(self, capsys: pytest.CaptureFixture[str]) -> None:
        """After what Terraform reported, once: the document that has messages one by one, with cause and cure."""
        tell_end(Output(), [Outcome(stack=STACKS[0], ended=Ended.FAILED, failures=(QUOTA, QUOTA))], STACKS)
        lines = capsys.readouterr().err.splitlines()
        assert [line for line in lines if "docs/" in line] == ["  Messages one by one: docs/troubleshooting.md"]
        assert lines.index("  Messages one by one: docs/troubleshooting.md") > lines.index(
            f"  {str(QUOTA).splitlines()[0]}"
        )

    def test_says_nothing_of_messages_where_there_was_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A deploy that somebody interrupted has nothing to look up; the page on that is named last."""
        tell_end(Output(), [Outcome(stack=STACKS[0], ended=Ended.INTERRUPTED)], STACKS)
        lines = capsys.readouterr().err.splitlines()
        named = "Page: docs/recovery.md#an-interrupted-deploy"
        assert [line for line in lines if "docs/" in line] == [named] == lines[-1:]
