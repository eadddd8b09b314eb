"""Hypothesis strategies for whole environment files that keep every rule, with any settings that a user may choose."""

from __future__ import annotations

from string import ascii_lowercase
from typing import get_args

from constructs.settings.sections.database import CertificateAuthority
from constructs.settings.sections.tags import MOST_TAGS
from constructs.settings.values.logs import RETENTION_DAYS
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.property.airflow_section import airflow, sent
from tests.property.delivery_section import delivery, shared_state
from tests.property.place import PARTITIONS, Place, Values, principals, whole, words

ADDONS = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "aws-ebs-csi-driver", "metrics-server")
CONTROL_PLANE_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")

KEY = "key/1234abcd-12ab-44cd-96ef-1234567890ab"

#: Text that means something to Terraform, CDKTF's tokens aside, to YAML, to JSON or to a shell.
NASTY_TEXT = (
    "${aws_vpc.cluster.id}",
    "%{ if true }yes%{ endif }",
    "$${already} %%{escaped} $$${twice} $ { %",
    "${",
    "quotes \" and ' and \\ and \\n and \\u0041",
    "#{TfTokn[TOKEN.0]} <<EOF",
    "é 漢字 😀 \u202eright to left\u2028",
    "- a: [b, {c: d}] # e",
    "\u00a0",
    "x" * 1024,
)


YES = st.just(value=True)
RETENTION = st.sampled_from(RETENTION_DAYS)
#: Legal in environment names: lower-case letters, digits, single hyphens inside.
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,4}){0,3}", fullmatch=True) | st.just("n" * 20)
FREE_TEXT = st.sampled_from(NASTY_TEXT) | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30
)
TAG_CHARACTERS = "aZ09 _.:/=+-@éßΩя漢한"


def _network(place: Place) -> SearchStrategy[Values]:
    prefixes = st.integers(16, 20)
    smallest = 25 if len(place.zones) > 3 else 26
    return place.section(
        {
            "cluster_vpc_cidr": st.builds("10.{}.0.0/{}".format, st.integers(2, 120), prefixes),
            "database_vpc_cidr": st.builds("192.168.{}.0/{}".format, st.integers(0, 255), st.integers(24, smallest))
            | st.builds("100.{}.0.0/{}".format, st.integers(64, 127), st.integers(16, smallest)),
            "nat_gateways": st.sampled_from(("one", "one_per_zone")),
            "flow_log_retention_days": RETENTION,
        }
    )


def _endpoint(place: Place) -> SearchStrategy[Values]:
    ranges = st.lists(
        st.sampled_from(("203.0.113.0/24", "198.51.100.7/32", "8.0.0.0/8")), min_size=1, max_size=3, unique=True
    )
    private_only = st.just({"public_access": False, "private_access": True})
    public = place.section(
        {**dict.fromkeys(("public_access", "private_access"), YES), "open_to_the_internet": st.booleans()},
        {"public_access_cidrs": ranges},
    )
    wide_open = st.just({"open_to_the_internet": True, "public_access_cidrs": ["0.0.0.0/0"]})
    return public if place.everything else public | private_only | wide_open


def _node_group(place: Place) -> SearchStrategy[Values]:
    arm = st.lists(st.sampled_from(("m7g.large", "t4g.nano", "c7gn.16xlarge", "a1.metal")), min_size=1, unique=True)
    intel = st.lists(
        st.sampled_from(("m7i.large", "u-6tb1.112xlarge", "m7i-flex.large", "t3.nano")), min_size=1, unique=True
    )
    keys = st.sampled_from(("team", "example.com/team", "K" * 63, "a.b_c-d"))
    values = st.sampled_from(("a", "A-b_c.9", "v" * 63, "true", "1"))
    taint = place.section(
        {"value": values | st.just("")},
        {"key": keys, "effect": st.sampled_from(("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"))},
    )
    plain = (arm | intel).map(lambda types: {"instance_types": types, "ami_type": None})
    imaged: SearchStrategy[Values] = st.sampled_from(
        (
            {"instance_types": ["g5.xlarge", "p5.48xlarge"], "ami_type": "AL2023_x86_64_NVIDIA"},
            {"instance_types": ["g5g.xlarge"], "ami_type": "BOTTLEROCKET_ARM_64_NVIDIA"},
            {"instance_types": ["trn1.2xlarge", "inf2.xlarge"], "ami_type": "AL2023_x86_64_NEURON"},
            {"instance_types": ["m7g.large"], "ami_type": "BOTTLEROCKET_ARM_64"},
            {"instance_types": ["g4ad.xlarge"], "ami_type": None},
        )
    )
    group = place.section(
        {
            "min_size": whole(0, 450),
            "capacity_type": st.sampled_from(("on_demand", "spot")),
            "volume_size_gib": whole(20, 16384),
            "labels": st.dictionaries(keys, values, max_size=4),
            "taints": st.lists(taint, max_size=3, unique_by=lambda taint: (taint["key"], taint["effect"])),
            "node_repair": st.booleans(),
            "availability_zones": st.lists(st.sampled_from(place.zones), min_size=1, unique=True) | st.none(),
        },
        {"max_size": st.just(450)},
    )
    whole_group = st.tuples(group, plain | imaged).map(lambda parts: {**parts[0], **parts[1]})
    return whole_group if place.everything else whole_group | st.just({})


