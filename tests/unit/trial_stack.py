"""A stack that holds only the construct under test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cdktf import TerraformStack, Testing
from constructs.checks.synthesized import SynthesizedStack
from constructs.cluster.control_plane import ControlPlane, ControlPlaneProps
from constructs.encryption.log_group import LogKey
from constructs.naming.labels import Labels
from constructs.naming.names import Names
from constructs.protection.as_deployed import AsDeployed, AsDeployedProps

ACCOUNT = "111122223333"

#: The longest name that an environment file may hold.
LONGEST_ENVIRONMENT = "n" * 20


class TrialStack(TerraformStack):
    """An empty stack `infrastructure` with labels, as constructs expect of their scope."""

    def __init__(
        self,
        *,
        environment: str = "dev",
        region: str = "eu-west-1",
        user_tags: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(Testing.app(), "infrastructure")
        names = Names(environment=environment, region=region, account_id=ACCOUNT)
        self.labels = Labels(names=names, stack="infrastructure", user_tags=user_tags or {})

    def synthesized(self) -> SynthesizedStack:
        """The JSON of what was added until now."""
        return SynthesizedStack("infrastructure", Testing.synth(self))

    def resource(self, address: str) -> dict[str, Any]:
        """Arguments of the resource at `<type>.<name>`."""
        terraform_type, _, name = address.partition(".")
        return self.synthesized().resources(terraform_type)[name]

    def names_of(self, terraform_type: str) -> set[str]:
        """Names in the state of all resources of a type."""
        return set(self.synthesized().resources(terraform_type))

    def statements(self, address: str, argument: str = "policy") -> dict[str, dict[str, Any]]:
        """Sid -> statement of the policy document that an argument of a resource holds."""
        return statements_of(self.resource(address)[argument])


def statements_of(document: str) -> dict[str, dict[str, Any]]:
    """Sid -> statement of a policy document."""
    return {statement["Sid"]: statement for statement in json.loads(document)["Statement"]}


def default_control_plane(stack: TrialStack) -> ControlPlane:
    """A control plane with default configuration; its log groups' key is in the stack, too."""
    props = ControlPlaneProps(
        kubernetes_version="1.35",
        subnet_ids=["subnet-a", "subnet-b"],
        service_cidr="172.20.0.0/16",
        log_key=LogKey(stack, "control-plane-log-key"),
        as_deployed=as_deployed(stack, "cluster"),
    )
    return ControlPlane(stack, "control-plane", props)


def as_deployed(stack: TrialStack, what: str) -> AsDeployed:
    """The memory of the settings with which the cluster or the database was deployed."""
    props = AsDeployedProps(
        what=what,
        settings={"region": stack.labels.names.region},
        subnets={"a": "10.1.0.0/26"},
        vpc=f"aws_vpc.{what}",
    )
    return AsDeployed(stack, f"{what}-as-deployed", props)
