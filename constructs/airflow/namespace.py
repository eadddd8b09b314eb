"""The Kubernetes namespace that Airflow lives in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_kubernetes.limit_range_v1 import LimitRangeV1, LimitRangeV1SpecLimit
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1
from cdktf_cdktf_provider_kubernetes.resource_quota_v1 import ResourceQuotaV1
from constructs.naming.component import Component, Scope

#: The rules that pods have to meet are those of the Kubernetes version that the project is tested with: an upgrade of
#: the cluster refuses no pod that ran before. An older cluster takes its own newest rules. What a newer version would
#: refuse shows as warnings and in the audit log, which follow the cluster's version.
POD_SECURITY_VERSION = "v1.35"

#: How long Terraform waits for everything in the namespace to be gone.
DELETE_TIMEOUT = "15m"


@dataclass(frozen=True, kw_only=True)
class Quota:
    """What all pods of the namespace may ask for together."""

    cpu: str
    memory: str
    pods: int


@dataclass(frozen=True, kw_only=True)
class ContainerDefaults:
    """What a container asks for that names nothing itself; memory is its limit, too.

    As Kubernetes writes quantities (`1Gi`, not `1024Mi`; `100m`, not `0.1`), which the settings see to: the provider
    compares them as text, so that another spelling would be a change in every plan.
    """

    cpu: str
    memory: str


@dataclass(frozen=True, kw_only=True)
class AirflowNamespaceProps:
    """Inputs of `AirflowNamespace`."""

    name: str = "airflow"
    quota: Quota | None = None
    limit_range: ContainerDefaults | None = None


class AirflowNamespace(Component):
    """A namespace that admits pods of PodSecurity `restricted` only, with quota and container defaults where given.

    It is there when its default service account is, without which no pod can be made.
    """

    def __init__(self, scope: Scope, id_: str, props: AirflowNamespaceProps) -> None:
        super().__init__(scope, id_)
        namespace = restricted_namespace(self, "airflow", props.name)
        self.name: str = name_of(namespace)
        self.resources: Sequence[ITerraformDependable] = [
            namespace,
            *([self._quota(props.quota)] if props.quota else []),
            *([self._limit_range(props.limit_range)] if props.limit_range else []),
        ]
        """What pods wait for: the default values of containers are filled in only when a pod is made."""

    def _metadata(self) -> dict[str, object]:
        return {"name": "airflow", "namespace": self.name, "labels": self.labels.kubernetes}

    def _quota(self, quota: Quota) -> ResourceQuotaV1:
        hard = {"requests.cpu": quota.cpu, "requests.memory": quota.memory, "pods": str(quota.pods)}
        return self.add(ResourceQuotaV1, "airflow", metadata=self._metadata(), spec={"hard": hard})

    def _limit_range(self, defaults: ContainerDefaults) -> LimitRangeV1:
        limit = LimitRangeV1SpecLimit(
            type="Container",
            default_request={"cpu": defaults.cpu, "memory": defaults.memory},
            default={"memory": defaults.memory},
        )
        return self.add(LimitRangeV1, "airflow", metadata=self._metadata(), spec={"limit": [limit]})


def restricted_namespace(component: Component, resource_name: str, name: str) -> NamespaceV1:
    """Deploy a namespace of the component that admits pods of PodSecurity `restricted` only."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    version = {"pod-security.kubernetes.io/enforce-version": POD_SECURITY_VERSION}
    return component.add(
        NamespaceV1,
        resource_name,
        metadata=_metadata_of_namespace({"name": name, "labels": {**component.labels.kubernetes, **levels, **version}}),
        wait_for_default_service_account=True,
        timeouts={"delete": DELETE_TIMEOUT},
    )


def name_of(namespace: NamespaceV1) -> str:
    """Return an expression: whatever names it is made after the namespace and deleted before."""
    name: str = namespace.get_string_attribute("metadata[0].name")
    return name


def _metadata_of_namespace(metadata: dict[str, object]) -> dict[str, object]:
    """Return it as the binding takes it: CDK Terrain's wants a list of one (decision 27), for this resource alone."""
    return metadata
