"""RDS: what AWS refuses and moto does not."""

import re
from typing import Any, NoReturn

from moto.ec2.models import ec2_backends
from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBParameterGroup, RDSBackend

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.rds_answers import DEFAULT_POSTGRES
from tests.emulator.services.references import require_key

_INSTANCE_CLASS = re.compile(r"db\.[a-z]+\d[a-z0-9-]*\.(micro|small|medium|large|\d*xlarge)$")
_POSTGRES_VERSION = re.compile(r"(?P<major>\d+)\.\d{1,2}$")
_RESERVED_USERS = ("admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "public")
_FORBIDDEN_IN_PASSWORD = re.compile(r"[/@\" ]|[^\x20-\x7e]")
#: Static parameters of PostgreSQL, a selection: they take effect at a reboot.
_STATIC_PARAMETERS = frozenset(
    [
        "max_connections",
        "shared_buffers",
        "shared_preload_libraries",
        "max_worker_processes",
        "max_wal_senders",
        "max_replication_slots",
        "wal_buffers",
        "rds.logical_replication",
        "autovacuum_max_workers",
        "track_activity_query_size",
        "max_prepared_transactions",
        "max_locks_per_transaction",
        "huge_pages",
    ]
)
_LEAST_GROWTH = 1.1  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html


def _refuse_value(message: str) -> NoReturn:
    raise RDSClientError("InvalidParameterValue", message)


def _refuse_combination(message: str) -> NoReturn:
    raise RDSClientError("InvalidParameterCombination", message)


def _refuse_key(message: str) -> NoReturn:
    raise RDSClientError("KMSKeyNotAccessibleFault", message)


@difference(RDSBackend, "create_db_instance", "AWS checks class, version, names, password, networks, groups and keys")
def check_new_instance(original: Replacement, backend: Any, options: Any) -> Any:
    """Refuses what AWS would."""
    for option in ("kms_key_id", "performance_insights_kms_key_id"):
        if key_id := options.get(option):
            require_key(backend.account_id, backend.region_name, key_id, _refuse_key)
    if options.get("manage_master_user_password") and options.get("master_user_password"):
        _refuse_combination("You can't specify MasterUserPassword with ManageMasterUserPassword")
    user = options.get("master_username") or ""
    if user.lower() in _RESERVED_USERS:
        _refuse_value(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    if not re.fullmatch(r"[A-Za-z_]\w{0,62}", options.get("db_name") or "postgres"):
        _refuse_value(f"DBName {options['db_name']} must begin with a letter and contain only alphanumeric characters")
    _check_settings(options)
    _check_networks(backend, options)
    _check_parameter_group(backend, options, options.get("engine_version") or "17")
    return original(backend, options)


@difference(RDSBackend, "modify_db_instance", "AWS checks class, password and parameter group of a change, too")
def check_change(original: Replacement, backend: Any, identifier: str, options: Any) -> Any:
    """Refuses what AWS would."""
    instance = backend.describe_db_instances(identifier)[0]
    if options.get("allocated_storage") and options["allocated_storage"] < instance.allocated_storage:
        _refuse_combination("Allocated storage can't be reduced")
    target = options.get("engine_version") or instance.engine_version
    if target.split(".")[0] != instance.engine_version.split(".")[0] and not options.get("allow_major_version_upgrade"):
        _refuse_combination("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.")
    _check_settings({"engine": instance.engine, "allocated_storage": instance.allocated_storage, **options})
    _check_parameter_group(backend, {"engine": instance.engine, **options}, target)
    return original(backend, identifier, options)


def _check_settings(options: Any) -> None:
    """Refuses class, version, password and storage that RDS does not have."""
    instance_class, version = options.get("db_instance_class"), options.get("engine_version")
    if instance_class and not _INSTANCE_CLASS.fullmatch(instance_class):
        _refuse_value(f"Invalid DB Instance class: {instance_class}")
    if version and options["engine"] == "postgres" and version not in DEFAULT_POSTGRES:
        parts = _POSTGRES_VERSION.fullmatch(version)
        if not parts or parts["major"] not in DEFAULT_POSTGRES:
            _refuse_combination(f"Cannot find version {version} for postgres")
    password = options.get("master_user_password")
    if password is not None and (not 8 <= len(password) <= 128 or _FORBIDDEN_IN_PASSWORD.search(password)):
        _refuse_value(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters "
            "besides '/', '@', '\"', ' ' may be used, 8 to 128 of them."
        )
    most, allocated = options.get("max_allocated_storage"), options.get("allocated_storage")
    if most and allocated and allocated < most < allocated * _LEAST_GROWTH:
        _refuse_combination("Max storage size must be at least 10% greater than storage size")


def _check_networks(backend: Any, options: Any) -> None:
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    subnet_group = backend.subnet_groups.get(options.get("db_subnet_group_name") or "")
    for group_id in options.get("vpc_security_group_ids") or []:
        group = ec2.get_security_group_from_id(group_id)
        if not group:
            _refuse_value(f"Invalid security group, groupId={group_id}, groupName=.")
        if subnet_group and group.vpc_id != subnet_group.vpc_id:
            message = (
                f"The DB instance and EC2 security group are in different VPCs: {subnet_group.vpc_id}, {group.vpc_id}"
            )
            raise RDSClientError("InvalidVPCNetworkStateFault", message)


def _check_parameter_group(backend: Any, options: Any, version: str) -> None:
    group = backend.db_parameter_groups.get(options.get("db_parameter_group_name") or "")
    if group and options["engine"] == "postgres" and group.family != f"postgres{version.split('.', maxsplit=1)[0]}":
        _refuse_combination(
            f"The parameter group {group.name} with DBParameterGroupFamily {group.family} "
            f"can't be used for this instance. Please use a parameter group of postgres {version}"
        )


@difference(RDSBackend, "create_subnet_group", "AWS wants two zones and refuses a name twice; moto overwrites")
def check_subnet_group(
    original: Replacement, backend: Any, subnet_name: str, description: str, subnets: list[Any], tags: Any
) -> Any:
    """Refuses a taken name, and subnets of a single zone."""
    if subnet_name in backend.subnet_groups:
        raise RDSClientError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{subnet_name}' already exists.")
    if len({subnet.availability_zone for subnet in subnets}) < 2:
        message = (
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            "Current AZ coverage: 1. Add subnets to cover at least 2 AZs."
        )
        raise RDSClientError("DBSubnetGroupDoesNotCoverEnoughAZs", message)
    return original(backend, subnet_name, description, subnets, tags)


@difference(RDSBackend, "delete_subnet_group", "AWS refuses to delete a subnet group in use")
def refuse_subnet_group_in_use(original: Replacement, backend: Any, subnet_name: str) -> Any:
    """Refuses while an instance is in the group."""
    if any(database.db_subnet_group.name == subnet_name.lower() for database in backend.databases.values()):
        message = f"Cannot delete the subnet group '{subnet_name}' because at least one database instance is using it."
        raise RDSClientError("InvalidDBSubnetGroupStateFault", message)
    return original(backend, subnet_name)


@difference(RDSBackend, "delete_db_parameter_group", "AWS refuses to delete a parameter group in use")
def refuse_parameter_group_in_use(original: Replacement, backend: Any, name: str) -> Any:
    """Refuses while an instance uses the group."""
    if any(database.db_parameter_group_name == name for database in backend.databases.values()):
        message = f"One or more database instances are still members of this parameter group {name}"
        raise RDSClientError("InvalidDBParameterGroupState", message)
    return original(backend, name)


@difference(DBParameterGroup, "update_parameters", "AWS refuses to apply a static parameter at once")
def refuse_immediate_static(original: Replacement, group: Any, parameters: list[dict[str, Any]]) -> Any:
    """Refuses a static parameter with `immediate`, the default of Terraform."""
    for parameter in parameters:
        if parameter["ParameterName"] in _STATIC_PARAMETERS and parameter.get("ApplyMethod") == "immediate":
            _refuse_combination(f"cannot use immediate apply method for static parameter: {parameter['ParameterName']}")
    return original(group, parameters)
