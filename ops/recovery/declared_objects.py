"""The Kubernetes objects that the stack `platform` declares, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from constructs.checks.synthesized import SynthesizedStack

_NAMESPACED: Mapping[str, str] = {
    "kubernetes_config_map_v1": "/api/v1/namespaces/{namespace}/configmaps/{name}",
    "kubernetes_ingress_v1": "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}",
    "kubernetes_job_v1": "/apis/batch/v1/namespaces/{namespace}/jobs/{name}",
    "kubernetes_limit_range_v1": "/api/v1/namespaces/{namespace}/limitranges/{name}",
    "kubernetes_network_policy_v1": "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}",
    "kubernetes_pod_disruption_budget_v1": "/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{name}",
    "kubernetes_resource_quota_v1": "/api/v1/namespaces/{namespace}/resourcequotas/{name}",
    "kubernetes_role_binding_v1": "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings/{name}",
    "kubernetes_service_account_v1": "/api/v1/namespaces/{namespace}/serviceaccounts/{name}",
    "kubernetes_secret_v1": "/api/v1/namespaces/{namespace}/secrets/{name}",
}
_OF_THE_CLUSTER: Mapping[str, str] = {
    "kubernetes_namespace_v1": "/api/v1/namespaces/{name}",
    "kubernetes_storage_class_v1": "/apis/storage.k8s.io/v1/storageclasses/{name}",
}
_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.metadata\[0\]\.name\}")

#: Types in `platform` that are found otherwise: releases by their revisions.
RELEASES = "helm_release"


@dataclass(frozen=True)
class DeclaredObject:
    """An object that Terraform makes in the cluster."""

    address: str
    name: str
    namespace: str | None

    @property
    def terraform_type(self) -> str:
        """`kubernetes_secret_v1`."""
        return self.address.partition(".")[0]

    @property
    def import_id(self) -> str:
        """As `terraform import` wants it."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def path(self) -> str:
        """Where the Kubernetes API has it."""
        paths = {**_NAMESPACED, **_OF_THE_CLUSTER}
        return paths[self.terraform_type].format(namespace=self.namespace, name=self.name)


def declared_objects(stack: SynthesizedStack) -> list[DeclaredObject]:
    """All objects of the kinds that are looked for by name."""
    return [
        DeclaredObject(
            f"{kind}.{name}",
            _literal(stack, arguments["metadata"]["name"]),
            _literal(stack, arguments["metadata"]["namespace"]) if kind in _NAMESPACED else None,
        )
        for kind in sorted({*_NAMESPACED, *_OF_THE_CLUSTER})
        for name, arguments in stack.resources(kind).items()
    ]


def declared_releases(stack: SynthesizedStack) -> Iterator[DeclaredObject]:
    """The Helm releases."""
    for name, arguments in stack.resources(RELEASES).items():
        yield DeclaredObject(
            f"{RELEASES}.{name}", arguments["name"], _literal(stack, arguments.get("namespace", "default"))
        )


def _literal(stack: SynthesizedStack, text: Any) -> str:
    """A name, or the name that a reference to another object's leads to."""
    found = _REFERENCE.fullmatch(str(text))
    return _literal(stack, stack.resources(found[1])[found[2]]["metadata"]["name"]) if found else str(text)
