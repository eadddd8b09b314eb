"""PostgreSQL on RDS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup, SecurityGroupIngress
from constructs.database.parameters import parameters
from constructs.database.storage import GrownStorage, refuse_lower_limit
from constructs.encryption.key import EncryptionKey, EncryptionKeyProps
from constructs.encryption.log_group import LogGroup, LogGroupProps
from constructs.identity.service_role import ServiceRole, ServiceRoleProps
from constructs.naming.component import Component, Scope
from constructs.network.database_network import DatabaseNetwork
from constructs.network.peering import Peering
from constructs.protection.as_deployed import AsDeployed
from constructs.secrets.generated_secret import GeneratedSecret

PORT = 5432
DATABASE_NAME = "airflow"
USERNAME = "airflow"

#: RDS stripes PostgreSQL's gp3 volumes from this size on.
STRIPED_STORAGE_GIB = 400

EXPORTED_LOGS = ("postgresql", "upgrade")


@dataclass(frozen=True, kw_only=True)
class MetadataDatabaseProps:
    """Inputs of `MetadataDatabase`."""

    network: DatabaseNetwork
    peering: Peering
    client_security_group_id: str
    """What the nodes carry: the only source of connections."""

    password: GeneratedSecret
    log_key: EncryptionKey
    as_deployed: AsDeployed
    engine_version: str = "17"
    instance_class: str = "db.t4g.medium"
    kms_key_arn: str | None = None
    """Key of storage and snapshots. None: one of the stack's own; when that goes, the final snapshot can't be read."""

    allocated_storage_gib: int = 20
    max_allocated_storage_gib: int | None = 100
    """Up to here the storage grows by itself; None: never."""

    multi_az: bool = False
    certificate_authority: str = "rds-ca-rsa2048-g1"
    """Clients verify the server against its root (RDS user guide, "Using SSL/TLS to encrypt a connection")."""

    backup_retention_days: int = 7
    backup_window: str = "02:00-03:00"
    """UTC."""

    maintenance_window: str = "sun:04:00-sun:05:00"
    """UTC."""

    apply_immediately: bool = False
    """False: changes that interrupt wait for the maintenance window."""

    deletion_protection: bool = True
    final_snapshot: bool = True
    restore_from_snapshot: str | None = None
    """Read when the instance is created, ignored afterwards."""

    log_retention_days: int = 30
    log_statements_slower_than_ms: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Win over what other settings say, not over what the project requires."""


