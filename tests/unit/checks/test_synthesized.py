"""Reading synthesized stacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack


class TestSynthesizedStack:
    def test_reads_a_folder_of_cdktf(self, tmp_path: Path) -> None:
        """The stack is called as its folder, its text is the file's."""
        folder = tmp_path / "stacks" / "infrastructure"
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text('{"resource": {}}')
        assert SynthesizedStack.read(folder) == SynthesizedStack("infrastructure", '{"resource": {}}')

    def test_a_folder_without_stack(self, tmp_path: Path) -> None:
        """A folder that was not synthesized is an error that names the file."""
        with pytest.raises(FileNotFoundError, match=r"cdk\.tf\.json"):
            SynthesizedStack.read(tmp_path)

    def test_addresses_are_terraforms(self) -> None:
        """Resources, data sources and ephemeral blocks, sorted, as `terraform state list` and errors name them."""
        document: dict[str, Any] = {
            "resource": {"aws_vpc": {"b": {}, "a": {}}},
            "data": {"aws_eks_addon_version": {"coredns": {}}},
            "ephemeral": {"aws_secretsmanager_secret_version": {"database": {}}},
        }
        assert SynthesizedStack("s", json.dumps(document)).addresses == [
            "aws_vpc.a",
            "aws_vpc.b",
            "data.aws_eks_addon_version.coredns",
            "ephemeral.aws_secretsmanager_secret_version.database",
        ]

    def test_an_empty_stack(self) -> None:
        """A stack without anything has no resources and no addresses."""
        empty = SynthesizedStack("s", "{}")
        assert empty.addresses == []
        assert empty.resources("aws_vpc") == {}
