"""What an environment's deployment reaches: the ARNs of what it makes, by name or by tag, and of nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from constructs.cluster.karpenter_names import rule_arns
from constructs.naming.names import PROJECT, Names

#: Ends of the names of roles, keys' aliases and alarms that `infrastructure` makes. Spelled out, as a pattern behind
#: the prefix `airflow-dev-` would reach the environment dev-2, too. A test compares them with the stack.
ROLES = (
    *("airflow", "aws-ebs-csi-driver", "cluster", "database-monitoring", "flow-logs", "load-balancer-controller"),
    *("node", "vpc-cni"),
)
#: Those that it makes where there are node pools: of the nodes, and of who starts them, with a boundary of its own.
POOL_ROLES = ("karpenter-node",)
KARPENTER = "karpenter"
KEYS = ("cluster", "database", "logs", "secrets", "storage")
ALARMS = ("database-connections", "database-cpu", "database-memory", "database-storage")

#: AWS's policies that the project attaches to its roles.
MANAGED_POLICIES = (
    *("AmazonEKSClusterPolicy", "AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"),
    *("AmazonEKS_CNI_Policy", "service-role/AmazonEBSCSIDriverPolicy", "service-role/AmazonRDSEnhancedMonitoringRole"),
)

#: A security group's ID, which ends the names of final snapshots: as long as it is, so that no longer name fits.
_GROUP = f"sg-{17 * '?'}"

#: Stack whose objects workflows change by their tags. Bootstrap's own carry the environment's tags, too.
_STACK = "infrastructure"

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """ARNs and conditions of one environment, for policies of who deploys it."""

    names: Names
    state_bucket_arn: str
    state_key_arn: str
    state_key_prefix: str
    """Start of the keys of the environment's states: `airflow/dev`."""

    policy_arns: Sequence[str] = ()
    """Policies of the user's for Airflow's pods."""

    worker_roles: bool = False
    """Whether sets of workers have roles of their own."""

    launched_pod_roles: bool = False
    """Whether pods that tasks start have roles of their own."""

    node_pools: bool = False
    """Whether there are node pools, and so Karpenter."""

    spot_pools: bool = False
    """Whether nodes of them may be spot."""

    node_volume_kms_key_arn: str | None = None
    """A key of the user's for the volumes of nodes."""

    pod_actions: Sequence[str] = ()
    """What those allow, as far as the boundary lets it through."""

    kms_key_arns: Sequence[str] = ()
    """Keys of the user's, for the database, or for volumes of nodes and claims."""

    secret_names: Sequence[str] = ()
    """Secrets of the user's, for the DAGs' repository and the image."""

    given_secret_names: Sequence[str] = ()
    """And those that pods get as variables and files."""

    snapshot: str | None = None
    """Name or ARN of the snapshot that the database starts from."""

    certificate_arns: Sequence[str] = ()
    waf: bool = False
    """Whether web ACLs of AWS WAF are attached to the load balancer."""

    access_log_bucket: bool = False
    """Whether its access logs get a bucket."""

    managed_images: bool = False
    """Whether the environment has a repository in ECR."""

    hosted_zone_id: str | None = None
    host_name: str | None = None
    empty_log_bucket: bool = False
    """Whether destroying the environment deletes task logs."""

    @property
    def tagged(self) -> Conditions:
        """Only what carries the tags of the environment's infrastructure; the state's key is of another stack."""
        return {"StringEquals": self._tags("aws:ResourceTag")}

    def tagged_through(self, service: str) -> Conditions:
        """Only what carries those tags, and only in the name of one of AWS's services."""
        through = {"kms:ViaService": f"{service}.{self.names.region}.amazonaws.com"}
        return {"StringEquals": {**self.tagged["StringEquals"], **through}}

    @property
    def being_tagged(self) -> Conditions:
        """Only what gets those tags when it is made."""
        return {"StringEquals": self._tags("aws:RequestTag")}

    def _tags(self, key: str) -> dict[str, str | Sequence[str]]:
        return {
            f"{key}/Project": PROJECT,
            f"{key}/Environment": self.names.environment,
            f"{key}/Stack": _STACK,
        }

    def being_tagged_as(self, addresses: Sequence[str]) -> Conditions:
        """Only what gets the tags of one of these addresses of the stack."""
        return {"StringEquals": {**self.being_tagged["StringEquals"], "aws:RequestTag/Address": addresses}}

    def ec2(self, *types: str) -> list[str]:
        """All EC2 objects of some types: which ones, tags have to say."""
        return [self.names.arn("ec2", f"{kind}/*") for kind in types]

    @property
    def roles(self) -> list[str]:
        """The environment's own roles, all with the one boundary."""
        names = (*ROLES, *(POOL_ROLES if self.node_pools else ()))
        return [*(self.names.iam(f"role/{self.names.of(role)}") for role in names), *self._worker_roles]

    @property
    def karpenter_roles(self) -> list[str]:
        """The one that has the other boundary."""
        return [self.names.iam(f"role/{self.names.of(KARPENTER)}")] if self.node_pools else []

    @property
    def instance_profiles(self) -> list[str]:
        """Those of nodes that Karpenter starts."""
        return [self.names.iam(f"instance-profile/{self.names.karpenter_node}")]

    @property
    def interruption_queue(self) -> list[str]:
        """The queue by which Karpenter hears of interruptions."""
        return [self.names.arn("sqs", self.names.karpenter_queue)]

    @property
    def interruption_rules(self) -> list[str]:
        """The rules that write to it."""
        return rule_arns(self.names)

    @property
    def pod_roles(self) -> list[str]:
        """The roles of Airflow's pods, the only ones that get policies of the user's."""
        return [self.names.iam(f"role/{self.names.of('airflow')}"), *self._worker_roles]

    @property
    def _worker_roles(self) -> list[str]:
        of_sets = [self.names.worker_role("*")] if self.worker_roles else []
        launched = [self.names.pod_role("*")] if self.launched_pod_roles else []
        return [self.names.iam(f"role/{name}") for name in (*of_sets, *launched)]

    @property
    def managed_policies(self) -> list[str]:
        """AWS's policies that the environment's own roles may get."""
        return [self.names.managed_policy(path) for path in MANAGED_POLICIES]

    @property
    def aliases(self) -> list[str]:
        """Aliases of the keys."""
        return [self.names.arn("kms", f"alias/{self.names.of(key)}") for key in KEYS]

    @property
    def alarms(self) -> list[str]:
        """The database's alarms."""
        return [self.names.arn("cloudwatch", f"alarm:{self.names.of(alarm)}") for alarm in ALARMS]

    @property
    def alarm_topic(self) -> list[str]:
        """The topic that alarms are sent to. SNS asks for the topic, too, where a call names a subscription."""
        return [self.names.arn("sns", self.names.alarm_topic)]

    @property
    def cluster(self) -> list[str]:
        """The cluster and all that EKS keeps in it."""
        parts = ("nodegroup", "addon", "access-entry", "podidentityassociation")
        return [
            self.names.cluster_arn,
            *(self.names.arn("eks", f"{part}/{self.names.prefix}/*") for part in parts),
        ]

    @property
    def database(self) -> list[str]:
        """The instance, its groups, which begin as the major version demands, and its final snapshot."""
        prefix = self.names.prefix
        parts = (f"db:{prefix}", f"subgrp:{prefix}", f"pg:{prefix}-postgres??", f"snapshot:{prefix}-final-{_GROUP}")
        return [self.names.arn("rds", part) for part in parts]

    @property
    def snapshots(self) -> list[str]:
        """What a new database may start from: the instance's own snapshots, and the one that the file names.

        A pattern behind the instance's name would reach the snapshots of an environment whose name begins alike.
        """
        prefix = self.names.prefix
        own = (f"snapshot:{prefix}-final-{_GROUP}", f"snapshot:rds:{prefix}-????-??-??-??-??")
        named = [self.snapshot] if self.snapshot else []
        return [
            *(self.names.arn("rds", part) for part in own),
            *(name if name.startswith("arn:") else self.names.arn("rds", f"snapshot:{name.lower()}") for name in named),
        ]

    @property
    def protected_keys(self) -> list[str]:
        """Keys that the file names, or the state's: services use them, and nobody who deploys changes them."""
        return [self.state_key_arn, *self.kms_key_arns]

    @property
    def secrets(self) -> list[str]:
        """The project's own secrets."""
        return [self.names.arn("secretsmanager", f"secret:{self.names.secret('*')}")]

    @property
    def readable_secrets(self) -> list[str]:
        """Those, and the ones that the environment file names; Secrets Manager adds six characters to a name."""
        return [*self.secrets, *self._named(self.secret_names)]

    @property
    def given_secrets(self) -> list[str]:
        """Secrets of the user's that pods get."""
        return self._named(self.given_secret_names)

    def _named(self, names: Sequence[str]) -> list[str]:
        return [self.names.arn("secretsmanager", f"secret:{name}-??????") for name in names]

    @property
    def log_bucket(self) -> str:
        """The bucket of task logs."""
        return self._bucket(self.names.log_bucket)

    @property
    def buckets(self) -> list[str]:
        """All buckets of the environment."""
        return [self.log_bucket, *([self._bucket(self.names.access_log_bucket)] if self.access_log_bucket else [])]

    def _bucket(self, name: str) -> str:
        return f"arn:{self.names.partition}:s3:::{name}"

    @property
    def image_repository(self) -> list[str]:
        """The repository for images of one's own."""
        return [self.names.arn("ecr", f"repository/{self.names.image_repository}")]

    @property
    def keys(self) -> list[str]:
        """All keys of account and region: which ones, tags have to say."""
        return [self.names.arn("kms", "key/*")]

    def states(self, suffix: str = "") -> list[str]:
        """The objects of both stacks' states, or of their locks."""
        stacks = ("infrastructure", "platform")
        return [f"{self.state_bucket_arn}/{self.state_key_prefix}/{stack}.tfstate{suffix}" for stack in stacks]