@st.composite
def _node_groups(draw: st.DrawFn, place: Place) -> Values:
    """The first one takes the add-ons; twenty are variations of two, or the file would take too many choices."""
    count = draw(st.sampled_from((1, 1, 1, 2, 2, 3, 20)))
    kinds = [draw(_node_group(place)) for _ in range(min(count, 2))]
    names = [draw(st.sampled_from(("default", "g", "a-b", "a--b", "g" * 20)) | words(ascii_lowercase, 20))]
    names += [f"{letter}{number}" for number, letter in enumerate(ascii_lowercase[: count - 1])]
    groups = {name: dict(kinds[number % len(kinds)]) for number, name in enumerate(names)}
    groups[names[0]].pop("taints", None)
    groups[names[0]]["min_size"] = draw(whole(1, 450))
    groups[names[0]]["max_size"] = 450
    # All pods find room there, however large they are; of a type that is newer than the table nobody knows.
    roomy = (["u-6tb1.112xlarge"], ["m7i.large", "u-6tb1.112xlarge"], ["m99g.large"])
    groups[names[0]] |= {"instance_types": draw(st.sampled_from(roomy)), "ami_type": None}
    return groups


def _node_pools(place: Place) -> SearchStrategy[Values]:
    """Of a name that no group has, and as large as a node of any of its types."""
    taint = st.fixed_dictionaries({"key": st.just("tasks"), "effect": st.sampled_from(("NoSchedule", "NO_EXECUTE"))})
    pool = place.section(
        {
            "capacity_types": st.sampled_from((["spot"], ["on_demand"], ["spot", "on_demand"])),
            "architectures": st.just(["arm64", "x86_64"]),
            "ami": st.sampled_from(("al2023@v20260714", "bottlerocket@v1.20.4")),
            "volume_size_gib": whole(20, 16384),
            "labels": st.just({"team": "data"}),
            "taints": st.lists(taint, max_size=1),
            "availability_zones": st.lists(st.sampled_from(place.zones), min_size=1, unique=True) | st.none(),
            "consolidation": st.just({"policy": "when_empty", "after_seconds": 0}),
            "budgets": st.just([{"nodes": "0", "schedule": "0 6 * * *", "duration_minutes": 60}, {"nodes": "10%"}]),
            "expire_after_hours": whole(24, 8760),
            "termination_grace_hours": whole(24, 168),
        },
        {"limits": st.builds(lambda cores: {"cpu": cores, "memory": f"{cores}Gi"}, whole(512, 100_000))},
    )
    types = st.sampled_from(
        (
            {"instance_families": ["m7g", "r7i"], "instance_sizes": ["large", "16xlarge"]},
            {"instance_types": ["m7g.large", "m99g.large"]},
        )
    )
    whole_pool = st.tuples(pool, types).map(lambda parts: {**parts[0], **parts[1]})
    return st.dictionaries(st.sampled_from(("pool-a", "pool-b")), whole_pool, max_size=2)


