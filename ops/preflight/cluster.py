"""The cluster, where there is one: its version, and whether it is reached from here."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError, OperationError, UnreachableError
from ops.console.pages import Page
from ops.preflight.check import Check, not_yet, ok, problem
from ops.preflight.offered import judge_kubernetes, kubernetes_versions
from ops.preflight.rollback import check_rollback
from ops.stack_clients.kubernetes import Kubernetes

VERSION, ENDPOINT = "Kubernetes version", "Kubernetes API"

DEPLOY = "python -m ops deploy --stack infrastructure"
NOT_FROM_HERE = "it is not reached from here"


def describe(aws: Aws, name: str) -> Mapping[str, Any] | None:
    """The cluster as EKS describes it; None where there is none.

    Raises:
        OperationError: AWS can't be asked.
    """
    try:
        with readable(f"look at the cluster {name}"):
            found: Mapping[str, Any] = aws.client("eks").describe_cluster(name=name)["cluster"]
    except NotFoundError:
        return None
    return found


def check_version(environment: Environment, cluster: Mapping[str, Any] | None, aws: Aws) -> Check:
    """Whether the file asks for the version that runs, the next one, or the one before that EKS goes back to.

    Raises:
        OperationError: EKS doesn't say what it has, or whether it goes back.
    """
    wanted = environment.cluster.kubernetes_version
    if cluster is None:
        check = not_yet(VERSION, f"{wanted} is installed by the first deploy")
        return judge_kubernetes(check, environment, kubernetes_versions(aws), there_is_one=False)
    runs = str(cluster["version"])
    step = _minor(wanted) - _minor(runs)
    if step in (0, 1):
        check = ok(VERSION, runs if step == 0 else f"{runs}, upgraded to {wanted}")
        return judge_kubernetes(check, environment, kubernetes_versions(aws), there_is_one=step == 0)
    next_one = f"1.{_minor(runs) + 1}"
    if step == -1:
        return check_rollback(aws, environment, cluster, VERSION)
    if step < 0:
        fix = f'set cluster.kubernetes_version: "{runs}"'
        detail = f"{runs} runs and the file says {wanted}: EKS goes back one minor version at most"
        return problem(VERSION, detail, fix, Page.KUBERNETES)
    fix = f'set cluster.kubernetes_version: "{next_one}", deploy, and go on from there'
    return problem(
        VERSION, f"{runs} runs and the file says {wanted}: EKS goes one minor version at a time", fix, Page.KUBERNETES
    )


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def check_endpoint(environment: Environment, cluster: Mapping[str, Any] | None, *, changed_first: bool) -> Check:
    """Whether the Kubernetes API answers here. Who isn't logged in gets an answer too: that one is enough.

    `changed_first`: infrastructure is deployed before the cluster is needed, with it whom the API lets in.
    """
    endpoint = environment.cluster.endpoint
    if cluster is None or not cluster.get("endpoint"):
        who = ", ".join(endpoint.public_access_cidrs) or "the cluster's VPC only"
        return not_yet(ENDPOINT, f"there is no cluster yet; it will answer {who}: be there to deploy platform")
    authority = base64.b64decode(cluster.get("certificateAuthority", {}).get("data", "")).decode("utf-8", "replace")
    try:
        Kubernetes(str(cluster["endpoint"]).rstrip("/"), authority, "").version()
    except UnreachableError as unreachable:
        return _unreachable(environment, cluster, unreachable, changed_first=changed_first)
    except OperationError:
        pass  # 401 or 403: it answers
    return ok(ENDPOINT, f"{cluster['endpoint']} answers")


def _unreachable(
    environment: Environment, cluster: Mapping[str, Any], unreachable: UnreachableError, *, changed_first: bool
) -> Check:
    endpoint, network = environment.cluster.endpoint, cluster.get("resourcesVpcConfig", {})
    wanted = set(endpoint.public_access_cidrs) if endpoint.public_access else set()
    deployed = set(network.get("publicAccessCidrs", ())) if network.get("endpointPublicAccess") else set()
    if wanted != deployed:
        who = ", ".join(sorted(wanted)) or "the cluster's VPC only"
        if changed_first:
            return not_yet(ENDPOINT, f"{NOT_FROM_HERE}; the deploy of infrastructure changes who is let in: {who}")
        detail = f"{unreachable.message}; the file lets in others than the cluster does: {who}"
        return problem(ENDPOINT, detail, DEPLOY, Page.PRIVATE_ENDPOINT)
    if endpoint.public_access:
        return problem(
            ENDPOINT, unreachable.message, f"{unreachable.fix}; once the file is changed: {DEPLOY}", unreachable.page
        )
    fix = (
        "go where the cluster's VPC is reached (VPN, a runner inside), or set endpoint.public_access: true with your "
        f"address in endpoint.public_access_cidrs, and {DEPLOY}"
    )
    return problem(ENDPOINT, f"{unreachable.message}; it is private", fix, unreachable.page)
