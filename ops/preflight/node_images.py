"""The machine images of node pools: whether EKS has them for the Kubernetes version, as Karpenter looks for them."""

from __future__ import annotations

from collections.abc import Iterator

from constructs.capacity.pools import pools_of
from constructs.settings.environment import Environment
from constructs.settings.values.ami_types import Architecture

from ops.clients.aws import Aws, readable
from ops.console.pages import Page
from ops.preflight.check import Check, ok, problem

SUBJECT = "images of node pools"
#: Names that SSM takes in one call.
_AT_ONCE = 10


def check_node_images(environment: Environment, aws: Aws) -> Iterator[Check]:
    """Whether each pool's image is there for its processors: without it Karpenter starts no node, and pods wait.

    Raises:
        OperationError: AWS can't be asked.
    """
    version = environment.cluster.kubernetes_version
    wanted = {
        parameter(pool.settings.ami, version, processors): (pool, processors)
        for pool in pools_of(environment.cluster)
        for processors in pool.architectures
    }
    names = list(wanted)
    missing: list[str] = []
    with readable("ask SSM which machine images EKS has"):
        for start in range(0, len(names), _AT_ONCE):
            answer = aws.client("ssm").get_parameters(Names=names[start : start + _AT_ONCE])
            missing += answer["InvalidParameters"]
    for pool, processors in (wanted[each] for each in sorted(missing)):
        yield problem(
            SUBJECT,
            f"there is no {pool.settings.ami} for Kubernetes {version} on {processors}: pods of {pool.name} would wait "
            "for ever",
            f"write one that is there into {pool.key}.ami",
            Page.NODE_POOLS,
        )
    if not missing:
        yield ok(
            SUBJECT,
            f"{', '.join(sorted({pool.settings.ami for pool, _ in wanted.values()}))}, for Kubernetes {version}",
        )


def parameter(ami: str, kubernetes_version: str, architecture: Architecture) -> str:
    """Return the name under which AWS keeps the ID of an image (`DescribeImageQuery` of Karpenter 1.14)."""
    family, _, release = ami.partition("@")
    if family == "bottlerocket":
        return f"/aws/service/bottlerocket/aws-k8s-{kubernetes_version}/{architecture}/{release[1:]}/image_id"
    name = f"amazon-eks-node-al2023-{architecture}-standard-{kubernetes_version}-{release}"
    folder = f"/aws/service/eks/optimized-ami/{kubernetes_version}/amazon-linux-2023/{architecture}/standard"
    return f"{folder}/{name}/image_id"
