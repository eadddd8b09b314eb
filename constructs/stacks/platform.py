"""The stack `platform`: Airflow, and what it needs in the cluster."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdktf import ITerraformDependable, TerraformStack
from cdktf_cdktf_provider_helm.provider import HelmProvider
from cdktf_cdktf_provider_kubernetes.provider import KubernetesProvider, KubernetesProviderExec
from constructs import Construct
from constructs.airflow.certificates.root_certificates import RootCertificates
from constructs.airflow.certificates.trusted_certificates import TrustedCertificates
from constructs.airflow.charts.chart_source import ChartSource
from constructs.airflow.computed_values.release import ReleaseValuesProps, computed_values
from constructs.airflow.disruption_budgets import WorkerBudgets, WorkerBudgetsProps
from constructs.airflow.jobs.around_release import DatabaseJob, DatabaseJobProps, FernetJob, FernetJobProps
from constructs.airflow.launched_pods import LaunchedPods, LaunchedPodsProps
from constructs.airflow.namespace import AirflowNamespace, AirflowNamespaceProps, ContainerDefaults, Quota
from constructs.airflow.network.network_policies import NetworkPolicies, NetworkPoliciesProps
from constructs.airflow.release import AirflowRelease, AirflowReleaseProps
from constructs.airflow.release_check import check_release
from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.bundle_secrets import BundleSecrets, BundleSecretsProps
from constructs.airflow.secrets.given_secrets import GivenSecrets, GivenSecretsProps
from constructs.airflow.secrets.kubernetes_secrets import KubernetesSecrets
from constructs.airflow.storage_class import StorageClass
from constructs.airflow.user_values.file import UserValues, release_values
from constructs.airflow.web.ingress import Web, WebProps, access_log_attributes
from constructs.airflow.web.load_balancer_controller_release import (
    LoadBalancerControllerRelease,
    LoadBalancerControllerReleaseProps,
)
from constructs.airflow.web.port_forward import PORT_FORWARD_URL, port_forward_command
from constructs.naming.labels import Labels
from constructs.settings.environment import Environment
from constructs.stacks import infrastructure
from constructs.stacks.elastic import KarpenterSources, autoscaler, node_pools
from constructs.stacks.labels import stack_labels
from constructs.stacks.matching import matching
from constructs.stacks.outputs import InfrastructureOutputs, PlatformOutputs
from constructs.stacks.providers import aws_provider, demand_providers
from constructs.stacks.stored_secrets import StoredSecrets

NAME = "platform"


@dataclass(frozen=True, kw_only=True)
class PlatformSources:
    """What `platform` is made of beside the environment file."""

    user_values: UserValues
    """What helm/values.yaml says."""

    chart_files: Path | None = None
    """Folder of Airflow's chart, where it is at hand: the values are checked against its schema."""

    rds_root_certificates: str
    """PEM, of the database's region."""

    airflow_chart: ChartSource
    load_balancer_controller_chart: ChartSource
    keda_chart: ChartSource | None = None
    """None where nothing is scaled."""

    karpenter: KarpenterSources | None = None
    """None where there are no node pools."""