def _pods(place: Place) -> SearchStrategy[Values]:
    prefixes = place.section({"warm_prefix_target": whole(1, 16)}, {"prefix_delegation": YES})
    addresses = place.section(
        {"prefix_delegation": st.booleans(), "warm_prefix_target": st.none(), "minimum_ip_target": whole(1, 250)},
        {"warm_ip_target": whole(1, 250)},
    )
    return addresses if place.everything else prefixes | addresses | st.just({})


def _cluster(place: Place) -> SearchStrategy[Values]:
    versions = st.sampled_from(("v1.2.3-eksbuild.1", "v10.20.30-eksbuild.40"))
    return place.section(
        {
            "kubernetes_version": st.sampled_from(("1.30", "1.34", "1.35", "1.36", "1.40")),
            "service_cidr": st.builds("172.{}.0.0/{}".format, st.integers(16, 31), st.integers(16, 24)),
            "control_plane_logs": st.lists(st.sampled_from(CONTROL_PLANE_LOGS), unique=True),
            "log_retention_days": RETENTION,
            "upgrade_support": st.sampled_from(("standard", "extended")),
            "addons": st.dictionaries(st.sampled_from(ADDONS), versions),
            "node_volume_kms_key_arn": st.just(place.arn("kms", f"key/mrk-{'1a' * 16}")) | st.none(),
            "roll_nodes_on_tag_change": st.booleans(),
            "pods": _pods(place),
            "allow_replacement": st.booleans(),
            "node_pools": _node_pools(place),
        }
        # The provider that validates every setting doesn't know it.
        | ({} if place.everything else {"deletion_protection": st.none() | st.booleans()}),
        {
            "endpoint": _endpoint(place),
            "administrators": st.lists(principals(place, ("role", "user")), min_size=1, max_size=4, unique=True),
            "node_groups": _node_groups(place),
        },
    )


def _providers(aws: tuple[str, ...]) -> SearchStrategy[Values]:
    versions = {"aws": aws, "helm": ("3.1.1", "3.2.0"), "kubernetes": ("2.38.0", "2.100.1")}
    return st.fixed_dictionaries({name: st.sampled_from(found) for name, found in versions.items()})


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


