"""What pods that tasks start need in the cluster: service accounts, and the permission to start them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes.role_binding_v1 import RoleBindingV1, RoleBindingV1RoleRef, RoleBindingV1Subject
from cdktf_cdktf_provider_kubernetes.service_account_v1 import ServiceAccountV1
from constructs.airflow.charts.airflow_chart import RELEASE, worker_name
from constructs.naming.component import Component, Scope

#: The chart's role with what starting, watching and ending pods takes; its binding leaves out sets of workers.
CHARTS_ROLE = f"{RELEASE}-pod-launcher-role"


@dataclass(frozen=True, kw_only=True)
class LaunchedPodsProps:
    """Inputs of `LaunchedPods`."""

    namespace: str
    service_accounts: Sequence[str]
    launching_sets: Sequence[str] = ()
    """Sets of workers with a service account of their own that may start pods, too."""


class LaunchedPods(Component):
    """Service accounts without a token for the Kubernetes API, and a binding for sets of workers that start pods."""

    def __init__(self, scope: Scope, id_: str, props: LaunchedPodsProps) -> None:
        super().__init__(scope, id_)

        def metadata(name: str) -> dict[str, object]:
            return {"name": name, "namespace": props.namespace, "labels": self.labels.kubernetes}

        for name in props.service_accounts:
            self.add(
                ServiceAccountV1,
                f"pod_{name.replace('-', '_')}",
                metadata=metadata(name),
                automount_service_account_token=False,
            )
        if props.launching_sets:
            self.add(
                RoleBindingV1,
                "launching_sets",
                metadata=metadata("airflow-launching-sets"),
                role_ref=RoleBindingV1RoleRef(api_group="rbac.authorization.k8s.io", kind="Role", name=CHARTS_ROLE),
                subject=[
                    RoleBindingV1Subject(kind="ServiceAccount", name=worker_name(name), namespace=props.namespace)
                    for name in props.launching_sets
                ],
            )
