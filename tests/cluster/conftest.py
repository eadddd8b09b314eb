"""The API server that CLUSTER_KUBECONFIG names, and everything that a deploy to it needs; skipped where it is not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from constructs.airflow.charts import airflow_chart as chart
from constructs.settings.sections.airflow.chart import ChartSettings

from tests.availability import unavailable
from tests.cluster.environment import workspace
from tests.cluster.kubernetes_api import Kubeconfig, KubeconfigError, KubernetesApi
from tests.cluster.observation import NAMESPACE, inventory
from tests.cluster.stand_in import StandIn
from tests.cluster.trial import GIT_SECRET, Trial
from tests.emulator import Emulator
from tests.terraform.account import prepare_account
from tests.terraform.evolving import Evolving
from tests.terraform.toolchain import ROOT, MissingToolError, Toolchain
from tests.terraform.workspace import CommandError, Workspace

DAGS = {"repository": "https://github.com/example/airflow-dags.git", "branch": "main", "sub_path": "dags"}


@pytest.fixture(scope="module")
def kubeconfig() -> Kubeconfig:
    """Of a cluster that the tests may change."""
    named = os.environ.get("CLUSTER_KUBECONFIG")
    if not named:
        pytest.skip("CLUSTER_KUBECONFIG names no kubeconfig of a cluster that these tests may change.")
    try:
        return Kubeconfig.read(Path(named))
    except KubeconfigError as error:
        unavailable(str(error))


@pytest.fixture(scope="module")
def charts(kubeconfig: Kubeconfig) -> dict[str, str]:  # noqa: ARG001  # without a cluster nothing else is missing
    """`airflow.chart` of the environment's file."""
    folder = chart.find_chart(os.environ, ROOT)
    if folder is None:
        unavailable("The Airflow chart is not at hand: `make chart` fetches it, or AIRFLOW_CHART names its folder.")
    return {"source": str(folder), "load_balancer_controller_source": _controller_chart()}


def _controller_chart() -> str:
    named = os.environ.get("LOAD_BALANCER_CONTROLLER_CHART")
    if named:
        return str(ROOT / named)
    repository = ChartSettings().load_balancer_controller_source
    try:
        found = str(urllib3.request("GET", f"{repository}/index.yaml", timeout=10.0, retries=False).status)
    except urllib3.exceptions.HTTPError as error:
        found = type(error).__name__
    if found != "200":
        unavailable(
            f"The load balancer controller's chart is not at hand: LOAD_BALANCER_CONTROLLER_CHART names no folder of "
            f"it, and its repository doesn't answer ({found})."
        )
    return repository


@pytest.fixture(scope="module")
def toolchain(kubeconfig: Kubeconfig, tmp_path_factory: pytest.TempPathFactory) -> Toolchain:  # noqa: ARG001  # see charts
    """Terraform with all three providers."""
    if not (ROOT / "node_modules" / ".bin" / "cdktf").exists():
        unavailable("cdktf is not installed in node_modules/: `make setup` installs it.")
    try:
        found = Toolchain.find(os.environ)
    except MissingToolError as missing:
        unavailable(str(missing))
    folder = tmp_path_factory.mktemp("providers")
    probe = Workspace(found, folder, folder / "none.yaml", os.environ)
    probe.stack.mkdir(parents=True)
    content = json.dumps({"terraform": {"required_providers": found.required_providers("platform")}})
    (probe.stack / "main.tf.json").write_text(content, encoding="utf-8")
    try:
        probe.init()
    except CommandError as error:
        unavailable(f"Terraform's providers are not at hand. {' '.join(str(error).split())[-300:]}")
    return found


@pytest.fixture(scope="module")
def trial(
    kubeconfig: Kubeconfig, charts: dict[str, str], toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trial]:
    """The environment dev, with a private repository, deployed from nothing by one command."""
    folder = tmp_path_factory.mktemp("cluster")
    api = KubernetesApi(kubeconfig, folder)
    authority = folder / "authority.pem"
    authority.write_bytes(kubeconfig.authority)
    if api.find("namespaces", NAMESPACE):
        pytest.fail(f"The cluster has a namespace {NAMESPACE} already: these tests need one without.")
    cluster_before = inventory(api)
    log = folder / "calls.jsonl"
    with Emulator(log=log, eks_endpoint=kubeconfig.server, eks_ca_file=authority) as aws, StandIn(api) as stand_in:
        prepare_account(aws)
        dags = {**DAGS, "token_secret_name": GIT_SECRET}
        environment = workspace(toolchain, folder, aws.environment(), kubeconfig, charts, dags=dags)
        trial = Trial(Evolving(environment), aws, api, stand_in, [], cluster_before)
        trial.store_git_token("first-token-of-a-private-repository")
        trial.account_before = aws.inventory()
        environment.synth()
        trial.deploy_output = environment.cdktf("deploy", "infrastructure", "platform")
        yield trial
    api.close()
