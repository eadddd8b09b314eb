"""A state that can't be written at the end of an apply: kept, written first, nothing that it knows is imported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.documented import shows
from tests.ops.operated import DEPLOY, STACK, Operated, operated
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

VPC, ROLE = "aws_vpc.cluster", "aws_iam_role.cluster"
SMALL = {"TF_CLI_ARGS_plan": f"-target={VPC} -target={ROLE}"}


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, of which nothing exists, its state in S3."""
    with operated(toolchain, tmp_path_factory.mktemp("unwritten"), state_in_s3=True) as environment:
        yield environment


class TestExpiredToken:
    def test_the_state_is_kept(self, environment: Operated) -> None:
        """A session that ends during an apply: the state lies in a file for its owner alone, and that is said."""
        aws = environment.aws
        hold = aws.hold("iam", "CreateRole", moment="after")
        with environment.running(*DEPLOY, variables=SMALL) as deploy:
            hold.wait()
            for action in ("PutObject", "DeleteObject"):
                aws.fail(
                    "s3", action, code="ExpiredToken", status=400, message="The provided token has expired.", times=99
                )
            hold.release()
            assert deploy.wait() == 1, deploy.output
        aws.clear_faults()
        [file] = environment.kept.glob("dev/*errored.tfstate")
        assert file.name == "infrastructure.errored.tfstate"
        assert file.stat().st_mode & 0o777 == 0o600
        assert not (environment.workspace.stack / "errored.tfstate").exists()
        shows("deploy-state-not-written", deploy.output[deploy.output.index("Stopped in") :])

    def test_nothing_is_done_before_it_is_written(self, environment: Operated) -> None:
        """No deploy goes on from the older state, not even one that looks for nothing."""
        for more in ((), ("--skip-recovery-check",)):
            said = environment.ops(*DEPLOY, *more, variables=SMALL)
            assert said.returncode == 3, said.stdout
        assert environment.unrecorded() == {VPC, ROLE}

    def test_recover_writes_it_first(self, environment: Operated) -> None:
        """The lock of who has ended goes, the state is written, and nothing is left to import; the file is gone."""
        said = environment.done("recover", *STACK, "--yes")
        shows("recover-state-written", said)
        assert environment.unrecorded() == set()
        assert list(environment.kept.glob("dev/*")) == []
        assert "unchanged" in environment.done(*DEPLOY, variables=SMALL)
