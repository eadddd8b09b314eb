"""Rules on keys, and on what one value of the environment file says about another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

KMS = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"
GROUP = "cluster/node_groups/default"
REQUIRED = [
    *("name", "region", "account_id", "availability_zones"),
    *("cluster", "cluster/administrators", "cluster/endpoint", "cluster/node_groups"),
    *("airflow", "airflow/dags", "airflow/web", "airflow/web/allowed_cidrs"),
]


class TestParameters:
    def test_each_wrong_one_is_reported_at_its_own_line(self, problems: Problems) -> None:
        """All of them at once: nobody mends a file of three wrong parameters three times."""
        wrong = '\n    work_mem: 4MB\n    timezone: "\'UTC\'"\n    log_lock_waits: "1"\n    deadlock_timeout: 1s'
        found = problems({"database/parameters": wrong})
        assert [problem.key.rpartition(".")[2] for problem in found] == ["work_mem", "timezone", "deadlock_timeout"]
        assert [problem.received for problem in found] == ['"4MB"', "\"'UTC'\"", '"1s"']
        first, *others = [problem.line for problem in found]
        assert first
        assert others == [first + 1, first + 3]


class TestUnknownKeys:
    @pytest.mark.parametrize(
        ("path", "key", "fix"),
        [
            ("regoin", "regoin", "did you mean region?"),
            ("cluster/kubernets_version", "cluster.kubernets_version", "did you mean kubernetes_version?"),
            (f"{GROUP}/instance_type", "cluster.node_groups.default.instance_type", "did you mean instance_types?"),
            ("kubernetes_version", "kubernetes_version", "indent it under cluster, where it belongs"),
            ("database/region", "database.region", "move it to the top level, where it belongs"),
            ("database/colour", "database.colour", "remove it"),
        ],
    )
    def test_is_refused_with_the_place_or_name_that_was_meant(
        self, problems: Problems, path: str, key: str, fix: str
    ) -> None:
        """An unknown key is a mistake that names the known key it resembles, or where that key belongs."""
        (problem,) = problems({path: "x"})
        assert (problem.key, problem.received, problem.fix) == (key, "an unknown key", fix)

    def test_a_misspelled_required_key_is_one_mistake(self, problems: Problems) -> None:
        """`acount_id` for `account_id` is reported as unknown, and not as missing besides."""
        (problem,) = problems({"account_id": None, "acount_id": '"111122223333"'})
        assert problem.key == "acount_id"


@pytest.mark.parametrize("path", REQUIRED)
def test_a_required_key_that_is_missing_is_named(problems: Problems, path: str) -> None:
    """What has no default is asked for, with the description of the key."""
    (problem,) = problems({path: None})
    assert problem.key == path.replace("/", ".")
    assert problem.received == "nothing, the key is missing"
    assert problem.fix.startswith(f"add the key {path.rsplit('/', maxsplit=1)[-1]}")
    assert len(problem.allowed) > len("None")


class TestAcrossSections:
    @pytest.mark.parametrize(
        ("changes", "key", "received"),
        [
            (
                {"network/cluster_vpc_cidr": "10.1.0.0/16"},
                "network.database_vpc_cidr",
                '"10.1.0.0/24" (the default; overlaps network.cluster_vpc_cidr, 10.1.0.0/16)',
            ),
            (
                {"network/database_vpc_cidr": "10.0.255.0/24"},
                "network.database_vpc_cidr",
                '"10.0.255.0/24" (overlaps network.cluster_vpc_cidr, 10.0.0.0/16)',
            ),
            (
                {"network/cluster_vpc_cidr": "172.20.0.0/16"},
                "cluster.service_cidr",
                '"172.20.0.0/16" (the default; overlaps network.cluster_vpc_cidr, 172.20.0.0/16)',
            ),
            (
                {"cluster/service_cidr": "10.0.0.0/12"},
                "cluster.service_cidr",
                (
                    '"10.0.0.0/12" (overlaps network.cluster_vpc_cidr, 10.0.0.0/16 and network.database_vpc_cidr, '
                    "10.1.0.0/24)"
                ),
            ),
        ],
        ids=["cluster-database-default", "database-cluster", "cluster-services", "services-both"],
    )
    def test_ranges_that_overlap_are_refused(
        self, problems: Problems, changes: dict[str, str | None], key: str, received: str
    ) -> None:
        """The VPCs and the services share no address, defaults included; the other range is named."""
        (problem,) = problems(changes)
        assert (problem.key, problem.received) == (key, received)

    @pytest.mark.parametrize(
        ("changes", "received"),
        [
            ({"cluster/deletion_protection": "true"}, "true (providers.aws is 5.100.0)"),
            (
                {"cluster/deletion_protection": "false", "providers/aws": "5.101.0"},
                "false (providers.aws is 5.101.0)",
            ),
        ],
    )
    def test_what_the_demanded_provider_lacks_is_refused(
        self, problems: Problems, changes: dict[str, str | None], received: str
    ) -> None:
        """Terraform would refuse the whole stack for one argument; the way out is a newer provider."""
        (problem,) = problems(changes)
        assert (problem.key, problem.received) == ("cluster.deletion_protection", received)
        assert "providers.aws 6.13.0 or newer" in problem.allowed
        assert 'providers: {aws: "6.25.0"}' in problem.fix

    def test_with_a_newer_provider_it_is_taken(self, load: Load) -> None:
        """The cluster's own protection, as EKS knows it."""
        loaded = load({"cluster/deletion_protection": "true", "providers/aws": "6.13.0"})
        assert loaded.cluster.deletion_protection is True

    def test_a_wrong_version_is_one_mistake(self, problems: Problems) -> None:
        """What depends on it is not reported too."""
        (problem,) = problems({"cluster/deletion_protection": "true", "providers/aws": "6.0.0"})
        assert problem.key == "providers.aws"

    def test_a_database_range_must_suffice_for_the_zones(self, problems: Problems) -> None:
        """From four zones on a /26 would make database subnets of /29, which AWS does not have."""
        zones = "[eu-west-1a, eu-west-1b, eu-west-1c, eu-west-1d]"
        (problem,) = problems({"network/database_vpc_cidr": "10.1.0.0/26", "availability_zones": zones})
        assert problem.key == "network.database_vpc_cidr"
        assert "too small for the subnets: /29 each" in problem.received
        assert "each of 4 zones a /28" in problem.allowed

    def test_accounts_are_compared_although_other_sections_are_wrong(self, problems: Problems) -> None:
        """A wrong name, network and cluster hide no ARN of another account and no overlap."""
        found = problems(
            {
                "name": "Wrong",
                "network/nat_gateways": "two",
                "network/cluster_vpc_cidr": "172.20.0.0/16",
                "cluster/kubernetes_version": "1.30",
                "cluster/administrators": "['arn:aws:iam::999999999999:role/admin']",
                "availability_zones": "[us-east-1a]",
            }
        )
        assert {problem.key for problem in found} == {
            "name",
            "network.nat_gateways",
            "cluster.kubernetes_version",
            "cluster.service_cidr",
            "cluster.administrators[0]",
            "availability_zones",
            "availability_zones[0]",
        }

    def test_what_depends_on_a_wrong_value_is_not_reported_too(self, problems: Problems) -> None:
        """A wrong region is one mistake: zones and ARNs are not compared with it."""
        (problem,) = problems({"region": "eu-west-9", "cluster/node_volume_kms_key_arn": KMS})
        assert problem.key == "region"


