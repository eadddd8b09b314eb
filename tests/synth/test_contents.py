"""What holds of every resource of both shipped environments."""

from __future__ import annotations

import re

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.synth.environments import arguments, texts

#: Types that carry no tags in AWS. Everything else has them all.
UNTAGGABLE = {
    "aws_eks_access_policy_association",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kms_alias",
    "aws_route",
    "aws_route_table_association",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_version",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_vpc_peering_connection_options",
    "terraform_data",
}

#: Shapes of secrets, each with an example that was made up.
SHAPES = {
    "access key": (r"AKIA[0-9A-Z]{16}", "AKIAIOSFODNN7EXAMPLE"),
    "private key": (r"-----BEGIN", "-----BEGIN PRIVATE KEY-----"),
    "password": (
        r"(?<![\w/.-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{20,}(?![\w.-])",
        "q7Xw2mZr9KpL4vTn8sBd3hYc6fGj1aEu",
    ),
    "Fernet key": (r"[A-Za-z0-9_-]{43}=", "cTdYdzJtWnI5S3BMNHZUbjhzQmQzaFljNmZHajFhRXU="),
}


class TestTags:
    def test_every_taggable_resource_has_all_tags(self, stack: SynthesizedStack) -> None:
        """Whoever finds an object in AWS sees project, environment, stack, tool and the line that manages it."""
        environment = stack.resources("aws_vpc")["cluster"]["tags"]["Environment"]
        for terraform_type, named in stack.document["resource"].items():
            for name, resource in named.items():
                if terraform_type in UNTAGGABLE:
                    assert "tags" not in resource
                    continue
                expected = {
                    "Project": "airflow",
                    "Environment": environment,
                    "ManagedBy": "cdktf",
                    "Stack": "infrastructure",
                    "Address": f"{terraform_type}.{name}",
                }
                assert expected.items() <= resource.get("tags", {}).items(), f"{terraform_type}.{name}"
                assert resource["tags"]["Name"].startswith(f"airflow-{environment}-")

    def test_addresses_in_tags_are_unique(self, stack: SynthesizedStack) -> None:
        """No two objects claim to be managed by the same line."""
        tagged = [
            resource["tags"]["Address"]
            for named in stack.document["resource"].values()
            for resource in named.values()
            if "tags" in resource
        ]
        assert len(tagged) == len(set(tagged))

    def test_own_tag_is_the_own_address(self, dev: SynthesizedStack, prod: SynthesizedStack) -> None:
        """Environments are told apart by their tags."""
        assert dev.resources("aws_eks_cluster")["cluster"]["tags"]["Environment"] == "dev"
        assert prod.resources("aws_eks_cluster")["cluster"]["tags"]["Environment"] == "prod"


class TestProviders:
    def test_aws_is_the_only_one(self, stack: SynthesizedStack) -> None:
        """The first run needs no cluster: nothing of Kubernetes or Helm is in this stack."""
        assert set(stack.document["provider"]) == {"aws"}
        assert set(stack.document["terraform"]["required_providers"]) == {"aws"}
        for address in stack.addresses:
            kind = address.removeprefix("data.").removeprefix("ephemeral.")
            assert kind.startswith(("aws_", "terraform_data.")), "terraform_data is Terraform's own"

    def test_asks_aws_for_addon_versions_alone(self, stack: SynthesizedStack) -> None:
        """No other data source calls AWS when a plan is made."""
        assert set(stack.document["data"]) == {"aws_eks_addon_version"}

    def test_what_is_proven_is_demanded(self, stack: SynthesizedStack) -> None:
        """Exactly the version on which the whole cycle runs, not the one that the bindings were made for."""
        assert stack.document["terraform"]["required_providers"] == {
            "aws": {"source": "hashicorp/aws", "version": "5.100.0"}
        }

    def test_nothing_is_protected_by_terraform(self, stack: SynthesizedStack) -> None:
        """Protection is a setting that one can take back, never `prevent_destroy`."""
        assert "prevent_destroy" not in stack.text


class TestTokens:
    def test_none_is_left(self, stack: SynthesizedStack) -> None:
        """No unresolved token of CDKTF is in the JSON, in whatever spelling."""
        assert not re.search(r"tftoken|token\[|token\.\d", stack.text, re.IGNORECASE)

    def test_no_number_is_a_token(self, stack: SynthesizedStack) -> None:
        """CDKTF's number tokens are huge negative numbers; none is left."""
        assert not re.search(r"-\d+(\.\d+)?e\+\d+", stack.text)

    def test_references_lead_somewhere(self, stack: SynthesizedStack) -> None:
        """Every reference names a resource, data source or ephemeral block of this stack."""
        known = set(stack.addresses)
        pattern = r"(?<![\w.])((?:data\.|ephemeral\.)?aws_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_]*)(?=[.\[}])"
        expressions = [text for text in texts(stack.document) if "${" in text]
        found = {reference for text in expressions for reference in re.findall(pattern, text)}
        assert found
        assert found <= known

    def test_dependencies_lead_somewhere(self, stack: SynthesizedStack) -> None:
        """Every explicit dependency is an address of this stack."""
        for named in stack.document["resource"].values():
            for resource in named.values():
                assert set(resource.get("depends_on", [])) <= set(stack.addresses)


class TestSecrets:
    def test_write_only_arguments_are_expressions_over_ephemeral_blocks(self, stack: SynthesizedStack) -> None:
        """A secret's value exists while Terraform runs, and nowhere else."""
        values = [
            value
            for named in stack.document["resource"].values()
            for resource in named.values()
            for path, value in arguments(resource)
            if path[-1].endswith("_wo")
        ]
        assert len(values) == 7, "six secrets and the database's password"
        assert all(re.fullmatch(r"\$\{(base64encode\()?ephemeral\.[\w.]+\)?\}", value) for value in values)

    def test_no_argument_that_state_keeps_takes_a_secret(self, stack: SynthesizedStack) -> None:
        """Passwords and secret strings have no other argument than write-only ones."""
        kept = {"password", "secret_string", "secret_binary", "master_password", "auth_token", "token"}
        for named in stack.document["resource"].values():
            for resource in named.values():
                assert not {path[-1] for path, _ in arguments(resource)} & kept

    @pytest.mark.parametrize("kind", SHAPES)
    def test_nothing_looks_like_one(self, stack: SynthesizedStack, kind: str) -> None:
        """No text of the JSON has the shape of a key or a generated password."""
        pattern, example = SHAPES[kind]
        assert re.search(pattern, example), "the pattern knows what it looks for"
        assert [text for text in texts(stack.document) if re.search(pattern, text)] == []

    def test_outputs_hold_none(self, stack: SynthesizedStack) -> None:
        """Outputs name secrets by ARN, and one by the ID of its version; no output reads one."""
        for name, output in stack.document["output"].items():
            assert "ephemeral." not in str(output["value"]), name
            read = {"admin_secret_version": "${aws_secretsmanager_secret_version.admin.version_id}"}
            assert "secret_version" not in str(output["value"]) or output["value"] == read.get(name), name
