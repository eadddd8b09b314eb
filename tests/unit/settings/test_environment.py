"""A legal file: custom values, the files that are shipped, and placeholders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.placeholders import placeholders
from constructs.settings.sections.node_groups import architecture_of
from constructs.settings.values.regions import COMMERCIAL_REGIONS, partition_of
from pydantic import ValidationError

ROOT = Path(__file__).parents[3]
Load = Callable[[dict[str, str | None]], Environment]


@pytest.fixture(scope="module")
def dev() -> Environment:
    """The shipped file dev.yaml."""
    return load_environment(ROOT / "environments" / "dev.yaml")


@pytest.fixture(scope="module")
def prod() -> Environment:
    """The shipped file prod.yaml."""
    return load_environment(ROOT / "environments" / "prod.yaml")


@pytest.mark.parametrize(
    ("path", "piece", "value"),
    [
        ("name", "a-name-of-20-letters", "a-name-of-20-letters"),
        ("tags", '{Owner: "Zoë @ data+ml", Cost: "12"}', {"Owner": "Zoë @ data+ml", "Cost": "12"}),
        ("providers/aws", "5.100.0", "5.100.0"),
        ("providers/aws", "6.13.0", "6.13.0"),
        ("providers/aws", "6.100.12", "6.100.12"),
        ("providers/helm", "3.2.0", "3.2.0"),
        ("providers/kubernetes", "2.38.1", "2.38.1"),
        ("network/cluster_vpc_cidr", "100.64.0.0/20", "100.64.0.0/20"),
        ("network/database_vpc_cidr", "10.1.0.0/26", "10.1.0.0/26"),
        ("cluster/addons", "{vpc-cni: v1.20.4-eksbuild.2}", {"vpc-cni": "v1.20.4-eksbuild.2"}),
        ("cluster/control_plane_logs", "[]", ()),
        ("database/engine_version", '"18.1"', "18.1"),
        ("database/certificate_authority", "rds-ca-ecc384-g1", "rds-ca-ecc384-g1"),
        ("database/max_allocated_storage_gib", "null", None),
        ("database/max_allocated_storage_gib", "22", 22),
        ("database/backup_window", "23:45-00:15", "23:45-00:15"),
        ("database/maintenance_window", "sun:23:30-mon:00:30", "sun:23:30-mon:00:30"),
        ("database/restore_from_snapshot", "rds:metadata-2026-01-01-02-03", "rds:metadata-2026-01-01-02-03"),
        (
            "database/restore_from_snapshot",
            "arn:aws:rds:eu-west-1:999999999999:snapshot:shared",
            "arn:aws:rds:eu-west-1:999999999999:snapshot:shared",
        ),
        (
            "airflow/pod_policy_arns",
            "['arn:aws:iam::aws:policy/ReadOnlyAccess']",
            ("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        ),
        ("airflow/executor", '"CeleryExecutor,KubernetesExecutor"', "CeleryExecutor,KubernetesExecutor"),
        ("airflow/task_egress", "any", "any"),
        ("airflow/task_egress", "[]", ()),
        ("airflow/task_egress", "[0.0.0.0/0:443, 10.20.0.7/32:5432]", ("0.0.0.0/0:443", "10.20.0.7/32:5432")),
        (
            "airflow/chart/source",
            "oci://registry.example.com:5000/charts/airflow",
            "oci://registry.example.com:5000/charts/airflow",
        ),
        ("airflow/chart/source", "./charts/airflow-1.22.0.tgz", "./charts/airflow-1.22.0.tgz"),
        ("airflow/chart/source", "/opt/charts/airflow", "/opt/charts/airflow"),
        ("airflow/dags/sub_path", '""', ""),
        ("airflow/dags/branch", "feature/#12-a+b@c", "feature/#12-a+b@c"),
        ("airflow/components/workers/cpu", '"1"', "1"),
        ("airflow/components/workers/cpu_limit", "null", None),
        ("airflow/web/allowed_cidrs", "[10.0.0.0/8]", ("10.0.0.0/8",)),
        (
            "cluster/administrators",
            "['arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123']",
            ("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123",),
        ),
        (
            "cluster/administrators",
            f"['arn:aws:iam::111122223333:role/{'p' * 510}/{'n' * 64}']",
            (f"arn:aws:iam::111122223333:role/{'p' * 510}/{'n' * 64}",),
        ),
        (
            "database/parameters",
            (
                "{work_mem: '65536', max_connections: 'LEAST({DBInstanceClassMemory/9531392},5000)', "
                "search_path: '\"$user\",public'}"
            ),
            {
                "work_mem": "65536",
                "max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)",
                "search_path": '"$user",public',
            },
        ),
        ("airflow/dags/repository", "https://git.example.com:65535/dags.git", "https://git.example.com:65535/dags.git"),
        ("airflow/dags/token_secret_name", "airflow-test/connections/git", "airflow-test/connections/git"),
        ("secrets/fernet_keys", "[2, 1]", (2, 1)),
        ("secrets/recovery_window_days", "0", 0),
    ],
)
def test_custom_values_are_taken_as_they_are(load: Load, path: str, piece: str, value: object) -> None:
    """A legal value, at the edge of what is allowed too, arrives unchanged."""
    found: object = load({path: piece})
    for name in path.split("/"):
        found = getattr(found, name)
    assert found == value


def test_a_taint_s_effect_may_be_written_as_kubernetes_does(load: Load) -> None:
    """`NoSchedule` is NO_SCHEDULE, as EKS calls it."""
    groups = {name: f"[{{key: a, effect: {name}}}]" for name in ("NoSchedule", "NoExecute", "PreferNoSchedule")}
    pieces = ", ".join(f"g{number}: {{taints: {taints}}}" for number, taints in enumerate(groups.values()))
    loaded = load({"cluster/node_groups": f"{{default: {{}}, {pieces}}}"}).cluster.node_groups
    effects = [taint.effect for group in loaded.values() for taint in group.taints]
    assert effects == ["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"]


def test_private_ranges_are_no_internet_together(load: Load) -> None:
    """A company that lists all private ranges for an internal web UI has opened nothing."""
    ranges = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    assert load({"airflow/web/allowed_cidrs": f"[{', '.join(ranges)}]"}).airflow.web.allowed_cidrs == ranges


def test_slices_may_be_wide_where_it_is_said(load: Load) -> None:
    """open_to_the_internet: true speaks for ranges together, too."""
    cidrs = "[16.0.0.0/8, 32.0.0.0/8]"
    web = load({"airflow/web/allowed_cidrs": cidrs, "airflow/web/open_to_the_internet": "true"}).airflow.web
    assert web.allowed_cidrs
    assert len(web.allowed_cidrs) == 2


def test_a_map_may_name_some_keys_only(load: Load) -> None:
    """One revision in the file leaves the others at their default."""
    revisions = load({"secrets/revisions": "{redis: 3}"}).secrets.revisions
    assert (revisions.redis, revisions.database, revisions.admin) == (3, 1, 1)


@pytest.mark.parametrize("text", ["${aws_caller_identity.me.arn}", "%{ if true }yes%{ endif }", "$${kept}"])
def test_templates_in_text_are_legal_and_kept_raw(load: Load, text: str) -> None:
    """What Terraform would read as a template is the user's text; escaping is left to the constructs."""
    assert load({"database/parameters": f"{{log_line_prefix: '{text}'}}"}).database.parameters == {
        "log_line_prefix": text
    }