@st.composite
def _windows(draw: st.DrawFn) -> Values:
    """A maintenance window that begins after the backup window of its day has ended."""
    backup, length, pause, work = draw(st.tuples(*[st.integers(0, 1439), *[st.integers(30, 300)] * 3]))
    begin = backup + length + pause
    day = draw(st.integers(0, 6))
    days = [("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(day + m // 1440) % 7] for m in (begin, begin + work)]
    return {
        "backup_window": f"{_clock(backup)}-{_clock(backup + length)}",
        "maintenance_window": f"{days[0]}:{_clock(begin)}-{days[1]}:{_clock(begin + work)}",
    }


@st.composite
def _database(draw: st.DrawFn, place: Place) -> Values:
    storage = draw(whole(20, 59578))
    names = st.sampled_from(("log_line_prefix", "application_name", "auto_explain.log_min_duration"))
    free = st.dictionaries(names, FREE_TEXT.filter(lambda text: not {"'", '"'} & set(text)), max_size=3)
    numbers = {  # a few connections would not suffice for the pools
        "max_connections": st.sampled_from(("5000", "LEAST({DBInstanceClassMemory/9531392},5000)")),
        "work_mem": st.sampled_from(("65536", "{DBInstanceClassMemory/32768}")),
    }
    numeric = st.fixed_dictionaries({}, optional=numbers)
    snapshots = ("before-upgrade", "rds:auto-2026-01-01", place.arn("rds", "snapshot:s"))
    section = place.section(
        {
            "engine_version": st.sampled_from(("16", "17", "18", "17.6", "16.10", "18.99", "19")),
            "instance_class": st.sampled_from(("db.t4g.micro", "db.r8g.48xlarge", "db.m7i.xlarge", "db.t3.2xlarge")),
            "max_allocated_storage_gib": st.sampled_from((None, -(-storage * 11 // 10), 65536)).filter(
                lambda most: most is None or most >= 22
            ),
            "kms_key_arn": st.none() | st.just(place.arn("kms", KEY)),
            "multi_az": st.booleans(),
            "certificate_authority": st.sampled_from(get_args(CertificateAuthority)),
            "backup_retention_days": whole(1, 35),
            "apply_immediately": st.booleans(),
            "deletion_protection": st.booleans(),
            "allow_replacement": st.booleans(),
            "final_snapshot": st.booleans(),
            "restore_from_snapshot": st.none() | st.sampled_from(snapshots),
            "log_retention_days": RETENTION,
            "parameters": st.tuples(free, numeric).map(lambda both: both[0] | both[1]),
            "alarm_topic_arn": st.none() | st.just(place.arn("sns", "alarms")),
            "alarm_emails": st.lists(
                st.sampled_from(["oncall@acme.org", "on.call@acme.org", "On-Call+data@mail.acme.org"]), unique=True
            ),
        }
    )
    values = draw(section)
    if place.everything or draw(st.booleans()):
        values |= {"allocated_storage_gib": storage, "max_allocated_storage_gib": 65536, **draw(_windows())}
    else:
        values.pop("max_allocated_storage_gib", None)
    return values


def _secrets(place: Place) -> SearchStrategy[Values]:
    revisions = place.section(dict.fromkeys(("database", "redis", "api", "jwt", "admin"), whole(1, 1_000_000)))
    keys = st.lists(whole(1, 1_000_000), min_size=1, max_size=2, unique=True)
    return place.section(
        {
            "revisions": revisions,
            "fernet_keys": keys.map(lambda numbers: sorted(numbers, reverse=True)),
            "recovery_window_days": st.sampled_from((0, 7, 30)),
        }
    )


def _state(place: Place) -> SearchStrategy[Values]:
    local = st.just({"backend": "local", "lock_timeout_minutes": 240})
    shared = shared_state(place, KEY)
    return shared if place.everything else local | shared


def _tags() -> SearchStrategy[Values]:
    taken = ("project", "environment", "managedby", "stack", "address", "name")
    keys = words(TAG_CHARACTERS, 128).filter(lambda key: key.lower() not in taken and not key.startswith("aws:"))
    return st.dictionaries(keys, st.just("") | words(TAG_CHARACTERS, 256), max_size=5) | st.just(
        {f"key-{number}": "value" for number in range(MOST_TAGS)}
    )


@st.composite
def valid_files(draw: st.DrawFn, *, everything: bool = False) -> Values:
    """The values of a file without a mistake; with `everything`, each optional key is written."""
    region = draw(st.sampled_from(sorted(PARTITIONS)))
    letters = draw(st.lists(st.sampled_from("abcdefz"), min_size=2, max_size=6, unique=True))
    account = draw(st.sampled_from(("111122223333", "000000000000", "999999999999")))
    place = Place(region, account, tuple(f"{region}{letter}" for letter in letters), everything)
    log_days = whole(1, 3650)
    sections = place.section(
        {
            "state": _state(place),
            "tags": _tags(),
            "ignore_tags": st.just({"keys": ["map-migrated"], "key_prefixes": ["auto-tag/", "é-auto/"]}),
            "network": _network(place),
            "database": _database(place),
            "storage": place.section(
                {
                    "volume_kms_key_arn": st.none() | st.just(place.arn("kms", KEY)),
                    "log_expiration_days": log_days,
                    "noncurrent_version_expiration_days": log_days,
                    "empty_log_bucket_on_destroy": st.booleans(),
                }
            ),
            "secrets": _secrets(place),
        },
        {"cluster": _cluster(place), "airflow": airflow(place)},
    )
    top = {"name": draw(NAMES), "region": region, "account_id": account, "availability_zones": list(place.zones)}
    values = {**top, **draw(sections)}
    # The one that is large enough for whatever the components are.
    name, group = next(iter(values["cluster"]["node_groups"].items()))
    spot = group.get("capacity_type") == "spot"
    values["airflow"] = draw(sent(values["airflow"], name, spot=spot, everything=everything))
    needed = ("6.13.0", "6.25.0") if "deletion_protection" in values["cluster"] else ("5.100.0",)
    values |= {"providers": draw(_providers(needed))}
    if everything or draw(st.booleans()):
        # Workflows don't see a local state, and they have GitHub environments of names that differ.
        names = {"apply_environment": "production", "plan_environment": "reading"} if not everything else {}
        values |= {"delivery": {**names, **draw(delivery(place))}, "state": draw(shared_state(place, KEY))}
    return values
