"""Where `make demo` deploys to: a local AWS endpoint, and a cluster if one is given."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from constructs.airflow.charts.airflow_chart import ChartError, find_chart

from tests.cluster.environment import workspace
from tests.cluster.kubernetes_api import Kubeconfig, KubernetesApi
from tests.cluster.stand_in import StandIn
from tests.emulator import Emulator
from tests.terraform.account import prepare_account
from tests.terraform.toolchain import ROOT, Toolchain
from tests.terraform.workspace import Workspace

#: Names a kubeconfig of a cluster that the demo may fill and empty.
KUBECONFIG = "CLUSTER_KUBECONFIG"
CONTROLLER_CHART = "LOAD_BALANCER_CONTROLLER_CHART"


@dataclass(frozen=True)
class Place:
    """An account, and the environment dev ready to be deployed there."""

    workspace: Workspace
    aws: Emulator
    stacks: Sequence[str]
    """Those that can be deployed there."""


@contextmanager
def place(toolchain: Toolchain, folder: Path) -> Iterator[Place]:
    """An empty local account for the length of the block; with the cluster that is given, its EKS cluster is that one.

    Raises:
        KubeconfigError: the kubeconfig that is named is none.
        ChartError: there is a cluster, and no chart to release on it.
    """
    named = os.environ.get(KUBECONFIG)
    if not named:
        with Emulator() as aws:
            prepare_account(aws)
            file = ROOT / "environments" / "dev.yaml"
            yield Place(Workspace(toolchain, folder, file, aws.environment()), aws, ["infrastructure"])
        return
    chart = find_chart(os.environ, ROOT)
    if chart is None:
        raise ChartError(f"{KUBECONFIG} is set, and the Airflow chart is not at hand: `make chart`, or AIRFLOW_CHART.")
    sources = {"source": str(chart)}
    if controller := os.environ.get(CONTROLLER_CHART):
        sources["load_balancer_controller_source"] = controller
    kubeconfig = Kubeconfig.read(Path(named))
    api = KubernetesApi(kubeconfig, folder)
    authority = folder / "authority.pem"
    authority.write_bytes(kubeconfig.authority)
    with Emulator(eks_endpoint=kubeconfig.server, eks_ca_file=authority) as aws, StandIn(api):
        prepare_account(aws)
        environment = workspace(toolchain, folder, aws.environment(), kubeconfig, sources)
        yield Place(environment, aws, ["infrastructure", "platform"])
    api.close()