class TestEndpoint:
    def test_neither_public_nor_private_is_unreachable(self, problems: Problems) -> None:
        """An API that nothing could reach is refused in those words."""
        (problem,) = problems({"cluster/endpoint": "{public_access: false, private_access: false}"})
        assert problem.key == "cluster.endpoint.private_access"
        assert "unreachable" in problem.received
        assert "neither public nor private" in problem.allowed

    @pytest.mark.parametrize("cidr", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "64.0.0.0/7"])
    def test_the_whole_internet_must_be_said_in_so_many_words(self, problems: Problems, load: Load, cidr: str) -> None:
        """A range larger than a /8 is refused, and allowed by `open_to_the_internet: true`."""
        (problem,) = problems({"cluster/endpoint": f"{{public_access_cidrs: [203.0.113.0/24, {cidr}]}}"})
        assert problem.key == "cluster.endpoint.public_access_cidrs[1]"
        assert "open to the Internet" in problem.received
        assert "open_to_the_internet: true" in problem.fix
        opened = load({"cluster/endpoint": f"{{public_access_cidrs: [{cidr}], open_to_the_internet: true}}"})
        assert opened.cluster.endpoint.public_access_cidrs == (cidr,)

    def test_ipv6_is_refused(self, problems: Problems) -> None:
        """`::/0` is no way around the rule: the cluster has no IPv6."""
        (problem,) = problems({"cluster/endpoint": "{public_access_cidrs: ['::/0']}"})
        assert "IPv4" in problem.allowed

    def test_private_addresses_never_arrive_over_the_internet(self, problems: Problems) -> None:
        """A private range for the public endpoint is a misunderstanding that EKS refuses, too."""
        (problem,) = problems({"cluster/endpoint": "{public_access_cidrs: [192.168.1.0/24]}"})
        assert "private addresses" in problem.received
        assert "checkip" in problem.fix

    def test_public_access_needs_ranges(self, problems: Problems) -> None:
        """Without ranges EKS would open the API to everybody, so they are required."""
        (problem,) = problems({"cluster/endpoint": "{}"})
        assert problem.key == "cluster.endpoint.public_access_cidrs"
        assert "at least one range" in problem.allowed

    def test_ranges_without_public_access_are_refused(self, problems: Problems) -> None:
        """Ranges that would have no effect are a mistake."""
        (problem,) = problems({"cluster/endpoint": "{public_access: false, public_access_cidrs: [203.0.113.0/24]}"})
        assert "no range while" in problem.allowed

    def test_private_only_is_legal(self, load: Load) -> None:
        """An API inside the VPC alone needs nothing else."""
        assert not load({"cluster/endpoint": "{public_access: false}"}).cluster.endpoint.public_access