class PlatformStack(TerraformStack):
    """Airflow by its official chart, with its secrets and network policies, behind a load balancer.

    It reads what `infrastructure` has published, and makes nothing in AWS itself but, where asked for, a DNS record.
    The order is that of docs/decisions/0016-database-job.md: secrets, database job, release; the controller before the
    load balancer, and on destroy after it.
    """

    def __init__(self, scope: Construct, environment: Environment, sources: PlatformSources) -> None:
        super().__init__(scope, NAME)
        self._environment = environment
        self._airflow = environment.airflow
        self._sources = sources
        self._subnets = environment.network.plan(environment.availability_zones)
        self.labels: Labels = stack_labels(environment, NAME)
        self.add_override("terraform.required_version", ">= 1.11")
        demand_providers(self, environment)
        self._infrastructure = InfrastructureOutputs.of_state(infrastructure.NAME)
        self._providers()

        storage_class = StorageClass(self, "storage-class", environment.storage.volume_kms_key_arn)
        namespace = self._namespace()
        self._namespace_name = namespace.name
        self._stored = StoredSecrets(environment, self._infrastructure, self.labels.names)
        secrets = KubernetesSecrets(self, "secrets", self._stored.props(namespace.name))
        bundles = self._bundles()
        certificates = sources.rds_root_certificates
        policies = self._network_policies()
        before_pods = [
            *namespace.resources,
            *secrets.resources,
            *self._given(),
            *bundles.resources,
            *self._trusted_certificates(),
            *policies.resources,
            RootCertificates(self, "rds-ca", namespace.name, certificates).resource,
        ]
        job = self._database_job(before_pods)
        git_revision = secrets.git_revision or bundles.revision
        values = self._values(secrets, git_revision, certificates)
        self.warnings: Sequence[str] = self._check(values, policies.components)
        """What the chart warns of, where it is at hand."""
        elastic = self._elastic(namespace)
        release = self._release(values, [storage_class.resource, job, *before_pods, *elastic])
        self._worker_budgets()
        self._launched_pods()
        if len(environment.secrets.fernet_keys) > 1:
            self._fernet_job(release)
        self._publish(self._web(release) if self._airflow.web.has_balancer else None)

    def _providers(self) -> None:
        environment, known = self._environment, self._infrastructure
        aws_provider(self, environment, environment.region)
        authority = f"${{base64decode({known.cluster_certificate_authority[2:-1]})}}"
        login = {
            "api_version": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            # A token lives 15 minutes, and is got anew by whoever needs one: none is stored, none ends too early.
            "args": ["eks", "get-token", "--cluster-name", known.cluster_name, "--region", environment.region],
        }
        cluster = {"host": known.cluster_endpoint, "cluster_ca_certificate": authority}
        KubernetesProvider(self, "kubernetes", **cluster, exec=[KubernetesProviderExec(**login)])
        HelmProvider(self, "helm", kubernetes={**cluster, "exec": login})

    def _namespace(self) -> AirflowNamespace:
        quota, defaults = self._airflow.quota, self._airflow.limit_range
        props = AirflowNamespaceProps(
            name=self._airflow.namespace,
            quota=Quota(**quota.model_dump()) if quota else None,
            limit_range=ContainerDefaults(**defaults.model_dump()) if defaults else None,
        )
        return AirflowNamespace(self, "namespace", props)

    def _given(self) -> list[ITerraformDependable]:
        airflow = self._airflow
        props = GivenSecretsProps(namespace=self._namespace_name, variables=airflow.environment, files=airflow.files)
        return GivenSecrets(self, "given", props).resources

    def _bundles(self) -> BundleSecrets:
        dags = self._airflow.dags
        props = BundleSecretsProps(
            namespace=self._namespace_name, bundles=dags.bundles, revision=dags.credentials_revision
        )
        return BundleSecrets(self, "bundles", props)

    def _trusted_certificates(self) -> list[ITerraformDependable]:
        own = self._airflow.trusted_certificates
        if own is None:
            return []
        return [TrustedCertificates(self, "trusted-certificates", self._namespace_name, own).resource]

    def _network_policies(self) -> NetworkPolicies:
        airflow = self._airflow
        props = NetworkPoliciesProps(
            namespace=self._namespace_name,
            uses_celery=airflow.uses_celery,
            uses_kubernetes=airflow.uses_kubernetes,
            proxy_cidrs=self._proxy_cidrs,
            proxy="load balancer" if airflow.web.has_balancer else "Ingress controller",
            private_subnet_cidrs=self._subnets.private,
            database_subnet_cidrs=self._subnets.database,
            service_cidr=self._environment.cluster.service_cidr,
            git_ports=[each.port for each in airflow.dags.repositories.values()],
            task_egress=airflow.task_egress,
            launches_pods=airflow.allow_pod_launching,
            api_server_egress=airflow.egress.api_server,
            scheduler_egress=airflow.egress.scheduler,
            triggerer_egress=airflow.egress.triggerer,
            scraping=airflow.scraping,
            database_cleanup=airflow.cleanup is not None,
            pod_cleanup=self._sources.user_values.cleans_pods,
            autoscaling=airflow.autoscales,
        )
        return NetworkPolicies(self, "network-policies", props)

    @property
    def _proxy_cidrs(self) -> tuple[str, ...]:
        """Where the load balancer has its addresses, or the proxies that the file names; none: nobody stands before."""
        web = self._airflow.web
        if not web.has_balancer:
            return web.trusted_proxy_cidrs or ()
        public = web.scheme == "internet-facing"
        return tuple(self._subnets.public if public else self._subnets.private)

    @property
    def _pull_secret(self) -> str | None:
        return secret_names.REGISTRY if self._stored.registry else None

    def _database_job(self, depends_on: list[ITerraformDependable]) -> ITerraformDependable:
        props = DatabaseJobProps(
            namespace=self._namespace_name,
            image=self._airflow.image_reference,
            image_pull_secret=self._pull_secret,
            admin_password_version=self._infrastructure.admin_secret_version,
            has_admin=self._stored.has_admin,
            scaler_password_revision=self._environment.secrets.revisions.scaler if self._airflow.autoscales else None,
            depends_on=depends_on,
        )
        return DatabaseJob(self, "database-job", props).resource

    def _elastic(self, namespace: AirflowNamespace) -> list[ITerraformDependable]:
        """What makes pods and nodes as many as needed; before the release and, on destroy, after it."""
        found: list[ITerraformDependable] = []
        if self._sources.keda_chart:
            found.append(autoscaler(self, self._environment, self._sources.keda_chart, namespace))
        if self._sources.karpenter:
            endpoint = self._infrastructure.cluster_endpoint
            found.append(node_pools(self, self._environment, self._sources.karpenter, endpoint))
        return found

    def _worker_budgets(self) -> None:
        sets = self._airflow.worker_sets
        if sets:
            props = WorkerBudgetsProps(
                namespace=self._namespace_name,
                default=self._airflow.components.workers.count(most=True),
                sets={name: each.count(most=True) for name, each in sets.items()},
            )
            WorkerBudgets(self, "worker-budgets", props)

    def _launched_pods(self) -> None:
        airflow = self._airflow
        sets = [name for name, each in airflow.worker_sets.items() if each.has_own_role]
        props = LaunchedPodsProps(
            namespace=self._namespace_name,
            service_accounts=list(airflow.pod_roles),
            launching_sets=sets if airflow.allow_pod_launching else (),
        )
        LaunchedPods(self, "launched-pods", props)

    def _fernet_job(self, release: ITerraformDependable) -> None:
        props = FernetJobProps(
            namespace=self._namespace_name,
            image=self._airflow.image_reference,
            image_pull_secret=self._pull_secret,
            key_numbers=self._environment.secrets.fernet_keys,
            depends_on=[release],
        )
        FernetJob(self, "fernet-job", props)

    def _values(self, secrets: KubernetesSecrets, git_revision: int, certificates: str) -> str:
        revisions = self._environment.secrets.revisions
        computed = computed_values(
            ReleaseValuesProps(
                airflow=self._airflow,
                nodes=self._environment.cluster.nodes,
                zones=len(self._environment.availability_zones),
                rds_root_certificates=certificates,
                proxy_cidrs=self._proxy_cidrs,
                log_bucket=self._infrastructure.log_bucket,
                region=self._environment.region,
                prefix=self.labels.names.prefix,
                revisions={
                    "database": revisions.database,
                    "redis": revisions.redis,
                    "api": revisions.api,
                    "jwt": revisions.jwt,
                    "fernet": secrets.fernet_revision,
                    "pgbouncer": secrets.pgbouncer_revision,
                    **({"git": git_revision} if git_revision else {}),
                    **({"sign_in": secrets.sign_in_revision} if secrets.sign_in_revision else {}),
                },
            ),
        )
        return release_values(self._sources.user_values, computed, self._sources.chart_files)

    def _check(self, values: str, components: Collection[str]) -> Sequence[str]:
        chart = self._sources.chart_files
        if chart is None:
            return ()
        document, namespace = self._sources.user_values.document, self._airflow.namespace
        return check_release(values, chart, document=document, namespace=namespace, components=components)

    def _release(self, values: str, depends_on: list[ITerraformDependable]) -> ITerraformDependable:
        props = AirflowReleaseProps(
            namespace=self._namespace_name,
            source=self._sources.airflow_chart,
            values=values,
            depends_on=depends_on,
        )
        return AirflowRelease(self, "release", props).resource

    def _web(self, release: ITerraformDependable) -> Web:
        known, web = self._infrastructure, self._airflow.web
        controller = LoadBalancerControllerRelease(
            self,
            "load-balancer-controller",
            LoadBalancerControllerReleaseProps(
                source=self._sources.load_balancer_controller_chart,
                cluster_name=known.cluster_name,
                vpc_id=known.cluster_vpc_id,
                waf=web.waf_acl_arn is not None,
            ),
        )
        public = web.scheme == "internet-facing"
        props = WebProps(
            namespace=self._namespace_name,
            subnet_ids=[
                known.entry_of_state(
                    infrastructure.NAME, "public_subnet_ids" if public else "private_subnet_ids", position
                )
                for position in range(len(self._environment.availability_zones))
            ],
            access_log_attributes=self._access_log_attributes(),
            **matching(WebProps, web),
            depends_on=[release, controller.resource],
        )
        return Web(self, "web", props)

    def _access_log_attributes(self) -> dict[str, str]:
        logs = self._airflow.web.access_logs
        if logs is None:
            return {}
        bucket = logs.bucket or self.labels.names.access_log_bucket
        return access_log_attributes(enabled=logs.enabled, bucket=bucket, prefix=logs.prefix)

    def _publish(self, web: Web | None) -> None:
        address = web.url if web else self._airflow.web.url
        PlatformOutputs(
            airflow_url=address or PORT_FORWARD_URL,
            load_balancer_host_name=web.host_name if web else None,
            port_forward_command=None if address else port_forward_command(self._airflow.namespace),
            airflow_version=self._airflow.version,
            airflow_namespace=self._airflow.namespace,
            pods_command=f"kubectl get pods --namespace {self._airflow.namespace}",
        ).publish(self)
