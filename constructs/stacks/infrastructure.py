"""The stack `infrastructure`: everything in AWS that Airflow stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable, TerraformStack
from constructs import Construct
from constructs.airflow.launched_pod_role import LaunchedPodRole, LaunchedPodRoleProps
from constructs.airflow.pod_role import AirflowPodRole, AirflowPodRoleProps
from constructs.cluster import volume_key
from constructs.cluster.access import Access, AccessProps
from constructs.cluster.addons import AFTER_NODES, BEFORE_NODES, Addon, Addons, AddonsProps
from constructs.cluster.control_plane import ControlPlane, ControlPlaneProps
from constructs.cluster.karpenter import Karpenter, KarpenterProps
from constructs.cluster.karpenter_names import DISCOVERY_TAG
from constructs.cluster.load_balancer_controller import LoadBalancerController, LoadBalancerControllerProps
from constructs.cluster.node_group import NodeGroup, NodeGroupProps, NodeRole
from constructs.database.alarm_topic import AlarmTopic, AlarmTopicProps, use_of_the_key
from constructs.database.alarms import DatabaseAlarms, DatabaseAlarmsProps
from constructs.database.metadata_database import (
    DATABASE_NAME,
    PORT,
    USERNAME,
    MetadataDatabase,
    MetadataDatabaseProps,
)
from constructs.encryption.log_group import LogKey
from constructs.network.cluster_network import ClusterNetwork, ClusterNetworkProps, zone_suffix
from constructs.network.database_network import DatabaseNetwork, DatabaseNetworkProps
from constructs.network.flow_logs import FlowLogs, FlowLogsProps
from constructs.network.peering import Peering, PeeringProps
from constructs.protection.as_deployed import AsDeployed, AsDeployedProps
from constructs.secrets.airflow_secrets import AirflowSecrets, AirflowSecretsProps
from constructs.settings.environment import Environment
from constructs.settings.sections.airflow.access_logs import DEFAULT_DAYS
from constructs.stacks.labels import stack_labels
from constructs.stacks.matching import matching
from constructs.stacks.outputs import InfrastructureOutputs
from constructs.stacks.providers import aws_provider, demand_providers
from constructs.storage.access_log_bucket import AccessLogBucket, AccessLogBucketProps
from constructs.storage.image_repository import ImageRepository, ImageRepositoryProps
from constructs.storage.log_bucket import LogBucket, LogBucketProps

NAME = "infrastructure"


class InfrastructureStack(TerraformStack):
    """Two peered VPCs, the EKS cluster, the database, the log bucket, secrets and roles. AWS resources only.

    `outputs` is all that `platform` may know of it.
    """

    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, NAME)
        self._environment = environment
        self.labels = stack_labels(environment, NAME)
        # The first with both ephemeral values and write-only arguments.
        self.add_override("terraform.required_version", ">= 1.11")
        demand_providers(self, environment)
        aws_provider(self, environment, environment.region)

        emails = environment.database.alarm_emails
        self._log_key = LogKey(self, "log-key", [use_of_the_key(self.labels.names)] if emails else [])
        self._networks()
        self._cluster()
        secrets = AirflowSecrets(
            self,
            "secrets",
            AirflowSecretsProps(
                revisions=environment.secrets.revisions.model_dump(),
                scaler=environment.airflow.autoscales,
                fernet_keys=environment.secrets.fernet_keys,
                recovery_window_days=environment.secrets.recovery_window_days,
            ),
        )
        self._database(secrets)
        self._log_bucket = LogBucket(
            self, "log-bucket", LogBucketProps(**matching(LogBucketProps, environment.storage))
        )
        self._access_log_bucket()
        self._image_repository = self._images()
        self._airflow_role = self._pod_roles()
        self.outputs = self._outputs(secrets)
        self.outputs.publish(self)

    def _networks(self) -> None:
        network, zones = self._environment.network, self._environment.availability_zones
        subnets = self._subnets = network.plan(zones)
        self._cluster_network = ClusterNetwork(
            self,
            "cluster-network",
            ClusterNetworkProps(
                cidr=network.cluster_vpc_cidr,
                availability_zones=zones,
                public_cidrs=subnets.public,
                private_cidrs=subnets.private,
                nat_gateway_per_zone=network.nat_gateways == "one_per_zone",
                private_tags={DISCOVERY_TAG: self.labels.names.prefix} if self._environment.cluster.node_pools else {},
            ),
        )
        self._database_network = DatabaseNetwork(
            self,
            "database-network",
            DatabaseNetworkProps(
                cidr=network.database_vpc_cidr, availability_zones=zones, subnet_cidrs=subnets.database
            ),
        )
        self._peering = Peering(
            self, "peering", PeeringProps(cluster=self._cluster_network, database=self._database_network)
        )
        self._flow_logs = FlowLogs(
            self,
            "flow-logs",
            FlowLogsProps(
                vpc_ids={"cluster": self._cluster_network.vpc_id, "database": self._database_network.vpc_id},
                key=self._log_key,
                retention_days=network.flow_log_retention_days,
            ),
        )

    def _as_deployed(
        self,
        what: str,
        settings: Mapping[str, str],
        cidrs: Mapping[str, Sequence[str]],
        vpc: str,
        *,
        allow_replacement: bool,
    ) -> AsDeployed:
        zones = self._environment.availability_zones
        props = AsDeployedProps(
            what=what,
            settings={"account_id": self._environment.account_id, "region": self._environment.region, **settings},
            subnets={
                f"{kind}_{zone_suffix(zone)}": cidr
                for kind, ranges in cidrs.items()
                for zone, cidr in zip(zones, ranges, strict=True)
            },
            vpc=vpc,
            allow_replacement=allow_replacement,
        )
        return AsDeployed(self, f"{what}-as-deployed", props)

    def _cluster(self) -> None:
        cluster = self._environment.cluster
        self._control_plane = ControlPlane(
            self,
            "control-plane",
            ControlPlaneProps(
                subnet_ids=list(self._cluster_network.private_subnet_ids.values()),
                log_key=self._log_key,
                as_deployed=self._as_deployed(
                    "cluster",
                    {
                        "network.cluster_vpc_cidr": self._environment.network.cluster_vpc_cidr,
                        "cluster.service_cidr": cluster.service_cidr,
                    },
                    {"private": self._subnets.private, "public": self._subnets.public},
                    self._cluster_network.vpc_address,
                    allow_replacement=cluster.allow_replacement,
                ),
                public_access_cidrs=cluster.endpoint.public_access_cidrs,
                **matching(ControlPlaneProps, cluster),
            ),
        )
        Access(self, "access", self._access())
        before = self._addons("addons-before-nodes", BEFORE_NODES)
        nodes = self._node_groups(before)
        self._addons("addons-after-nodes", AFTER_NODES, nodes)
        # Also where there is no load balancer: this stack is applied first, and without the role the controller could
        # not delete the one that there was.
        LoadBalancerController(
            self,
            "load-balancer-controller",
            LoadBalancerControllerProps(
                control_plane=self._control_plane,
                vpc_id=self._cluster_network.vpc_id,
                waf_acl_arn=self._environment.airflow.web.waf_acl_arn,
            ),
        )
        if cluster.node_pools:
            props = KarpenterProps(
                control_plane=self._control_plane,
                uses_spot=any(pool.is_spot for pool in cluster.node_pools.values()),
                volume_kms_key_arn=cluster.node_volume_kms_key_arn,
            )
            Karpenter(self, "karpenter", props)

    def _access(self) -> AccessProps:
        names, administrators = self.labels.names, self._environment.cluster.administrators
        if not self._environment.delivery:
            return AccessProps(control_plane=self._control_plane, administrators=administrators)
        plan, apply = (names.iam(f"role/{names.workflow_role(purpose)}") for purpose in ("plan", "apply"))
        return AccessProps(
            control_plane=self._control_plane,
            administrators=list(dict.fromkeys([*administrators, apply])),
            # A plan of `platform` reads what Helm and Terraform have stored, in Kubernetes secrets.
            viewers=[plan],
        )

    def _addons(
        self, id_: str, addons: Sequence[Addon], depends_on: Sequence[ITerraformDependable] = ()
    ) -> list[ITerraformDependable]:
        cluster, key = self._environment.cluster, self._environment.storage.volume_kms_key_arn
        props = AddonsProps(
            control_plane=self._control_plane,
            kubernetes_version=cluster.kubernetes_version,
            addons=addons,
            pinned_versions=dict(cluster.addons.items()),
            environment={"vpc-cni": cluster.pods.environment},
            statements={"aws-ebs-csi-driver": volume_key.statements(self.labels.names, key)} if key else {},
            depends_on=depends_on,
        )
        return Addons(self, id_, props).resources

    def _node_groups(self, addons: Sequence[ITerraformDependable]) -> list[ITerraformDependable]:
        cluster = self._environment.cluster
        role = NodeRole(self, "node-role")
        subnet_ids = self._cluster_network.private_subnet_ids
        return [
            NodeGroup(
                self,
                f"node-group-{name}",
                NodeGroupProps(
                    name=name,
                    control_plane=self._control_plane,
                    role=role,
                    subnet_ids=[subnet_ids[zone] for zone in group.availability_zones or subnet_ids],
                    volume_kms_key_arn=cluster.node_volume_kms_key_arn,
                    prefix_delegation=cluster.pods.prefix_delegation,
                    roll_nodes_on_tag_change=cluster.roll_nodes_on_tag_change,
                    **matching(NodeGroupProps, group),
                    depends_on=[*addons, *self._cluster_network.internet_access],
                ),
            ).resource
            for name, group in cluster.node_groups.items()
        ]

    def _database(self, secrets: AirflowSecrets) -> None:
        database = self._environment.database
        self._metadata_database = MetadataDatabase(
            self,
            "database",
            MetadataDatabaseProps(
                network=self._database_network,
                peering=self._peering,
                client_security_group_id=self._control_plane.security_group_id,
                password=secrets.by_purpose["database"],
                log_key=self._log_key,
                as_deployed=self._as_deployed(
                    "database",
                    {
                        "network.database_vpc_cidr": self._environment.network.database_vpc_cidr,
                        "database.kms_key_arn": database.kms_key_arn or "the environment's own",
                    },
                    {"database": self._subnets.database},
                    self._database_network.vpc_address,
                    allow_replacement=database.allow_replacement,
                ),
                **matching(MetadataDatabaseProps, database),
            ),
        )
        DatabaseAlarms(
            self,
            "database-alarms",
            DatabaseAlarmsProps(
                database_identifier=self._metadata_database.identifier,
                topic_arns=self._alarm_topics(),
                allocated_storage=self._metadata_database.allocated_storage,
                **matching(DatabaseAlarmsProps, database),
            ),
        )

    def _alarm_topics(self) -> list[str]:
        database = self._environment.database
        topics = [database.alarm_topic_arn] if database.alarm_topic_arn else []
        if database.alarm_emails:
            props = AlarmTopicProps(key=self._log_key, emails=database.alarm_emails)
            topics.append(AlarmTopic(self, "alarm-topic", props).arn)
        return topics

    def _images(self) -> str | None:
        image = self._environment.airflow.image
        if image is None or not image.is_managed:
            return None
        return ImageRepository(self, "images", ImageRepositoryProps(key=self._log_bucket.key)).url

    def _access_log_bucket(self) -> None:
        web = self._environment.airflow.web
        if web.access_logs and web.makes_log_bucket:
            props = AccessLogBucketProps(
                expiration_days=web.access_logs.expiration_days or DEFAULT_DAYS,
                empty_on_destroy=self._environment.storage.empty_log_bucket_on_destroy,
            )
            AccessLogBucket(self, "access-log-bucket", props)

    def _pod_roles(self) -> AirflowPodRole:
        """One role for each set of workers with policies of its own, and one, which is returned, for all other pods."""
        airflow = self._environment.airflow

        def role(id_: str, policy_arns: Sequence[str], worker_set: str | None = None) -> AirflowPodRole:
            props = AirflowPodRoleProps(
                control_plane=self._control_plane,
                log_bucket=self._log_bucket,
                namespace=airflow.namespace,
                policy_arns=policy_arns,
                worker_set=worker_set,
                secrets_backend=airflow.secrets_backend,
            )
            return AirflowPodRole(self, id_, props)

        for name, each in airflow.worker_sets.items():
            if each.has_own_role:
                role(f"workers-{name}", each.pod_policy_arns or (), worker_set=name)
        for name, launched in airflow.pod_roles.items():
            props = LaunchedPodRoleProps(
                control_plane=self._control_plane,
                namespace=airflow.namespace,
                service_account=name,
                policy_arns=launched.policy_arns,
            )
            LaunchedPodRole(self, f"pod-{name}", props)
        return role("airflow-pods", airflow.pod_policy_arns)

    def _database_changes(self) -> str:
        database = self._environment.database
        when = (
            "at once" if database.apply_immediately else f"in the maintenance window, {database.maintenance_window} UTC"
        )
        return f"{when}; static parameters at the next restart"

    def _outputs(self, secrets: AirflowSecrets) -> InfrastructureOutputs:
        names, secret = self.labels.names, secrets.by_purpose
        region = f"--region {names.region}"
        read = f"aws secretsmanager get-secret-value {region} --query SecretString --output text --secret-id"
        return InfrastructureOutputs(
            cluster_name=self._control_plane.name,
            cluster_endpoint=self._control_plane.endpoint,
            cluster_certificate_authority=self._control_plane.certificate_authority,
            cluster_version=self._control_plane.version,
            cluster_vpc_id=self._cluster_network.vpc_id,
            public_subnet_ids=list(self._cluster_network.public_subnet_ids.values()),
            private_subnet_ids=list(self._cluster_network.private_subnet_ids.values()),
            database_host=self._metadata_database.host,
            database_port=PORT,
            database_name=DATABASE_NAME,
            database_username=USERNAME,
            database_changes=self._database_changes(),
            database_secret_arn=secret["database"].arn,
            redis_secret_arn=secret["redis"].arn,
            api_secret_arn=secret["api"].arn,
            jwt_secret_arn=secret["jwt"].arn,
            admin_secret_arn=secret["admin"].arn,
            admin_secret_version=secret["admin"].version_id,
            fernet_secret_arns=[key.arn for key in secrets.fernet_keys],
            log_bucket=self._log_bucket.name,
            image_repository=self._image_repository,
            flow_log_group=self._flow_logs.log_group_name,
            airflow_role_arn=self._airflow_role.arn,
            kubeconfig_command=f"aws eks update-kubeconfig --name {names.prefix} {region}",
            admin_password_command=f"{read} {names.secret('admin')}",
        )
