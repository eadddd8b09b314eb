"""Whether the machine images of node pools are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.settings.environment import Environment

from ops.preflight.check import Result
from ops.preflight.node_images import check_node_images, parameter
from tests.unit.settings.conftest import load, write

__all__ = ["load", "write"]

Load = Callable[[dict[str, str | None]], Environment]

POOL = "instance_families: [{}], limits: {{cpu: 64, memory: 256Gi}}, ami: al2023@v20260714"
FOLDER = "/aws/service/eks/optimized-ami/1.35/amazon-linux-2023/arm64/standard"
ARM = f"{FOLDER}/amazon-eks-node-al2023-arm64-standard-1.35-v20260714/image_id"


class Parameters:
    """SSM that knows some names."""

    def __init__(self, *known: str) -> None:
        self._known = known

    def client(self, service: str) -> Parameters:
        """Itself, for the one service that is asked."""
        assert service == "ssm"
        return self

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803  # as SSM calls it
        """Those that are not known."""
        return {"InvalidParameters": [name for name in Names if name not in self._known]}


@pytest.fixture
def environment(load: Load) -> Environment:
    """Two pools, one of arm64 and one of x86_64."""
    pools = f"{{tasks: {{{POOL.format('m7g')}}}, other: {{{POOL.format('m7i')}}}}}"
    return load({"cluster/node_pools": pools, "cluster/kubernetes_version": '"1.35"'})


def test_those_that_are_there(environment: Environment) -> None:
    """Each for the processors of its pool."""
    aws: Any = Parameters(ARM, ARM.replace("arm64", "x86_64"))
    [check] = check_node_images(environment, aws)
    assert (check.result, check.detail) == (Result.OK, "al2023@v20260714, for Kubernetes 1.35")


def test_one_that_is_not(environment: Environment) -> None:
    """Which pool would wait, and what to write."""
    aws: Any = Parameters(ARM)
    [check] = check_node_images(environment, aws)
    assert check.result is Result.PROBLEM
    assert check.detail == (
        "there is no al2023@v20260714 for Kubernetes 1.35 on x86_64: pods of other would wait for ever"
    )
    assert "cluster.node_pools.other.ami" in check.fix


def test_bottlerocket_is_elsewhere() -> None:
    """Without the v of its version."""
    found = parameter("bottlerocket@v1.20.4", "1.35", "arm64")
    assert found == "/aws/service/bottlerocket/aws-k8s-1.35/arm64/1.20.4/image_id"