class TestState:
    def test_s3_needs_a_bucket_and_a_key(self, problems: Problems) -> None:
        """State in S3 is encrypted with a key of one's own: both are required, and both are reported."""
        found = problems({"state": "{backend: s3}"})
        assert [problem.key for problem in found] == ["state.bucket", "state.kms_key_id"]

    @pytest.mark.parametrize(
        "bucket", ["s3://acme", "Acme", "ac", "acme.state", "xn--acme", "acme-s3alias", "-acme", "a" * 64]
    )
    def test_a_bucket_has_a_legal_name(self, problems: Problems, bucket: str) -> None:
        """What S3 would refuse, and dots, which break TLS, are refused."""
        (problem,) = problems({"state": f"{{backend: s3, bucket: '{bucket}', kms_key_id: '{KMS}'}}"})
        assert problem.key == "state.bucket"
        assert "3 to 63 lower-case" in problem.allowed

    def test_a_bucket_is_no_log_bucket(self, problems: Problems, load: Load) -> None:
        """An environment's bucket of task logs goes with it, and what is in it expires; another account's is none."""
        bucket = "airflow-prod-logs-111122223333"
        (problem,) = problems({"state": f"{{backend: s3, bucket: {bucket}, kms_key_id: '{KMS}'}}"})
        assert (problem.key, "a log bucket" in problem.received) == ("state.bucket", True)
        assert "expire" in problem.allowed
        assert "such as acme-terraform-state" in problem.fix
        other = bucket.replace("111122223333", "999999999999")
        assert load({"state": f"{{backend: s3, bucket: {other}, kms_key_id: '{KMS}'}}"}).state.bucket == other

    def test_the_key_is_of_the_buckets_region(self, problems: Problems, load: Load) -> None:
        """The bucket's region, not the environment's, decides where the key must be."""
        key = KMS.replace("eu-west-1", "us-east-1")
        (problem,) = problems({"state": f"{{backend: s3, bucket: acme, kms_key_id: '{key}'}}"})
        assert (problem.key, "bucket's region, eu-west-1" in problem.allowed) == ("state.kms_key_id", True)
        state = f"{{backend: s3, bucket: acme, region: us-east-1, kms_key_id: '{key}'}}"
        assert load({"state": state}).state_region == "us-east-1"

    def test_the_key_is_of_the_same_account(self, problems: Problems) -> None:
        """A key of another account is refused for the state as everywhere."""
        key = KMS.replace("111122223333", "999999999999")
        (problem,) = problems({"state": f"{{backend: s3, bucket: acme, kms_key_id: '{key}'}}"})
        assert "account 999999999999" in problem.received


class TestNames:
    def test_a_role_may_be_called_almost_as_aws_calls_its_own(self, load: Load) -> None:
        """What makes a role service-linked is its path; a name that only begins alike is the user's."""
        role = "arn:aws:iam::111122223333:role/AWSServiceRoleForumAdmins"
        assert load({"cluster/administrators": f"['{role}']"}).cluster.administrators == (role,)

    @pytest.mark.parametrize("name", ["airflow-shared/api", "airflow-team/admin", "airflow-test/git", "airflow/redis"])
    def test_a_secret_may_be_called_as_those_of_no_environment_here(self, load: Load, name: str) -> None:
        """Only what this environment generates for itself is refused."""
        assert load({"airflow/dags/token_secret_name": name}).airflow.dags.token_secret_name == name

    @pytest.mark.parametrize("address", ["o'brien@example.com", "on-call@example.xn--p1ai", "a@b.c-2.co"])
    def test_an_e_mail_address_may_have_all_that_is_usual(self, load: Load, address: str) -> None:
        """Apostrophes and domains in other scripts, too."""
        assert load({"database/alarm_emails": f'["{address}"]'}).database.alarm_emails == (address,)
