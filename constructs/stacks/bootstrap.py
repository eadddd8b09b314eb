"""The stack `bootstrap`: what has to be in AWS before workflows can deploy an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from cdktf import TerraformStack
from constructs import Construct
from constructs.delivery.boundary import Boundary, KarpenterBoundary
from constructs.delivery.changing_network import changing_network, making_network
from constructs.delivery.changing_roles import changing_roles
from constructs.delivery.changing_services import (
    changing_interruptions,
    changing_keys,
    changing_services,
    restoring_database,
)
from constructs.delivery.github_provider import GitHubProvider
from constructs.delivery.reach import Reach
from constructs.delivery.reading import reading, reading_roles
from constructs.delivery.state_access import reading_state, writing_state
from constructs.delivery.state_bucket import StateBucket, StateBucketProps
from constructs.delivery.workflow_role import WorkflowRole, WorkflowRoleProps
from constructs.identity.policy import Statement
from constructs.naming.names import BOOTSTRAP
from constructs.settings.environment import Environment
from constructs.settings.sections.delivery import DeliverySettings
from constructs.stacks.labels import stack_labels
from constructs.stacks.outputs import Outputs
from constructs.stacks.providers import aws_provider, demand_providers


@dataclass(frozen=True, kw_only=True)
class BootstrapOutputs(Outputs):
    """Every output of `bootstrap`: what to enter at GitHub."""

    state_bucket: Annotated[str, "Bucket of Terraform's state"]
    state_key_arn: Annotated[str, "Key that encrypts the state"]
    plan_role_arn: Annotated[str, "Role of the workflows that plan"]
    plan_environment: Annotated[str, "GitHub environment whose jobs may plan"]
    apply_role_arn: Annotated[str, "Role of the workflows that deploy and destroy"]
    apply_environment: Annotated[str, "GitHub environment whose jobs may deploy and destroy; protect it"]
    permissions_boundary_arn: Annotated[str, "Policy that bounds every role of the environment"]


class BootstrapStack(TerraformStack):
    """State bucket and its key, GitHub's OIDC provider, the boundary, and the roles for planning and applying."""

    def __init__(self, scope: Construct, environment: Environment, delivery: DeliverySettings) -> None:
        super().__init__(scope, BOOTSTRAP)
        self._environment, self._delivery = environment, delivery
        self.labels = stack_labels(environment, BOOTSTRAP)
        self.add_override("terraform.required_version", ">= 1.11")
        demand_providers(self, environment)
        # The bucket may lie in another region than the environment. IAM has none.
        aws_provider(self, environment, environment.state_region)
        reach = self._reach()
        boundary = Boundary(self, "boundary", reach)
        if reach.node_pools:
            KarpenterBoundary(self, "boundary-karpenter", reach)
        provider = delivery.oidc_provider_arn or GitHubProvider(self, "github", delivery.issuer).arn
        plan = self._role(
            provider,
            "plan",
            environment.plan_environment,
            {"read": reading(reach), "state": [*reading_state(reach), *reading_roles(reach)]},
        )
        apply = self._role(
            provider,
            "apply",
            environment.apply_environment,
            {
                "read": reading(reach),
                "network": making_network(reach),
                # The queue of interruptions is there for the room.
                "network-changes": [*changing_network(reach), *changing_interruptions(reach)],
                "services": changing_services(reach),
                # The database's restoration is there for the room, as a snapshot's ARN is long, and so are roles below.
                "keys": [*changing_keys(reach), *restoring_database(reach)],
                "roles": changing_roles(reach),
                "state": [*reading_state(reach), *writing_state(reach), *reading_roles(reach)],
            },
        )
        BootstrapOutputs(
            state_bucket=str(environment.state.bucket),
            state_key_arn=reach.state_key_arn,
            plan_role_arn=plan.arn,
            plan_environment=environment.plan_environment,
            apply_role_arn=apply.arn,
            apply_environment=environment.apply_environment,
            permissions_boundary_arn=boundary.arn,
        ).publish(self)

    def _role(self, provider: str, purpose: str, of: str, policies: dict[str, list[Statement]]) -> WorkflowRole:
        props = WorkflowRoleProps(
            purpose=purpose,
            description=f"Workflows of {self._delivery.repository} that {purpose}",
            provider_arn=provider,
            issuer=self._delivery.issuer,
            subject=self._delivery.subject(of),
            policies=policies,
        )
        return WorkflowRole(self, purpose, props)

    def _reach(self) -> Reach:
        environment, names = self._environment, self.labels.names
        state, airflow = environment.state, environment.airflow
        bucket = f"arn:{names.partition}:s3:::{state.bucket}"
        key = state.kms_key_id
        if self._delivery.create_state_bucket:
            made = StateBucket(self, "state", StateBucketProps(bucket=str(state.bucket), kms_key_arn=key))
            key = made.key_arn
        named = [*airflow.dags.credentials_secrets, airflow.image.pull_secret_name if airflow.image else None]
        named.append(airflow.sign_in.client_secret_name if airflow.sign_in else None)
        keys = [environment.database.kms_key_arn, environment.cluster.node_volume_kms_key_arn]
        keys.append(environment.storage.volume_kms_key_arn)
        return Reach(
            names=names,
            state_bucket_arn=bucket,
            state_key_arn=str(key),  # one or the other is there: the settings demand it
            state_key_prefix=f"{state.key_prefix}/{environment.name}",
            policy_arns=airflow.all_policy_arns,
            worker_roles=any(each.has_own_role for each in airflow.workers.values()),
            launched_pod_roles=bool(airflow.pod_roles),
            node_pools=bool(environment.cluster.node_pools),
            spot_pools=any(pool.is_spot for pool in environment.cluster.node_pools.values()),
            node_volume_kms_key_arn=environment.cluster.node_volume_kms_key_arn,
            pod_actions=self._delivery.pod_actions,
            kms_key_arns=[arn for arn in keys if arn],
            secret_names=[name for name in named if name],
            given_secret_names=airflow.given_secret_names,
            snapshot=environment.database.restore_from_snapshot,
            certificate_arns=airflow.web.certificate_arns,
            waf=airflow.web.waf_acl_arn is not None,
            access_log_bucket=airflow.web.makes_log_bucket,
            managed_images=bool(airflow.image and airflow.image.is_managed),
            hosted_zone_id=airflow.web.hosted_zone_id,
            host_name=airflow.web.host_name,
            empty_log_bucket=environment.storage.empty_log_bucket_on_destroy,
        )
