"""Addresses of pods in section `cluster`."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]


@pytest.mark.parametrize(
    ("written", "variables"),
    [
        ("{}", {}),
        ("{prefix_delegation: true}", {"ENABLE_PREFIX_DELEGATION": "true"}),
        (
            "{prefix_delegation: true, warm_prefix_target: 2}",
            {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "2"},
        ),
        (
            "{prefix_delegation: true, warm_ip_target: 5, minimum_ip_target: 20}",
            {"ENABLE_PREFIX_DELEGATION": "true", "WARM_IP_TARGET": "5", "MINIMUM_IP_TARGET": "20"},
        ),
        ("{warm_ip_target: 2}", {"WARM_IP_TARGET": "2"}),
    ],
)
def test_become_variables_of_the_vpc_cni(load: Load, written: str, variables: dict[str, str]) -> None:
    """Text, as containers have them; what is not said is EKS's."""
    assert load({"cluster/pods": written}).cluster.pods.environment == variables


@pytest.mark.parametrize(
    ("written", "key", "allowed", "fix"),
    [
        ("{warm_prefix_target: 1}", "warm_prefix_target", "nothing without cluster.pods.prefix_del", "warm_ip_target"),
        (
            "{prefix_delegation: false, warm_prefix_target: 1}",
            "warm_prefix_target",
            "there are no ranges to keep ready",
            "add prefix_delegation: true",
        ),
        (
            "{prefix_delegation: true, warm_prefix_target: 1, warm_ip_target: 2}",
            "warm_ip_target",
            "nothing beside cluster.pods.warm_prefix_target",
            "remove warm_prefix_target or warm_ip_target",
        ),
        ("{minimum_ip_target: 9}", "minimum_ip_target", "nothing without cluster.pods.warm_ip_target", "such as 2"),
        ("{prefix_delegation: yes please}", "prefix_delegation", "true or false", "true"),
        ("{prefix_delegation: true, warm_prefix_target: 0}", "warm_prefix_target", "1 to 16", "1 to 16"),
        ("{warm_ip_target: 251}", "warm_ip_target", "1 to 250", "1 to 250"),
        ("{warm_ip_target: 1, minimum_ip_target: 0}", "minimum_ip_target", "1 to 250", "1 to 250"),
    ],
)
def test_mistakes(problems: Problems, written: str, key: str, allowed: str, fix: str) -> None:
    """What would have no effect, or leave pods without addresses, is refused where it stands."""
    (found,) = problems({"cluster/pods": written})
    assert found.key == f"cluster.pods.{key}"
    assert allowed in found.allowed
    assert fix in found.fix
