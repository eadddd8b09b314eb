"""What of a plan's output people get to see."""

from __future__ import annotations

from ops.stack_clients.terraform import was_read, without_reading

PLAN = """\
data.terraform_remote_state.infrastructure: Reading...
data.terraform_remote_state.infrastructure: Read complete after 0s
ephemeral.aws_secretsmanager_random_password.jwt: Opening...
aws_vpc.cluster: Refreshing state... [id=vpc-1]
aws_route.a["10.0.0.0/8"]: Refreshing state... [id=r-1]
ephemeral.aws_secretsmanager_random_password.jwt: Closing...

Terraform will perform the following actions:

  # aws_vpc.cluster will be updated in-place
  ~ resource "aws_vpc" "cluster" {
      ~ note = "x: Reading..."
    }

Plan: 0 to add, 1 to change, 0 to destroy.
"""


class TestPlanOutput:
    def test_begins_with_what_matters(self) -> None:
        """What was read for it is left out, and nothing else: with a hundred objects that were pages."""
        assert without_reading(PLAN) == PLAN.partition("Closing...")[2].strip()

    def test_what_was_read_is_counted_once(self) -> None:
        """An object that is refreshed or looked up counts, a beginning and a secret that is never stored do not."""
        assert [line for line in PLAN.splitlines() if was_read(line)] == [
            "data.terraform_remote_state.infrastructure: Read complete after 0s",
            "aws_vpc.cluster: Refreshing state... [id=vpc-1]",
            'aws_route.a["10.0.0.0/8"]: Refreshing state... [id=r-1]',
        ]
