"""RDS: what moto answers otherwise than AWS."""

import re
import secrets
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError, DBSnapshotAlreadyExistsError, RDSClientError
from moto.rds.models import DBInstance, DBParameterGroup, DBSnapshot, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from tests.emulator.differences import Replacement, difference
from tests.emulator.services.log_groups import ensure_log_group
from tests.emulator.services.rds_restarts import note_reset

#: PostgreSQL major version -> the minor version that RDS takes for it. Fixtures, placeholders.
DEFAULT_POSTGRES = {"14": "14.19", "15": "15.14", "16": "16.10", "17": "17.6", "18": "18.1"}

_SNAPSHOT_ARN = re.compile(r"arn:[^:]+:rds:(?P<region>[^:]+):\d+:snapshot:(?P<name>.+)")
#: Parameters of the API that are answered under another name.
_RENAMED = {
    "enable_performance_insights": "performance_insights_enabled",
    "enable_iam_database_authentication": "enable_iam_database_authentication",
}
_INSIGHTS = (
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
    "database_insights_mode",
    "network_type",
)


@difference(DBInstance, "__init__", "moto forgets Performance Insights and gives all instances the same resource id")
def complete_instance(original: Replacement, instance: Any, *args: Any, **options: Any) -> None:
    """Completes a new instance with what AWS describes of it."""
    original(instance, *args, **options)
    instance.dbi_resource_id = "db-" + secrets.token_hex(13).upper()
    if instance.ca_certificate_identifier in (None, "rds-ca-default"):
        instance.ca_certificate_identifier = "rds-ca-rsa2048-g1"
    instance.performance_insights_enabled = bool(options.get("enable_performance_insights"))
    for name in _INSIGHTS:
        setattr(instance, name, options.get(name))
    instance.database_insights_mode = instance.database_insights_mode or "standard"
    instance.network_type = instance.network_type or "IPV4"
    instance.pending_modified_values = {}
    make_log_groups(instance)


def make_log_groups(instance: Any) -> None:
    """Makes the log groups that RDS exports to where nobody made them, as RDS does: Terraform then cannot make them."""
    for log in instance.enabled_cloudwatch_logs_exports:
        name = f"/aws/rds/instance/{instance.db_instance_identifier}/{log}"
        ensure_log_group(instance.account_id, instance.region, name)


@difference(DBInstance, "update", "moto stores some modified settings under names that it never answers")
def rename_settings(original: Replacement, instance: Any, **changes: Any) -> None:
    """Stores changed settings under the names of the description."""
    original(instance, **{_RENAMED.get(name, name): value for name, value in changes.items()})
    instance.enabled_cloudwatch_logs_exports = sorted(set(instance.enabled_cloudwatch_logs_exports))
    make_log_groups(instance)


@difference(DBParameterGroup, "update_parameters", "AWS answers `user` as the source of parameters that were set")
def mark_source(original: Replacement, group: Any, parameters: list[dict[str, Any]]) -> Any:
    """Marks parameters as set by the user."""
    return original(group, [{**parameter, "Source": "user"} for parameter in parameters])


@difference(RDSResponse, "reset_db_parameter_group", "moto lacks the call that takes parameters back")
def reset_parameters(_original: None, response: Any) -> ActionResult:
    """Takes the named parameters, or all of them, back to the engine's defaults."""
    name = response.params.get("DBParameterGroupName")
    if name not in response.backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    set_here = response.backend.db_parameter_groups[name].parameters
    named = [parameter.original_dict()["ParameterName"] for parameter in response.params.get("Parameters", [])]
    taken_back = list(set_here) if response.params.get("ResetAllParameters") else named
    note_reset(response.backend.db_parameter_groups[name], taken_back)
    for parameter in taken_back:
        set_here.pop(parameter, None)
    return ActionResult({"DBParameterGroupName": name})