def test_settings_are_read_only(load: Load) -> None:
    """No construct can change what another one reads."""
    with pytest.raises(ValidationError, match="frozen"):
        load({}).network.nat_gateways = "one_per_zone"  # type: ignore[misc]


def test_every_way_to_make_an_environment_checks_across_sections(load: Load) -> None:
    """The rules across sections belong to the model, not to the reading of files."""
    values = load({}).model_dump()
    assert Environment(**values) == load({})
    with pytest.raises(ValidationError, match="with account 999999999999"):
        Environment(**values | {"account_id": "999999999999"})


class TestArchitecture:
    @pytest.mark.parametrize("instance_type", ["m7g.large", "t4g.medium", "c7gn.16xlarge", "is4gen.xlarge", "a1.large"])
    def test_graviton_is_arm64(self, instance_type: str) -> None:
        """A `g` after the generation's digit is Graviton."""
        assert architecture_of(instance_type) == "arm64"

    @pytest.mark.parametrize(
        "instance_type",
        ["m7i.large", "g5.xlarge", "m7i-flex.large", "r8i.metal-48xl", "u-6tb1.56xlarge", "g4dn.xlarge"],
    )
    def test_others_are_x86_64(self, instance_type: str) -> None:
        """A `g` before the digit is a family with graphics processors."""
        assert architecture_of(instance_type) == "x86_64"


class TestRegions:
    def test_the_regions_are_those_of_botocore(self) -> None:
        """The list of regions is complete, as far as the locked botocore knows."""
        session = pytest.importorskip("botocore.session", reason="botocore is a development package").get_session()
        endpoints = session.get_component("data_loader").load_data("endpoints")
        (commercial,) = [part for part in endpoints["partitions"] if part["partition"] == "aws"]
        assert set(commercial["regions"]) <= set(COMMERCIAL_REGIONS)

    @pytest.mark.parametrize(
        ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
    )
    def test_every_region_has_its_partition(self, load: Load, region: str, partition: str) -> None:
        """Other partitions work, with ARNs of their own."""
        environment = load(
            {
                "region": region,
                "availability_zones": f"[{region}a, {region}b]",
                "cluster/administrators": f"['arn:{partition}:iam::111122223333:role/admin']",
            }
        )
        assert partition_of(environment.region) == partition


