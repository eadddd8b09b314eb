"""The names that an environment's AWS objects carry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

PROJECT = "airflow"

#: The stack of what has to be in AWS before workflows deploy the other two.
BOOTSTRAP = "bootstrap"

#: What Airflow looks for in Secrets Manager, each kind under a prefix of its own (`Names.secret`).
SECRETS_BACKEND = ("connections", "variables")

#: The longest environment name for which every name below stays within AWS's limits. The tightest one is an IAM role's
#: 64 characters: `airflow-` + name + `-load-balancer-controller` (25) leaves 31; 20 also keeps the log bucket's name
#: (63 characters, with the account's 12 digits) and names that the platform adds within reach.
MAX_ENVIRONMENT_NAME_LENGTH = 20

#: Beyond this a name from the outside is cut: the address stands in a tag, whose value holds 256 characters.
LONGEST_STATE_NAME = 150


@dataclass(frozen=True, kw_only=True)
class Names:
    """Derives every name from the environment; no construct makes one up."""

    environment: str
    region: str
    account_id: str

    @property
    def prefix(self) -> str:
        """Start of every name, `airflow-dev`; also the cluster's and the database instance's name as it is."""
        return f"{PROJECT}-{self.environment}"

    @property
    def partition(self) -> str:
        """Partition in ARNs: `aws`, `aws-us-gov` or `aws-cn`."""
        if self.region.startswith("us-gov-"):
            return "aws-us-gov"
        return "aws-cn" if self.region.startswith("cn-") else "aws"

    def of(self, *parts: str) -> str:
        """`airflow-dev-<part>-<part>`: name of an object of this environment."""
        return "-".join((self.prefix, *parts))

    def secret(self, name: str) -> str:
        """Name in Secrets Manager, `airflow-dev/<name>`: one prefix that policies can name."""
        return f"{self.prefix}/{name}"

    @property
    def log_bucket(self) -> str:
        """Name of the bucket for task logs; bucket names are global, hence the account."""
        return self.of("logs", self.account_id)

    @property
    def access_log_bucket(self) -> str:
        """Name of the bucket for the load balancer's access logs: no environment's log bucket has such a one."""
        return self.of("accesslogs", self.account_id)

    @property
    def alarm_topic(self) -> str:
        """Name of the SNS topic that alarms are sent to."""
        return self.of("alarms")

    @property
    def image_repository(self) -> str:
        """Name of the repository in ECR for images of one's own."""
        return self.prefix

    @property
    def flow_log_group(self) -> str:
        """Log group of both VPCs' flow logs."""
        return f"/{self.prefix}/vpc-flow-logs"

    @property
    def control_plane_log_group(self) -> str:
        """Log group that EKS writes to; the name is EKS's (EKS user guide, "Send control plane logs")."""
        return f"/aws/eks/{self.prefix}/cluster"

    def database_log_group(self, log: str) -> str:
        """Log group that RDS exports `log` to; the name is RDS's (RDS user guide, "Publishing PostgreSQL logs")."""
        return f"/aws/rds/instance/{self.prefix}/{log}"

    @property
    def log_groups(self) -> list[str]:
        """ARN patterns of all log groups of the environment, and of no other one's."""
        groups = (f"/{self.prefix}/*", f"/aws/eks/{self.prefix}/*", f"/aws/rds/instance/{self.prefix}/*")
        return [self.arn("logs", f"log-group:{group}") for group in groups]

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource of this account and region whose name is known before it exists."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def iam(self, resource: str) -> str:
        """ARN of a resource of IAM in this account, `role/...` or `policy/...`."""
        return f"arn:{self.partition}:iam::{self.account_id}:{resource}"

    @property
    def permissions_boundary(self) -> str:
        """ARN of the policy that bounds the environment's roles where workflows deploy it; `bootstrap` makes it."""
        return self.iam(f"policy/{self.of('boundary')}")

    @property
    def karpenter_boundary(self) -> str:
        """ARN of the policy that bounds the role of Karpenter, which starts instances, and no other role."""
        return self.iam(f"policy/{self.of('boundary', 'karpenter')}")

    def workflow_role(self, purpose: str) -> str:
        """Name of the role that workflows plan or apply with: `airflow-dev-ci-apply`."""
        return self.of("ci", purpose)

    @property
    def karpenter_node(self) -> str:
        """Name of the role, and of the instance profile, of the nodes that Karpenter starts."""
        return self.of("karpenter", "node")

    @property
    def karpenter_queue(self) -> str:
        """Name of the queue by which Karpenter hears of interruptions."""
        return self.of("karpenter")

    def worker_role(self, worker_set: str) -> str:
        """Name of the role of a set of workers, `airflow-dev-worker.large`.

        With a dot, which no name of an environment has: a pattern for the sets reaches no role of another environment.
        """
        return f"{self.of('worker')}.{worker_set}"

    def pod_role(self, service_account: str) -> str:
        """Name of the role of pods that tasks start with a service account, `airflow-dev-pod.reporting`; see above."""
        return f"{self.of('pod')}.{service_account}"

    @property
    def cluster_arn(self) -> str:
        """ARN of the EKS cluster."""
        return self.arn("eks", f"cluster/{self.prefix}")

    @property
    def account_root(self) -> str:
        """Principal that stands for the account: whoever its IAM policies allow."""
        return f"arn:{self.partition}:iam::{self.account_id}:root"

    def managed_policy(self, path: str) -> str:
        """ARN of a policy that AWS maintains, `service-role/AmazonEBSCSIDriverPolicy` for instance."""
        return f"arn:{self.partition}:iam::aws:policy/{path}"


def state_names(arns: Iterable[str]) -> dict[str, str]:
    """Name in the state -> ARN, for IAM's ARNs: `role_platform_engineers` of `...:role/platform-engineers`."""
    return unique_names(arns, lambda arn: arn.split(":", 5)[5])


def unique_names(texts: Iterable[str], part: Callable[[str], str] = str) -> dict[str, str]:
    """Name in the state -> text: `oncall_example_org` of `oncall@example.org`, or of the `part` of it that tells.

    Two texts that differ in punctuation or in the rest alone get the start of their hash as well, and so does a long
    one.
    """
    names = {text: re.sub(r"[^A-Za-z0-9]+", "_", part(text)) for text in texts}
    times = Counter(names.values())
    return {
        name if times[name] == 1 and len(name) <= LONGEST_STATE_NAME else _hashed(name, text): text
        for text, name in names.items()
    }


def _hashed(name: str, text: str) -> str:
    return f"{name[:LONGEST_STATE_NAME]}_{sha256(text.encode()).hexdigest()[:8]}"
