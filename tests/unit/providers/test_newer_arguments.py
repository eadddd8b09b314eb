"""What only newer providers know."""

from __future__ import annotations

import json

import pytest
from cdktf_cdktf_provider_aws.eks_cluster import EksClusterConfig
from constructs.checks.proofs import the_demanded_provider_knows_every_argument
from constructs.checks.synthesized import SynthesizedStack
from constructs.providers.newer_arguments import SINCE, newer_than


def _stack(demanded: str, kind: str, arguments: dict[str, object], block: str = "resource") -> SynthesizedStack:
    document = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": demanded}}},
        block: {kind: {"one": arguments}},
    }
    return SynthesizedStack("infrastructure", json.dumps(document))


class TestProof:
    @pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, paths in SINCE.items() for path in paths])
    def test_each_argument_is_found_below_its_version_and_taken_from_it_on(self, kind: str, path: str) -> None:
        """An older provider would refuse the whole stack for it; the first one that has it takes it."""
        *blocks, name = path.split(".")
        arguments: dict[str, object] = {name: True}
        for block in reversed(blocks):
            arguments = {block: [{"other": 1}, arguments]}
        first = ".".join(map(str, SINCE[kind][path]))
        assert list(the_demanded_provider_knows_every_argument(_stack("5.100.0", kind, arguments))) == [
            f"{kind}.one has {path}, which is since {first}; the stack demands 5.100.0"
        ]
        assert list(the_demanded_provider_knows_every_argument(_stack(first, kind, arguments))) == []

    def test_the_region_of_a_single_resource_is_of_version_6(self) -> None:
        """Resources and data sources alike; a region inside a block is another argument."""
        found = list(newer_than("5.100.0", "aws_sns_topic", {"name": "a", "region": "eu-west-1"}))
        assert found == ["region, which is since 6.0.0"]
        in_block = {"peer": [{"region": "eu-west-1"}]}
        assert list(newer_than("5.100.0", "aws_sns_topic", in_block)) == []
        data = _stack("5.100.0", "aws_eks_addon_version", {"region": "eu-west-1"}, block="data")
        assert len(list(the_demanded_provider_knows_every_argument(data))) == 1

    def test_other_providers_arguments_are_theirs(self) -> None:
        """`region` of a resource that is not AWS's says nothing about the AWS provider."""
        stack = _stack("5.100.0", "terraform_data", {"region": "eu-west-1"})
        assert list(the_demanded_provider_knows_every_argument(stack)) == []


def test_the_bindings_offer_what_the_table_holds() -> None:
    """The table is about arguments that the construct could pass, by the names that CDKTF writes."""
    assert {"deletion_protection", "control_plane_scaling_config"} <= set(EksClusterConfig.__annotations__) | set(
        dir(EksClusterConfig)
    )
