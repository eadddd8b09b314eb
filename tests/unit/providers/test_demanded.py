"""Which providers a stack demands."""

from __future__ import annotations

import pytest
from constructs.providers.demanded import PROVIDERS, required_providers
from constructs.versions.table import order

from tests.unit.stacks.environments import infrastructure

VERSIONS = {"aws": "6.25.0", "helm": "3.2.0", "kubernetes": "2.39.0"}


class TestRequiredProviders:
    @pytest.mark.parametrize(
        ("stack", "names"),
        [("infrastructure", ["aws"]), ("platform", ["aws", "helm", "kubernetes"]), ("bootstrap", ["aws"])],
    )
    def test_each_stack_gets_its_own(self, stack: str, names: list[str]) -> None:
        """Exactly one version each, from the registry of whoever reads it: no host is named."""
        assert required_providers(stack, VERSIONS) == {
            name: {"source": f"hashicorp/{name}", "version": VERSIONS[name]} for name in names
        }

    def test_the_environment_s_versions_are_in_the_stack(self) -> None:
        """The setting arrives in the JSON, with what only that version knows."""
        stack = infrastructure(providers={"aws": "6.25.0"}, cluster={"deletion_protection": True})
        assert stack.document["terraform"]["required_providers"]["aws"]["version"] == "6.25.0"
        assert stack.resources("aws_eks_cluster")["cluster"]["deletion_protection"] is True

    def test_an_older_provider_is_not_told_what_it_does_not_know(self) -> None:
        """Without the setting the argument is in no stack, whichever version is demanded."""
        for demanded in ("5.100.0", "6.25.0"):
            cluster = infrastructure(providers={"aws": demanded}).resources("aws_eks_cluster")["cluster"]
            assert "deletion_protection" not in cluster


def test_versions_are_compared_as_numbers() -> None:
    """5.100 is newer than 5.99."""
    assert order("5.100.0") > order("5.99.9")
    assert [PROVIDERS[name].proven for name in VERSIONS] == ["5.100.0", "3.1.1", "2.38.0"]