class TestShippedFiles:
    def test_dev_is_small_and_deletable(self, dev: Environment) -> None:
        """dev.yaml: one NAT gateway, two zones, one database, short retention, nothing that hinders a destroy."""
        assert (dev.name, dev.network.nat_gateways, len(dev.availability_zones)) == ("dev", "one", 2)
        assert (dev.database.multi_az, dev.database.apply_immediately) == (False, True)
        assert (dev.database.deletion_protection, dev.database.final_snapshot) == (False, False)
        assert (dev.storage.empty_log_bucket_on_destroy, dev.secrets.recovery_window_days) == (True, 0)
        assert dev.state.backend == "local"

    def test_prod_survives_a_zone_and_a_wrong_destroy(self, prod: Environment) -> None:
        """prod.yaml: a NAT gateway per zone, three zones, Multi-AZ, protected, 35 days of backups, state in S3."""
        assert (prod.name, prod.network.nat_gateways, len(prod.availability_zones)) == ("prod", "one_per_zone", 3)
        assert (prod.database.multi_az, prod.database.apply_immediately) == (True, False)
        assert (prod.database.deletion_protection, prod.database.final_snapshot) == (True, True)
        assert (prod.database.backup_retention_days, prod.storage.empty_log_bucket_on_destroy) == (35, False)
        assert prod.state.backend == "s3"

    def test_their_ranges_are_apart(self, dev: Environment, prod: Environment, load: Load) -> None:
        """Prod's VPCs could be connected with dev's: checked by the rule for ranges of one file."""
        with pytest.raises(EnvironmentFileError, match="overlaps"):
            load({"network/cluster_vpc_cidr": dev.network.cluster_vpc_cidr, "network/database_vpc_cidr": "10.0.1.0/24"})
        for theirs in (prod.network.cluster_vpc_cidr, prod.network.database_vpc_cidr):
            for ours in (dev.network.cluster_vpc_cidr, dev.network.database_vpc_cidr):
                assert not ip_network(theirs).overlaps(ip_network(ours))

    def test_placeholders_are_what_only_the_user_knows(self, dev: Environment, prod: Environment) -> None:
        """Account, administrators, client ranges, DAGs, the web UI's name, where the state lies: left to fill in."""
        personal = {
            "account_id",
            "cluster.administrators[0]",
            "cluster.endpoint.public_access_cidrs[0]",
            "airflow.dags.repository",
            "airflow.web.allowed_cidrs[0]",
        }
        assert set(placeholders(dev)) == personal
        web = {f"airflow.web.{key}" for key in ("certificate_arn", "host_name", "hosted_zone_id")}
        assert set(placeholders(prod)) == personal | web | {
            "state.bucket",
            "state.kms_key_id",
            "database.alarm_emails[0]",
        }

    def test_filled_in_there_are_no_placeholders(self, load: Load) -> None:
        """Values of a real account are none."""
        environment = load(
            {
                "account_id": '"999999999999"',
                "cluster/administrators": "['arn:aws:iam::999999999999:role/platform-engineers']",
                "cluster/endpoint": "{public_access_cidrs: [8.8.8.8/32]}",
                "airflow/web/allowed_cidrs": "[8.8.8.8/32]",
                "database/alarm_emails": "[oncall@acme.org]",
            }
        )
        assert placeholders(environment) == []


class TestNameAndFile:
    def test_files_in_environments_are_called_as_their_environment(self, tmp_path: Path) -> None:
        """Two files of one name would share one state, so a copy must get a name of its own."""
        folder = tmp_path / "environments"
        folder.mkdir()
        copy = folder / "staging.yaml"
        copy.write_bytes((ROOT / "environments" / "dev.yaml").read_bytes())
        with pytest.raises(EnvironmentFileError) as caught:
            load_environment(copy)
        (problem,) = caught.value.problems
        assert (problem.key, problem.received) == ("name", '"dev" in a file called staging.yaml')
        assert problem.fix == "write name: staging, or call the file dev.yaml"
        assert problem.line is not None

    def test_files_elsewhere_may_have_any_name(self, tmp_path: Path) -> None:
        """A file outside environments/ is one person's business."""
        copy = tmp_path / "mine.yaml"
        copy.write_bytes((ROOT / "environments" / "dev.yaml").read_bytes())
        assert load_environment(copy).name == "dev"


def test_loading_imports_neither_jsonschema_nor_cdktf() -> None:
    """Settings start fast and know nothing of CDKTF."""
    program = "import sys, constructs.settings; print({'jsonschema', 'cdktf'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