class MetadataDatabase(Component):
    """PostgreSQL for Airflow's metadata: encrypted, in isolated subnets, reachable only from the cluster's nodes.

    With TLS enforced, enhanced monitoring each minute, Database Insights in standard mode (seven days), and logs
    exported to log groups of ours. The owner's password is the stored one, write-only.
    """

    def __init__(self, scope: Scope, id_: str, props: MetadataDatabaseProps) -> None:
        super().__init__(scope, id_)
        self._props = props
        key_arn = props.kms_key_arn or self._own_key()
        security_group = self._security_group()
        monitoring = self._monitoring_role()
        instance = self.add(
            DbInstance,
            "metadata",
            identifier=self.names.prefix,
            engine="postgres",
            engine_version=props.engine_version,
            # A minor version that the file names stays: RDS can't go back to it.
            auto_minor_version_upgrade="." not in props.engine_version,
            allow_major_version_upgrade=True,
            instance_class=props.instance_class,
            multi_az=props.multi_az,
            db_name=DATABASE_NAME,
            username=USERNAME,
            password_wo=props.password.stored_value(),
            # Not the revision: whenever another version is stored, for whatever reason, the database follows.
            password_wo_version=props.password.version_number(),
            port=PORT,
            db_subnet_group_name=self._subnet_group(),
            vpc_security_group_ids=[security_group.id],
            publicly_accessible=False,
            ca_cert_identifier=props.certificate_authority,
            parameter_group_name=self._parameter_group().name,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=key_arn,
            allocated_storage=self._allocated_storage(),
            # What gp3 has from this size on; said, because the provider would send the smaller size's values with a
            # change that crosses it, and RDS refuses those (RDS user guide, "Amazon RDS DB instance storage").
            iops=12_000 if props.allocated_storage_gib >= STRIPED_STORAGE_GIB else None,
            storage_throughput=500 if props.allocated_storage_gib >= STRIPED_STORAGE_GIB else None,
            max_allocated_storage=props.max_allocated_storage_gib,
            backup_retention_period=props.backup_retention_days,
            backup_window=props.backup_window,
            copy_tags_to_snapshot=True,
            maintenance_window=props.maintenance_window,
            apply_immediately=props.apply_immediately,
            deletion_protection=props.deletion_protection,
            skip_final_snapshot=not props.final_snapshot,
            # The security group's ID differs each time that the environment is made: a snapshot that an earlier one
            # left doesn't block the next destroy.
            final_snapshot_identifier=self.names.of("final", security_group.id) if props.final_snapshot else None,
            snapshot_identifier=props.restore_from_snapshot,
            enabled_cloudwatch_logs_exports=list(EXPORTED_LOGS),
            monitoring_interval=60,
            monitoring_role_arn=monitoring.arn,
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=key_arn,
            performance_insights_retention_period=7,
            # A change of the snapshot would replace the database by a copy of an old one. A restored database keeps the
            # snapshot's key, and a key other than the stack's would replace it too.
            lifecycle=props.as_deployed.lifecycle(
                "snapshot_identifier", "kms_key_id", "performance_insights_kms_key_id", "storage_encrypted"
            ),
            depends_on=[*monitoring.permissions, *self._log_groups()],
        )
        if props.max_allocated_storage_gib is not None:
            instance.add_override("lifecycle.postcondition", [refuse_lower_limit(props.max_allocated_storage_gib)])
        self.host: str = instance.address
        """Host name, known after apply."""

        self.identifier: str = instance.identifier
        self.allocated_storage: str = f"{instance.fqn}.allocated_storage"
        """GiB, as an expression without its marks: what is there, once it has grown by itself."""

    def _allocated_storage(self) -> float:
        props = self._props
        if props.max_allocated_storage_gib is not None:
            return props.allocated_storage_gib
        return GrownStorage(self, "storage").at_least(props.allocated_storage_gib)

    def _subnet_group(self) -> str:
        network = self._props.network
        group = self.add(
            DbSubnetGroup,
            "metadata",
            name=self.names.prefix,
            description="Isolated subnets of the database VPC",
            subnet_ids=network.subnet_ids,
            # A group can't move to another VPC.
            lifecycle=TerraformResourceLifecycle(replace_triggered_by=[f"{network.vpc_address}.id"]),
        )
        return str(group.name)

    def _own_key(self) -> str:
        description = "Storage, snapshots and insights of the database"
        return EncryptionKey(self, "key", EncryptionKeyProps(name="database", description=description)).arn

    def _security_group(self) -> SecurityGroup:
        # Rules inside the group, not resources of their own: only so does Terraform see, and take away, a rule that
        # somebody adds by hand. No egress: the database answers, it doesn't call.
        rule = SecurityGroupIngress(
            description="PostgreSQL from the nodes of the cluster, over the peering",
            protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            security_groups=[self._props.client_security_group_id],
        )
        group = self.add(
            SecurityGroup,
            "database",
            name=self.names.of("database"),
            description="PostgreSQL from the nodes of the cluster",
            vpc_id=self._props.network.vpc_id,
            ingress=[rule],
            depends_on=self._props.peering.active,
        )
        group.add_override("egress", [])
        return group

    def _parameter_group(self) -> DbParameterGroup:
        major = self._props.engine_version.partition(".")[0]
        return self.add(
            DbParameterGroup,
            "metadata",
            # The family is part of the name: a major upgrade needs the new group while the old one is still in use.
            name=self.names.of(f"postgres{major}"),
            family=f"postgres{major}",
            description="Airflow's metadata database",
            parameter=parameters(self._props.parameters, self._props.log_statements_slower_than_ms),
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _monitoring_role(self) -> ServiceRole:
        return ServiceRole(
            self,
            "monitoring-role",
            ServiceRoleProps(
                name="database_monitoring",
                service="monitoring.rds.amazonaws.com",
                description="Enhanced monitoring of the database",
                source_arn=self.names.arn("rds", f"db:{self.names.prefix}"),
                policies={"rds": self.names.managed_policy("service-role/AmazonRDSEnhancedMonitoringRole")},
            ),
        )

    def _log_groups(self) -> list[ITerraformDependable]:
        """The groups that RDS would otherwise make itself, without key and retention."""
        return [
            LogGroup(
                self,
                f"log-group-{log}",
                LogGroupProps(
                    name=f"database_{log}",
                    log_group_name=self.names.database_log_group(log),
                    key=self._props.log_key,
                    retention_days=self._props.log_retention_days,
                ),
            ).resource
            for log in EXPORTED_LOGS
        ]
