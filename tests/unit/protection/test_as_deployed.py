"""Settings remembered from the first deploy, and the refusal of what would replace something that holds data."""

from __future__ import annotations

from typing import Any

import pytest
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.naming.component import Component
from constructs.protection.as_deployed import AsDeployed, AsDeployedProps

from tests.unit.trial_stack import TrialStack

REMEMBERED = "terraform_data.database_as_deployed.output"


def _add(stack: TrialStack, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Deploy it with something protected; return its memory and the lifecycle of what is protected."""
    arguments: dict[str, Any] = {
        "what": "database",
        "settings": {"region": "eu-west-1", "network.database_vpc_cidr": "10.1.0.0/24"},
        "subnets": {"database_a": "10.1.0.0/26"},
        "vpc": "aws_vpc.database",
    } | changes
    memory = AsDeployed(stack, "as-deployed", AsDeployedProps(**arguments))
    Component(stack, "user").add(Vpc, "user", cidr_block="10.0.0.0/16", lifecycle=memory.lifecycle("tags"))
    return stack.resource("terraform_data.database_as_deployed"), stack.resource("aws_vpc.user")["lifecycle"]


class TestWithDefaultConfiguration:
    def test_remembers_the_first_deploys_settings(self, stack: TrialStack) -> None:
        """The settings go into the state once; later ones don't overwrite them."""
        memory, _ = _add(stack)
        assert memory == {
            "input": {
                "region": "eu-west-1",
                "network.database_vpc_cidr": "10.1.0.0/24",
                "subnets": {"database_a": "10.1.0.0/26"},
            },
            "lifecycle": {"ignore_changes": ["input"]},
        }

    def test_needs_no_provider(self, stack: TrialStack) -> None:
        """The memory is Terraform's own resource."""
        _add(stack)
        assert "required_providers" not in stack.synthesized().document.get("terraform", {})

    @pytest.mark.parametrize(("key", "value"), [("region", "eu-west-1"), ("network.database_vpc_cidr", "10.1.0.0/24")])
    def test_compares_each_setting(self, stack: TrialStack, key: str, value: str) -> None:
        """A setting must be as remembered; one that wasn't remembered yet passes."""
        _, lifecycle = _add(stack)
        (check,) = [check for check in lifecycle["precondition"] if f"{key} was" in check["error_message"]]
        assert check["condition"] == f'${{lookup({REMEMBERED}, "{key}", "{value}") == "{value}"}}'

    def test_message_says_what_and_how(self, stack: TrialStack) -> None:
        """The refusal names the key, both values, what would be lost, the fix and the way to do it on purpose."""
        _, lifecycle = _add(stack)
        assert lifecycle["precondition"][0]["error_message"] == (
            f'database-replacement: region was ${{lookup({REMEMBERED}, "region", "eu-west-1")}} at the first deploy '
            "and is eu-west-1 now. That replaces the database and loses what is in it. Restore the old value; or, to "
            "lose it on purpose, set database.allow_replacement: true in the environment file."
        )

    def test_subnets_may_come_but_not_go_or_move(self, stack: TrialStack) -> None:
        """A remembered subnet stays with its range; a new zone is no matter, a new range a mistake of its own."""
        _, lifecycle = _add(stack)
        check = lifecycle["precondition"][-1]
        assert check["condition"] == (
            f'${{!(lookup({REMEMBERED}, "region", "eu-west-1") == "eu-west-1"'
            f' && lookup({REMEMBERED}, "network.database_vpc_cidr", "10.1.0.0/24") == "10.1.0.0/24")'
            f" || alltrue([for name, range in {REMEMBERED}.subnets : "
            'lookup({"database_a": "10.1.0.0/26"}, name, "") == range])}'
        )
        assert "database-replacement: the order of availability_zones" in check["error_message"]
        assert "new zones go to the end" in check["error_message"]

    def test_goes_with_its_vpc(self, stack: TrialStack) -> None:
        """What lies in a VPC is replaced with it."""
        _, lifecycle = _add(stack)
        assert lifecycle["replace_triggered_by"] == ["aws_vpc.database.id"]
        assert lifecycle["ignore_changes"] == ["tags"]


class TestWithCustomConfiguration:
    def test_replacement_is_allowed(self, stack: TrialStack) -> None:
        """Where the file says so nothing is refused, and the memory follows the file."""
        memory, lifecycle = _add(stack, allow_replacement=True)
        assert "lifecycle" not in memory
        assert "precondition" not in lifecycle
        assert lifecycle["replace_triggered_by"] == ["aws_vpc.database.id"]

    def test_each_has_its_own_memory(self, stack: TrialStack) -> None:
        """Cluster and database are remembered, and allowed to be replaced, apart."""
        AsDeployed(stack, "a", AsDeployedProps(what="cluster", settings={}, subnets={}, vpc="aws_vpc.cluster"))
        AsDeployed(stack, "b", AsDeployedProps(what="database", settings={}, subnets={}, vpc="aws_vpc.database"))
        assert stack.names_of("terraform_data") == {"cluster_as_deployed", "database_as_deployed"}
