"""Names of AWS objects and names in the state."""

from __future__ import annotations

import pytest
from constructs.naming.names import MAX_ENVIRONMENT_NAME_LENGTH, Names, state_names, unique_names

from tests.unit.trial_stack import ACCOUNT, LONGEST_ENVIRONMENT


def _names(environment: str = "dev", region: str = "eu-west-1") -> Names:
    return Names(environment=environment, region=region, account_id=ACCOUNT)


class TestNames:
    def test_every_name_starts_with_project_and_environment(self) -> None:
        """Whoever sees an object in AWS sees whose it is."""
        names = _names()
        assert names.prefix == "airflow-dev"
        assert names.of("nat", "a") == "airflow-dev-nat-a"
        assert names.secret("admin") == "airflow-dev/admin"
        assert names.log_bucket == "airflow-dev-logs-111122223333"
        assert names.flow_log_group == "/airflow-dev/vpc-flow-logs"

    def test_log_groups_of_services_have_the_services_names(self) -> None:
        """EKS and RDS write to groups whose names they choose, so ours have these very names."""
        names = _names()
        assert names.control_plane_log_group == "/aws/eks/airflow-dev/cluster"
        assert names.database_log_group("postgresql") == "/aws/rds/instance/airflow-dev/postgresql"

    @pytest.mark.parametrize(
        ("region", "partition"),
        [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("us-east-1", "aws")],
    )
    def test_arns_name_the_regions_partition(self, region: str, partition: str) -> None:
        """In GovCloud and China the same ARNs start with another partition."""
        names = _names(region=region)
        assert names.cluster_arn == f"arn:{partition}:eks:{region}:{ACCOUNT}:cluster/airflow-dev"
        assert names.account_root == f"arn:{partition}:iam::{ACCOUNT}:root"
        assert names.managed_policy("X") == f"arn:{partition}:iam::aws:policy/X"
        assert names.arn("ec2", "vpc/v") == f"arn:{partition}:ec2:{region}:{ACCOUNT}:vpc/v"

    def test_two_environments_share_no_name(self) -> None:
        """No name of one environment is a name of another one in the same account."""
        one, other = _names("dev"), _names("dev-2")
        for name in ("prefix", "log_bucket", "flow_log_group", "control_plane_log_group", "cluster_arn"):
            assert getattr(one, name) != getattr(other, name)

    def test_longest_environment_name_is_the_settings_limit(self) -> None:
        """The limit that names are reckoned with is the one that an environment file is held to."""
        assert len(LONGEST_ENVIRONMENT) == MAX_ENVIRONMENT_NAME_LENGTH

    def test_longest_role_and_bucket_names_fit(self) -> None:
        """With the longest environment name a role has at most 64 characters and a bucket 63."""
        names = _names(LONGEST_ENVIRONMENT)
        assert len(names.of("load-balancer-controller")) <= 64
        assert len(names.log_bucket) <= 63


class TestStateNames:
    def test_path_and_name_become_the_name_in_the_state(self) -> None:
        """The readable part of an ARN, with underscores for all that Terraform's names can't hold."""
        role = "arn:aws:iam::111122223333:role/teams/platform-engineers"
        user = "arn:aws:iam::111122223333:user/ann@example.com"
        assert state_names([role, user]) == {
            "role_teams_platform_engineers": role,
            "user_ann_example_com": user,
        }

    def test_addresses_of_people(self) -> None:
        """E-mail addresses that differ in punctuation alone stay apart, as ARNs do."""
        assert unique_names(["oncall@acme.org"]) == {"oncall_acme_org": "oncall@acme.org"}
        assert len(unique_names(["a.b@acme.org", "a_b@acme.org"])) == 2

    def test_no_arns_no_names(self) -> None:
        """An empty list is an empty map."""
        assert state_names([]) == {}

    def test_arns_that_differ_in_punctuation_alone_stay_apart(self) -> None:
        """Two ARNs of one readable name get a hash each, which depends on nothing but the ARN."""
        dashed = "arn:aws:iam::111122223333:role/a-b"
        dotted = "arn:aws:iam::111122223333:role/a.b"
        both = state_names([dashed, dotted])
        assert sorted(both.values()) == [dashed, dotted]
        assert all(name.startswith("role_a_b_") and len(name) == len("role_a_b_") + 8 for name in both)
        assert state_names([dotted, dashed]) == both

    def test_aws_and_own_policy_of_one_name_stay_apart(self) -> None:
        """ARNs that differ in the account alone, as AWS's policies from one's own, are two entries."""
        own, aws = "arn:aws:iam::111122223333:policy/S3Read", "arn:aws:iam::aws:policy/S3Read"
        assert set(state_names([own, aws]).values()) == {own, aws}

    def test_a_collision_leaves_others_alone(self) -> None:
        """Only the ARNs that collide get a hash: other addresses don't change."""
        other = "arn:aws:iam::111122223333:role/other"
        clash = ["arn:aws:iam::111122223333:role/a-b", "arn:aws:iam::111122223333:role/a.b"]
        assert state_names([*clash, other])["role_other"] == other

    def test_the_same_arn_twice_is_one_entry(self) -> None:
        """A repeated ARN collides with nothing."""
        arn = "arn:aws:iam::111122223333:role/a"
        assert state_names([arn, arn]) == {"role_a": arn}
