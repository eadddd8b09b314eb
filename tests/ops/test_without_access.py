"""What the commands say and do where AWS lets nobody in; the state is in S3."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ops.operated import DEPLOY, STACK, Operated, operated
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

#: Made by few calls, so that the tests are short.
SMALL = {"TF_CLI_ARGS_plan": "-target=aws_vpc.cluster -target=aws_iam_role.cluster"}
COMMANDS = pytest.mark.parametrize(
    "command",
    [DEPLOY, ("recover", *STACK, "--yes"), ("destroy", *STACK, "--confirm", "dev")],
    ids=["deploy", "recover", "destroy"],
)


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, of which a little is deployed, its state in S3."""
    with operated(toolchain, tmp_path_factory.mktemp("without-access"), state_in_s3=True) as environment:
        environment.done(*DEPLOY, variables=SMALL)
        yield environment


class TestWithoutAccess:
    """No traceback, a sentence, a fix, the documented exit code; and nothing happens."""

    @COMMANDS
    def test_no_network(self, environment: Operated, command: tuple[str, ...]) -> None:
        """Where nobody answers it says so and names proxy and region (1)."""
        said = environment.ops(*command, variables={"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"})
        assert said.returncode == 1, said.stdout
        assert "AWS was not reached" in said.stdout
        assert "Fix: check network" in said.stdout
        assert "Traceback" not in said.stdout

    @COMMANDS
    def test_no_credentials(self, environment: Operated, command: tuple[str, ...]) -> None:
        """Without credentials it says how to sign in (2)."""
        said = environment.ops(*command, variables={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
        assert said.returncode == 2, said.stdout
        assert "No AWS credentials" in said.stdout
        assert "aws sso login" in said.stdout
        assert "Traceback" not in said.stdout

    @COMMANDS
    def test_the_wrong_account(self, environment: Operated, command: tuple[str, ...]) -> None:
        """Credentials of another account are refused before anything is done, both accounts named (2)."""
        file = environment.workspace.folder / "other.yaml"
        text = environment.workspace.environment_file.read_text(encoding="utf-8")
        file.write_text(text.replace(environment.aws.account_id, "999988887777"), encoding="utf-8")
        said = environment.ops(*command, "--env-file", str(file))
        assert said.returncode == 2, said.stdout
        assert f"belong to account {environment.aws.account_id}" in said.stdout
        assert "the environment to 999988887777. Nothing was done." in said.stdout
        assert "Traceback" not in said.stdout

    @COMMANDS
    def test_no_permission(self, environment: Operated, command: tuple[str, ...]) -> None:
        """A refused call is named, so that somebody can allow it (1); nothing is changed."""
        before = environment.inventory()
        environment.aws.fail("ec2", "DescribeVpcs", times=99, code="UnauthorizedOperation", message="You are not.")
        said = environment.ops(*command)
        environment.aws.clear_faults()
        assert said.returncode == 1, said.stdout
        assert "No permission to look for what infrastructure has in the account (DescribeVpcs: " in said.stdout
        assert "use a role that is allowed DescribeVpcs" in said.stdout
        assert "Traceback" not in said.stdout
        assert environment.inventory() == before
