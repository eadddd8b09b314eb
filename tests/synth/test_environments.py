"""What distinguishes the two shipped environments."""

from __future__ import annotations

import os
from pathlib import Path

from constructs.checks.synthesized import SynthesizedStack

from main import ROOT


class TestDev:
    def test_is_small(self, dev: SynthesizedStack) -> None:
        """One NAT gateway, two zones, one database."""
        assert list(dev.resources("aws_nat_gateway")) == ["nat_a"]
        assert len(dev.resources("aws_subnet")) == 6
        assert dev.resources("aws_db_instance")["metadata"]["multi_az"] is False

    def test_goes_without_a_trace(self, dev: SynthesizedStack) -> None:
        """Destroying it needs no second step and leaves nothing that stands in the way of the next one."""
        database = dev.resources("aws_db_instance")["metadata"]
        assert database["deletion_protection"] is False
        assert database["skip_final_snapshot"] is True
        assert dev.resources("aws_s3_bucket")["logs"]["force_destroy"] is True
        secrets = dev.resources("aws_secretsmanager_secret").values()
        assert {secret["recovery_window_in_days"] for secret in secrets} == {0}

    def test_state_is_a_file_of_the_checkout(self, dev: SynthesizedStack, outdirs: dict[str, Path]) -> None:
        """The path is relative, and leads out of the output folder to the environment's own state."""
        backend = dev.document["terraform"]["backend"]
        assert list(backend) == ["local"]
        path = backend["local"]["path"]
        assert not Path(path).is_absolute()
        folder = outdirs["dev"] / "stacks" / "infrastructure"
        state = Path(os.path.normpath(folder / path))
        assert state == ROOT / "state" / "dev" / "infrastructure.tfstate"
        assert outdirs["dev"] not in state.parents


class TestProd:
    def test_survives_a_zone(self, prod: SynthesizedStack) -> None:
        """Three zones, each with its own NAT gateway, and a standby of the database."""
        assert set(prod.resources("aws_nat_gateway")) == {"nat_a", "nat_b", "nat_c"}
        assert len(prod.resources("aws_subnet")) == 9
        assert prod.resources("aws_db_instance")["metadata"]["multi_az"] is True
        assert prod.resources("aws_eks_node_group")["default"]["scaling_config"]["min_size"] >= 3

    def test_nothing_goes_by_accident(self, prod: SynthesizedStack) -> None:
        """Deletion takes a setting first; backups stay as long as RDS can; changes wait for the window."""
        database = prod.resources("aws_db_instance")["metadata"]
        assert database["deletion_protection"] is True
        assert database["skip_final_snapshot"] is False
        assert database["backup_retention_period"] == 35
        assert database["apply_immediately"] is False
        assert prod.resources("aws_s3_bucket")["logs"]["force_destroy"] is False

    def test_state_is_shared_encrypted_and_locked(self, prod: SynthesizedStack) -> None:
        """In S3 under a key of KMS, with a lock beside it and no table."""
        backend = prod.document["terraform"]["backend"]
        assert list(backend) == ["s3"]
        s3 = backend["s3"]
        assert s3["key"] == "airflow/prod/infrastructure.tfstate"
        assert s3["encrypt"] is True
        assert s3["kms_key_id"].startswith("arn:aws:kms:eu-west-1:111122223333:key/")
        assert s3["use_lockfile"] is True
        assert s3["allowed_account_ids"] == ["111122223333"]
        assert "dynamodb_table" not in s3


class TestTogether:
    def test_share_no_name(self, dev: SynthesizedStack, prod: SynthesizedStack) -> None:
        """Both can live in one account: no name in AWS is the same."""
        for terraform_type, argument in (
            ("aws_eks_cluster", "name"),
            ("aws_db_instance", "identifier"),
            ("aws_s3_bucket", "bucket"),
            ("aws_iam_role", "name"),
            ("aws_kms_alias", "name"),
            ("aws_secretsmanager_secret", "name"),
            ("aws_cloudwatch_log_group", "name"),
            ("aws_db_parameter_group", "name"),
            ("aws_launch_template", "name"),
        ):
            one, other = (
                {resource[argument] for resource in stack.resources(terraform_type).values()} for stack in (dev, prod)
            )
            assert one
            assert not one & other, terraform_type

    def test_address_ranges_differ(self, dev: SynthesizedStack, prod: SynthesizedStack) -> None:
        """The two could be connected to one network some day."""
        ranges = [{vpc["cidr_block"] for vpc in stack.resources("aws_vpc").values()} for stack in (dev, prod)]
        assert not ranges[0] & ranges[1]

    def test_states_differ(self, dev: SynthesizedStack, prod: SynthesizedStack) -> None:
        """No environment's state is the other's."""
        assert dev.document["terraform"]["backend"] != prod.document["terraform"]["backend"]
        assert "/prod/" not in str(dev.document["terraform"]["backend"])
        assert "/dev/" not in str(prod.document["terraform"]["backend"])
