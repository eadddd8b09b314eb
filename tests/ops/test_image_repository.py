"""The repository of images, whose making is killed and recovered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ops.operated import AT_ONCE, DEPLOY, Operated, operated
from tests.ops.seeded import Kill
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

REPOSITORY, POLICY = "aws_ecr_repository.images", "aws_ecr_lifecycle_policy.images"
#: The rest of the stack, but for the key, takes no part in it.
VARIABLES = {**AT_ONCE, "TF_CLI_ARGS_plan": f"-target={POLICY}"}


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, with a repository; nothing of it exists."""
    image = {"image": {"repository": "managed"}}
    with operated(toolchain, tmp_path_factory.mktemp("images"), state_in_s3=False, airflow=image) as made:
        yield made


def test_what_a_killed_deploy_has_made_is_found_and_recorded(environment: Operated) -> None:
    """Repository and lifecycle policy, each killed in its making, are imported; the next deploy makes nothing twice."""
    Kill("ecr", "CreateRepository", 1, "after").happen(environment, VARIABLES)
    assert REPOSITORY in environment.unrecorded()
    assert f"{REPOSITORY}  airflow-dev" in environment.recover()
    assert environment.unrecorded() == set()
    Kill("ecr", "PutLifecyclePolicy", 1, "after").happen(environment, VARIABLES)
    assert environment.unrecorded() == {POLICY}
    assert POLICY in environment.recover()
    environment.done(*DEPLOY, variables=VARIABLES)
    assert [line.partition(" ecr:")[2] for line in environment.inventory() if " ecr:" in line] == [
        "repository airflow-dev expiring"
    ]
    plan = environment.done("plan", variables=VARIABLES)
    assert "No changes. Your infrastructure matches the configuration." in plan
