"""The contract between the stacks."""

from __future__ import annotations

from dataclasses import fields

import cdktf
import pytest
from constructs.checks.synthesized import SynthesizedStack
from constructs.stacks.outputs import InfrastructureOutputs

VALUES = {field.name: f"value of {field.name}" for field in fields(InfrastructureOutputs)}


class TestInfrastructureOutputs:
    def test_each_field_is_one_named_output(self) -> None:
        """The name in the state is the field's, with a description for whoever reads it."""
        stack = cdktf.TerraformStack(cdktf.Testing.app(), "infrastructure")
        InfrastructureOutputs(**VALUES).publish(stack)  # type: ignore[arg-type]  # lists are of no matter here
        outputs = SynthesizedStack("infrastructure", cdktf.Testing.synth(stack)).document["output"]
        assert {name: output["value"] for name, output in outputs.items()} == VALUES
        assert all(output["description"] for output in outputs.values())

    def test_none_is_sensitive(self) -> None:
        """People read them with `terraform output`; no value is a secret."""
        stack = cdktf.TerraformStack(cdktf.Testing.app(), "infrastructure")
        InfrastructureOutputs(**VALUES).publish(stack)  # type: ignore[arg-type]  # lists are of no matter here
        outputs = SynthesizedStack("infrastructure", cdktf.Testing.synth(stack)).document["output"]
        assert not [name for name, output in outputs.items() if "sensitive" in output]

    @pytest.mark.parametrize("missing", ["cluster_name", "admin_password_command"])
    def test_a_value_is_missing(self, missing: str) -> None:
        """A contract that is not kept is an error before anything is synthesized."""
        values = {name: value for name, value in VALUES.items() if name != missing}
        with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{missing}'"):
            InfrastructureOutputs(**values)  # type: ignore[arg-type]  # lists are of no matter here


STATE = "data.terraform_remote_state.infrastructure.outputs"


class TestReading:
    def test_each_value_is_an_expression_for_the_output(self) -> None:
        """The other stack reads an output by the name under which it is published."""
        known = InfrastructureOutputs.of_state("infrastructure")
        assert known.cluster_endpoint == f"${{{STATE}.cluster_endpoint}}"
        assert known.database_port == f"${{{STATE}.database_port}}"

    def test_is_plain_text(self) -> None:
        """No token of CDKTF's, whose number changes with every construct: checksums of text with it stay the same."""
        known = InfrastructureOutputs.of_state("infrastructure")
        texts = [value for value in vars(known).values() if isinstance(value, str)]
        assert len(texts) > 10
        assert not [text for text in texts if "TOKEN" in text]

    def test_an_entry_of_a_list(self) -> None:
        """One entry, by its position."""
        entry = InfrastructureOutputs.entry_of_state("infrastructure", "fernet_secret_arns", 1)
        assert entry == f"${{{STATE}.fernet_secret_arns[1]}}"

    @pytest.mark.parametrize("name", ["cluster_name", "nothing"])
    def test_an_entry_of_no_list(self, name: str) -> None:
        """What is no published list has no entries."""
        with pytest.raises(KeyError, match=name):
            InfrastructureOutputs.entry_of_state("infrastructure", name, 0)
