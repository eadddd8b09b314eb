"""Every rule on a single value of the environment file: what breaks it, and what the report says then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings import Problem

Problems = Callable[[dict[str, str | None]], list[Problem]]

KMS = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab"
GROUP = "cluster/node_groups/default"

#: Key set, piece of YAML, key reported, and a part each of what was received, what is allowed and the fix.
ONE_VALUE = [
    # name
    ("name", "a-name-of-21-letters-x", "name", "a-name-of-21", "1 to 20 lower-case", "such as dev"),
    ("name", "Dev", "name", '"Dev"', "lower-case", "dev"),
    ("name", "1dev", "name", '"1dev"', "starting with a letter", "dev"),
    ("name", "a--b", "name", '"a--b"', "single hyphens", "dev"),
    ("name", "no", "name", "no (without quotes, YAML reads it as false)", "lower-case", 'quotes: "no"'),
    ("name", "[dev]", "name", "a list of 1", "1 to 20", "dev"),
    ("name", "", "name", "nothing", "1 to 20", "dev"),
    # region, account, zones
    ("region", "eu-west-9", "region", "no region", "such as eu-west-1", "did you mean eu-west-"),
    ("region", "Ireland", "region", '"Ireland"', "AWS region", "describe-regions"),
    ("account_id", "111122223333", "account_id", "111122223333 (a number)", "12 digits", 'quotes: "111122223333"'),
    ("account_id", "012345670123", "account_id", "YAML reads it as", "12 digits", 'quotes: "012345670123"'),
    ("account_id", '"1234"', "account_id", '"1234"', "12 digits", "get-caller-identity"),
    ("availability_zones", "[eu-west-1a]", "availability_zones", "a list of 1", "2 to 6 availability", "add"),
    (
        "availability_zones",
        "[eu-west-1a, us-east-1b]",
        "availability_zones[1]",
        "a zone of another region",
        "region by name, such as eu-west-1a",
        "eu-west-1b, or correct region",
    ),
    ("availability_zones", "[eu-west-1a, euw1-az2]", "availability_zones[1]", "no zone", "no zone id", "eu-west-1a"),
    ("availability_zones", "[eu-west-1a, eu-west-1a]", "availability_zones", "twice: eu-west-1a", "each once", "rep"),
    ("availability_zones", "eu-west-1a", "availability_zones", '"eu-west-1a"', "a list", "[eu-west-1a]"),
    ("availability_zones", "{a: b}", "availability_zones", "a map of a", "a list", "- value"),
    # state
    ("state/backend", "gcs", "state.backend", '"gcs"', "local, s3", "one of these"),
    ("state/bucket", "acme-state", "state.bucket", '"acme-state"', "state.backend is local", "backend: s3"),
    ("state/key_prefix", "/airflow", "state.key_prefix", '"/airflow"', "no slash at either end", "airflow"),
    ("state/lock_timeout_minutes", "500", "state.lock_timeout_minutes", "500", "0 to 120 minutes", "write"),
    # tags
    ("tags", "{Project: x}", "tags.Project", "as a key", "Address are the project's", "another key"),
    ("tags", "{environment: x}", "tags.environment", "as a key", "a key of your own", "another key"),
    ("tags", '{"aws:x": x}', 'tags["aws:x"]', "as a key", "aws:... is AWS's", "another key"),
    ("tags", "{Owner: no}", "tags.Owner", "reads it as false", "value of an AWS tag", 'quotes: "no"'),
    ("tags", "{Cost: 12}", "tags.Cost", "12 (a number)", "value of an AWS tag", 'quotes: "12"'),
    ("tags", "{'Own;er': x}", 'tags["Own;er"]', "as a key", "1 to 128", "CostCenter"),
    ("tags", f"{{Owner: {'x' * 257}}}", "tags.Owner", "xxx...", "at most 256", "remove"),
    ("tags", "{Owner: '${aws}'}", "tags.Owner", "${aws}", "letters, digits", "IAM and RDS refuse"),
    ("tags", f"{{{', '.join(f'k{n}: v' for n in range(41))}}}", "tags", "a map of k0", "0 to 40 tags", "remove 1"),
    ("tags", "[a, b]", "tags", "a list of 2", "a map", "indent"),
    # network
    ("network/cluster_vpc_cidr", "10.0.0.0/21", "network.cluster_vpc_cidr", "too small", "/20 (smallest)", "/20"),
    ("network/cluster_vpc_cidr", "10.0.0.0/12", "network.cluster_vpc_cidr", "too large", "/16 (largest)", "/16"),
    ("network/cluster_vpc_cidr", "8.8.0.0/16", "network.cluster_vpc_cidr", "not private", "10.0.0.0/8", "private"),
    ("network/cluster_vpc_cidr", "10.0.0.1/16", "network.cluster_vpc_cidr", "first address", "IPv4", "10.0.0.0/16"),
    ("network/cluster_vpc_cidr", "10.0.0.0", "network.cluster_vpc_cidr", '"10.0.0.0"', "IPv4", "prefix length"),
    ("network/cluster_vpc_cidr", "10.0.0.300/16", "network.cluster_vpc_cidr", "300", "IPv4", "10.0.0.0/16"),
    ("network/cluster_vpc_cidr", "'fd00::/16'", "network.cluster_vpc_cidr", "fd00", "IPv4", "10.0.0.0/16"),
    ("network/cluster_vpc_cidr", "10.0", "network.cluster_vpc_cidr", "10.0 (a number)", "IPv4", "quotes"),
    ("network/database_vpc_cidr", "10.1.0.0/27", "network.database_vpc_cidr", "too small", "/26 (sm", "/26"),
    ("network/nat_gateways", "two", "network.nat_gateways", '"two"', "one, one_per_zone", "one"),
    ("network/flow_log_retention_days", "31", "network.flow_log_retention_days", "31", "30, 60", "nearest is 30"),
    ("network/flow_log_retention_days", "true", "network.flow_log_retention_days", "true", "1, 3", "without quotes"),
    ("network", "", "network", "nothing", "a map", "remove the key to keep the defaults"),
    ("network", "[a]", "network", "a list of 1", "a map", "indent"),
    # cluster
    ("cluster/kubernetes_version", "1.30", "cluster.kubernetes_version", "reads it as 1.3", '"1.35"', '"1.30"'),
    ("cluster/kubernetes_version", '"1.29"', "cluster.kubernetes_version", '"1.29"', '"1.30", "1.31"', "did you mean"),
    ("cluster/service_cidr", "172.20.0.0/25", "cluster.service_cidr", "too small", "/24 (smallest)", "/24"),
    ("cluster/service_cidr", "100.64.0.0/16", "cluster.service_cidr", "not private", "172.16.0.0/12", "172.20"),
    ("cluster/endpoint/private_access", "false", "cluster.endpoint.private_access", "false", "nodes reach", "true"),
    ("cluster/administrators", "[]", "cluster.administrators", "an empty list", "1 to 50", "add IAM roles"),
    ("cluster/administrators", "[bob]", "cluster.administrators[0]", '"bob"', "ARN of an IAM role", "copy the ARN"),
    (
        "cluster/administrators",
        "['arn:aws:iam::111122223333:root']",
        "cluster.administrators[0]",
        "names iam root",
        "no root user",
        "name an IAM role",
    ),
    (
        "cluster/administrators",
        "['arn:aws:sts::111122223333:assumed-role/admin/me']",
        "cluster.administrators[0]",
        "names sts assumed-role/admin/me",
        "no session of sts",
        "name an IAM role",
    ),
    (
        "cluster/administrators",
        "['arn:aws:iam::999999999999:role/admin']",
        "cluster.administrators[0]",
        "account 999999999999",
        "with account 111122223333",
        "correct region and account_id",
    ),
    (
        "cluster/administrators",
        "['arn:aws-cn:iam::111122223333:role/admin']",
        "cluster.administrators[0]",
        "partition aws-cn",
        "with partition aws",
        "correct region",
    ),
    ("cluster/control_plane_logs", "[audits]", "cluster.control_plane_logs[0]", '"audits"', "audit", "mean audit?"),
    ("cluster/log_retention_days", "100", "cluster.log_retention_days", "100", "90, 120", "nearest is 90"),
    ("cluster/upgrade_support", "extendd", "cluster.upgrade_support", '"extendd"', "extended", "mean extended?"),
    ("cluster/addons", "{coredn: v1.1.1-eksbuild.1}", "cluster.addons.coredn", "as a key", "vpc-cni", "coredns?"),
    ("cluster/addons", "{coredns: latest}", "cluster.addons.coredns", '"latest"', "-eksbuild.", "describe-addon"),
    ("cluster/addons", "{coredns: 1.2}", "cluster.addons.coredns", "1.2 (a number)", "-eksbuild.", "in quotes"),
    (
        "cluster/node_volume_kms_key_arn",
        "alias/mine",
        "cluster.node_volume_kms_key_arn",
        '"alias/mine"',
        "not an alias",
        "copy the ARN",
    ),
    (
        "cluster/node_volume_kms_key_arn",
        KMS.replace("eu-west-1", "us-east-1"),
        "cluster.node_volume_kms_key_arn",
        "region us-east-1",
        "with region eu-west-1",
        "correct region",
    ),
    ("cluster/node_groups", "{}", "cluster.node_groups", "an empty map", "1 to 20 node groups", "add node groups"),
    ("cluster/node_groups", "{Big_Ones: {}}", "cluster.node_groups.Big_Ones", "as a key", "1 to 20 lower-", "default"),
    ("cluster/node_groups", "{a: {min_size: 0}}", "cluster.node_groups", "min_size 0 or such", "min_size 1", "set"),
    (
        "cluster/node_groups",
        "{a: {taints: [{key: gpu, effect: NO_SCHEDULE}]}}",
        "cluster.node_groups",
        "such a taint",
        "no taint NO_SCHEDULE",
        "without such taints",
    ),
    # node groups
    (f"{GROUP}/instance_types", "[m7g.larg]", "instance_types[0]", '"m7g.larg"', "<family>.<size>", "look the type"),
    (f"{GROUP}/instance_types", "[db.t4g.medium]", "instance_types[0]", "db.t4g", "EC2 instance type", "look"),
    (f"{GROUP}/instance_types", "[]", "instance_types", "an empty list", "1 to 20 instance types", "add"),
    (f"{GROUP}/instance_types", "m7g.large", "instance_types", '"m7g.large"', "a list", "[m7g.large]"),
    (f"{GROUP}/instance_types", "[m7g.large, m7i.large]", "instance_types", "x86_64: m7i.large", "one arch", "second"),
    (f"{GROUP}/min_size", '"3"', "min_size", '"3"', "a whole number from 0 to 450 nodes", "without quotes"),
    (f"{GROUP}/min_size", "-1", "min_size", "-1", "from 0 to 450", "write"),
    (f"{GROUP}/min_size", "2.0", "min_size", "2.0", "a whole number", "write"),
    (f"{GROUP}/max_size", "true", "max_size", "true", "from 1 to 450 nodes", "write"),
    (f"{GROUP}/max_size", "1", "max_size", "1 (min_size is 2)", "2 to 450", "raise max_size to 2"),
    (f"{GROUP}/capacity_type", "SPOT", "capacity_type", '"SPOT"', "on_demand, spot", "write one"),
    (f"{GROUP}/volume_size_gib", "10", "volume_size_gib", "10", "20 to 16384 GiB", "write"),
    (f"{GROUP}/labels", "{kubernetes.io/x: y}", "kubernetes.io/x", "as a key", "Kubernetes keep", "prefix of your own"),
    (f"{GROUP}/labels", "{node.k8s.io/x: y}", "node.k8s.io/x", "as a key", "Kubernetes keep", "prefix of your own"),
    (f"{GROUP}/labels", "{eks.amazonaws.com/x: y}", "eks.amazonaws.com/x", "as a key", "EKS", "prefix of your own"),
    (f"{GROUP}/labels", "{-x: y}", "labels.-x", "as a key", "label key", "team"),
    (f"{GROUP}/labels", "{gpu: yes}", "labels.gpu", "reads it as true", "label value", 'quotes: "yes"'),
    (f"{GROUP}/labels", "{team: a b}", "labels.team", '"a b"', "at most 63", "a short word"),
    (f"{GROUP}/taints", "[{key: a, effect: NoSchedule}]", "taints[0].effect", "NoSchedule", "NO_SCHEDULE", "write"),
    (f"{GROUP}/taints", "{key: a}", "taints", "a map of key", "a list", "- value"),
    (f"{GROUP}/node_repair", "1", "node_repair", "1", "true or false", "without quotes"),
    (f"{GROUP}/availability_zones", "[eu-west-1c]", "availability_zones[0]", "eu-west-1c", "1b", "remove it here"),
    (f"{GROUP}/availability_zones", "[]", "availability_zones", "an empty list", "1 to 6 zones", "add"),
    # database
    ("database/engine_version", "17", "database.engine_version", "17 (a number)", '"16", "17" or "18"', '"17"'),
    ("database/engine_version", "17.10", "database.engine_version", "reads it as 17.1", '"17.6"', '"17.10"'),
    ("database/engine_version", '"15"', "database.engine_version", '"15"', '"16", "17" or "18"', "17"),
    ("database/instance_class", "t4g.medium", "database.instance_class", "t4g", "db.<family>.<size>", "look the class"),
    ("database/instance_class", "db.serverless", "database.instance_class", "serverless", "RDS instance", "look"),
    ("database/instance_class", "db.t4g.huge", "database.instance_class", "huge", "RDS instance class", "look"),
    ("database/allocated_storage_gib", "19", "database.allocated_storage_gib", "19", "20 to 65536 GiB", "write"),
    ("database/max_allocated_storage_gib", "21", "database.max_allocated_storage_gib", "21", "22 to 65536", "write"),
    ("database/allocated_storage_gib", "95", "max_allocated_storage_gib", "the default", "105 GiB or more", "null"),
    ("database/multi_az", '"yes"', "database.multi_az", '"yes"', "true or false", "without quotes"),
    ("database/backup_retention_days", "0", "database.backup_retention_days", "0", "from 1 to 35 days", "write"),
    ("database/backup_window", '"2:00-3:00"', "database.backup_window", "2:00", "HH:MM-HH:MM", '"02:00-03:00"'),
    ("database/backup_window", '"02:00-02:29"', "database.backup_window", "29 minutes", "30 minutes", '"02:00-03:00"'),
    ("database/maintenance_window", "sun:04:00-sun:04:10", "maintenance_window", "10 minutes", "30 min", "sun:04:00"),
    ("database/maintenance_window", "Sun:04:00-Sun:05:00", "maintenance_window", "Sun", "lower case", "sun:04:00"),
    ("database/maintenance_window", "mon:02:30-mon:03:30", "maintenance_window", "overlaps backup", "apart", "move"),
    (
        "database/restore_from_snapshot",
        "a b",
        "restore_from_snapshot",
        '"a b"',
        "RDS snapshot",
        "describe-db-snapshots",
    ),
    (
        "database/restore_from_snapshot",
        "arn:aws:rds:us-east-1:111122223333:snapshot:x",
        "database.restore_from_snapshot",
        "region us-east-1",
        "with region eu-west-1",
        "correct region",
    ),
    ("database/log_retention_days", "0", "database.log_retention_days", "0", "one of 1, 3", "nearest is 1"),
    ("database/parameters", "{rds.force_ssl: '0'}", "rds.force_ssl", "as a key", "sets rds.force_ssl", "remove it"),
    ("database/parameters", "{work_mem: 4}", "parameters.work_mem", "4 (a number)", "text on one", 'quotes: "4"'),
    ("database/parameters", "{Work-Mem: a}", "parameters.Work-Mem", "as a key", "PostgreSQL parameter", "lower case"),
    ("database/parameters", '{work_mem: "a\\nb"}', "parameters.work_mem", "a\\nb", "on one line", "quotes"),
    (
        "database/alarm_topic_arn",
        "arn:aws:sns:eu-west-1:999999999999:alarms",
        "database.alarm_topic_arn",
        "account 999999999999",
        "with account 111122223333",
        "correct region",
    ),
    # storage, airflow, secrets
    ("storage/log_expiration_days", "0", "storage.log_expiration_days", "0", "1 to 3650 days", "write"),
    ("storage/log_infrequent_access_days", "7", "storage.log_infrequent_access_days", "7", "30 to 3650", "write"),
    ("storage/log_infrequent_access_days", "90", "log_infrequent_access_days", "is 90", "fewer days than", "raise"),
    ("storage/empty_log_bucket_on_destroy", '"no"', "empty_log_bucket_on_destroy", '"no"', "true or false", "write"),
    ("airflow/namespace", "kube-system", "airflow.namespace", "kube-system", "neither default nor kube-", "airflow"),
    ("airflow/namespace", "default", "airflow.namespace", "default", "neither default nor kube-", "airflow"),
    ("airflow/namespace", "Airflow", "airflow.namespace", "Airflow", "lower-case", "airflow"),
    (
        "airflow/pod_policy_arns",
        "['arn:aws:iam::999999999999:policy/x']",
        "airflow.pod_policy_arns[0]",
        "account 999999999999",
        "with account 111122223333",
        "correct region",
    ),
    (
        "airflow/pod_policy_arns",
        f"[{', '.join(f'arn:aws:iam::aws:policy/P{n}' for n in range(9))}]",
        "airflow.pod_policy_arns",
        "a list of 9",
        "0 to 8 policies",
        "remove 1",
    ),
    ("secrets/revisions", "{databse: 2}", "secrets.revisions.databse", "unknown key", "database, redis", "database?"),
    ("secrets/revisions", "{redis: 0}", "secrets.revisions.redis", "0", "a whole number from 1", "write"),
    ("secrets/fernet_keys", "[3, 2, 1]", "secrets.fernet_keys", "a list of 3", "1 to 2 Fernet", "remove 1"),
    ("secrets/fernet_keys", "[1, 2]", "secrets.fernet_keys", "a list of 2", "newest key first", "[2, 1]"),
    ("secrets/fernet_keys", "[1, 1]", "secrets.fernet_keys", "twice: 1", "each once", "repetition"),
    ("secrets/recovery_window_days", "3", "secrets.recovery_window_days", "3", "7 to 30 days", "write 7"),
    ("secrets/recovery_window_days", "false", "secrets.recovery_window_days", "false", "0 (deleted at", "write 7"),
]


@pytest.mark.parametrize(
    ("path", "piece", "key", "received", "allowed", "fix"),
    [pytest.param(*case, id=f"{case[0]}={case[1][:40]}") for case in ONE_VALUE],
)
def test_one_wrong_value_is_one_mistake(
    problems: Problems, *, path: str, piece: str, key: str, received: str, allowed: str, fix: str
) -> None:
    """A wrong value is reported once, at its key, with what stands there, what may, and a way out."""
    (problem,) = problems({path: piece})
    assert key in problem.key
    assert received in problem.received
    assert allowed in problem.allowed
    assert fix in problem.fix