@difference(RDSResponse, "describe_db_engine_versions", "moto lacks the call that tells what RDS offers")
def describe_versions(_original: None, response: Any) -> ActionResult:
    """Describes the versions of PostgreSQL on offer, each with what it can be upgraded to."""
    asked = response.params.get("EngineVersion") or ""
    described = [
        {
            "Engine": "postgres",
            "EngineVersion": minor,
            "MajorEngineVersion": major,
            "DBParameterGroupFamily": f"postgres{major}",
            "Status": "available",
            "ValidUpgradeTarget": [
                {"Engine": "postgres", "EngineVersion": newer, "IsMajorVersionUpgrade": True}
                for line, newer in DEFAULT_POSTGRES.items()
                if int(line) > int(major)
            ],
        }
        for major, minor in DEFAULT_POSTGRES.items()
        if asked in ("", major, minor)
    ]
    return ActionResult({"DBEngineVersions": described})


@difference(RDSBackend, "create_db_instance", "AWS completes version and keys; moto answers what was asked")
def complete_request(original: Replacement, backend: Any, options: Any) -> Any:
    """Completes a major engine version to a minor one, and the keys that were not named to `aws/rds`."""
    if options["engine"] == "postgres":
        asked = options.get("engine_version") or "17"
        options["engine_version"] = DEFAULT_POSTGRES.get(asked, asked)
    default_key = {"storage_encrypted": "kms_key_id", "enable_performance_insights": "performance_insights_kms_key_id"}
    for switch, key in default_key.items():
        if options.get(switch) and not options.get(key):
            options[key] = backend.kms.keys[backend.kms.get_key_id_from_alias("alias/aws/rds")].arn
    return original(backend, options)


@difference(RDSBackend, "copy_db_snapshot", "AWS copies from other regions, too; moto looks in its own alone")
def copy_from_another_region(
    original: Replacement,
    backend: Any,
    source_db_snapshot_identifier: str,
    target_db_snapshot_identifier: str,
    **options: Any,
) -> Any:
    """Copies a snapshot of another region, an encrypted one with a key of this region."""
    source = _SNAPSHOT_ARN.fullmatch(source_db_snapshot_identifier)
    if not source or source["region"] == backend.region_name:
        return original(backend, source_db_snapshot_identifier, target_db_snapshot_identifier, **options)
    if target_db_snapshot_identifier in backend.database_snapshots:
        raise DBSnapshotAlreadyExistsError(target_db_snapshot_identifier)
    snapshot: Any = rds_backends[backend.account_id][source["region"]].get_db_snapshot(source["name"])
    if snapshot.encrypted and not options.get("kms_key_id"):
        message = "You must specify KmsKeyId to copy an encrypted snapshot across Regions"
        raise RDSClientError("InvalidParameterCombination", message)
    copy: Any = DBSnapshot(
        backend,
        snapshot.database,
        target_db_snapshot_identifier,
        tags=options.get("tags") or (snapshot.tags if options.get("copy_tags") else None),
        original_created_at=snapshot.original_snapshot_create_time,
        kms_key_id=backend._validate_kms_key(options["kms_key_id"]) if options.get("kms_key_id") else None,
    )
    copy.database.performance_insights_kms_key_id = None  # a key of the other region, and no matter of the data
    backend.database_snapshots[target_db_snapshot_identifier] = copy
    return copy


@difference(
    RDSBackend, "restore_db_instance_from_db_snapshot", "AWS gives the copy its own settings, tags and resource id"
)
def restore_own_settings(original: Replacement, backend: Any, from_snapshot_id: str, overrides: dict[str, Any]) -> Any:
    """Gives the restored instance what the request says, also where it says no."""
    arn = _SNAPSHOT_ARN.fullmatch(from_snapshot_id)
    instance = original(backend, arn["name"] if arn else from_snapshot_id, overrides)
    for name in ("multi_az", "deletion_protection", "auto_minor_version_upgrade", "copy_tags_to_snapshot"):
        if overrides.get(name) is not None:
            setattr(instance, name, overrides[name])  # moto ignores False
    instance.tags = overrides.get("tags") or []
    instance.status = "available"
    return instance
