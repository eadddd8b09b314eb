"""`python -m ops` on a real Kubernetes API: deployed, killed, recovered, destroyed, with the states in S3."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.availability import unavailable
from tests.bootstrap.sufficiency import refused
from tests.cluster.airflow_health import HEALTH, airflow_health, own_address
from tests.cluster.clearing import clear, deletable
from tests.cluster.kubernetes_api import Kubeconfig
from tests.cluster.logins import ADMINISTRATOR, STRANGER
from tests.cluster.observation import NAMESPACE, inventory, refused_pods, secrets, statuses, unready
from tests.cluster.operated import OperatedPlatform, operated_platform
from tests.cluster.trial import wait_for
from tests.documented import shows
from tests.security.secret_scan import leaks
from tests.terraform.account import client, secret_values
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

PLATFORM = ("--stack", "platform")
DEPLOY = ("deploy", "--yes", "--skip-preflight")
DESTROY = ("destroy", "--confirm", "dev")
QUICK = {"TF_CLI_ARGS_apply": "-parallelism=60"}
#: Terraform writes a state in S3 every 20 seconds; how far a deploy has come by then depends on the machine.
SELDOM_WRITTEN = {"TF_STATE_PERSIST_INTERVAL": "600"}

#: Named at random, by a number that each upgrade raises, or there for a while only.
_PASSING = re.compile(
    r"(pods|replicasets|controllerrevisions|persistentvolumes|ipaddresses|apiservices|\w+webhookconfigurations) "
    r"|secrets \S+/sh\.helm\.release\."
)


@pytest.fixture(scope="module")
def operated(
    kubeconfig: Kubeconfig, charts: dict[str, str], toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatedPlatform]:
    """The environment dev, of which nothing exists yet; afterwards the cluster is as it was."""
    with operated_platform(toolchain, tmp_path_factory.mktemp("operated"), kubeconfig, charts) as platform:
        if platform.api.find("namespaces", NAMESPACE):
            pytest.fail(f"The cluster has a namespace {NAMESPACE} already: these tests need one without.")
        before = set(deletable(platform.api))
        try:
            yield platform
        finally:
            clear(platform.api, before)
        assert platform.stand_in.troubles == []


def ops(operated: OperatedPlatform, *arguments: str) -> tuple[int, str]:
    """Exit code and output of a command, which never shows a traceback."""
    done = operated.commands.ops(*arguments, variables=QUICK)
    assert "Traceback" not in done.stdout, done.stdout
    return done.returncode, done.stdout


def succeed(operated: OperatedPlatform, *arguments: str) -> str:
    """Output of a command that ends with 0."""
    code, said = ops(operated, *arguments)
    assert code == 0, said
    return said


def kill_while(operated: OperatedPlatform, status: str) -> None:
    """Kill a deploy of `platform`, all of it, while Helm's newest revision of Airflow has that status."""
    with operated.commands.running(*DEPLOY, *PLATFORM, variables=QUICK | SELDOM_WRITTEN) as deploy:
        wait_for(lambda: status in statuses(operated.api).values(), 240)
        deploy.kill()


def lasting(operated: OperatedPlatform) -> set[str]:
    """What is in the cluster under names that every deploy gives."""
    return {line for line in inventory(operated.api) if not _PASSING.match(line)}


def assert_settled(operated: OperatedPlatform) -> None:
    """All pods are there and ready; another deploy of `platform` finds nothing to do; no secret is in a state."""
    assert unready(operated.api) == []
    assert refused_pods(operated.api) == []
    assert re.search(r"^platform +unchanged", succeed(operated, *DEPLOY, *PLATFORM), re.MULTILINE)
    assert_no_secret_in_states(operated)


def assert_no_secret_in_states(operated: OperatedPlatform) -> None:
    """Neither state holds the value of a secret."""
    states = {
        stack: operated.platform.of(stack).terraform("state", "pull").stdout for stack in ("infrastructure", "platform")
    }
    assert leaks(secret_values(operated.aws), states) == []


class TestDeployed:
    made: set[str] = set()  # noqa: RUF012  # what the first deploy has made, for the later ones
    calls = 0  #: how many it took

    def test_deploy_brings_both_stacks_up(self, operated: OperatedPlatform) -> None:
        """From nothing, in order, with progress, the slowest resources, and what is next (exit code 0)."""
        said = succeed(operated, *DEPLOY)
        assert said.index("infrastructure: 112 to add") < said.index("platform: 29 to add")
        assert "in work: " in said
        assert re.search(r"^infrastructure +changed +112 of 112 .* aws_db_instance.metadata", said, re.MULTILINE)
        assert re.search(r"^platform +changed +29 of 29 .* helm_release.airflow", said, re.MULTILINE)
        assert "Next: python -m ops status" in said
        TestDeployed.made |= lasting(operated)
        TestDeployed.calls = operated.roles.calls

    def test_the_role_for_planning_suffices(self, operated: OperatedPlatform) -> None:
        """What the workflow's plan of both stacks calls is allowed by its policies, reading secrets among it."""
        before = operated.roles.calls
        said = succeed(operated, "plan")
        assert re.search(r"^platform +0 +0 +0 +0 +0", said, re.MULTILINE), said
        asked = operated.roles.asked(since=before)
        assert "secretsmanager:GetSecretValue" in {request.action for _, request in asked}
        assert refused(operated.roles.policies("plan"), asked) == []

    def test_deploy_again_has_nothing_to_do(self, operated: OperatedPlatform) -> None:
        """Both stacks are unchanged, and nothing is left to repair."""
        said = succeed(operated, *DEPLOY)
        assert re.search(r"^infrastructure +unchanged", said, re.MULTILINE)
        assert_settled(operated)
        assert "platform: nothing to repair." in succeed(operated, "recover", "--yes", *PLATFORM)

    def test_status_shows_the_release_and_what_airflow_says(self, operated: OperatedPlatform) -> None:
        """Airflow is asked through the Kubernetes API, by the api-server's service."""
        if operated.stand_in.kubelets is None:
            pytest.skip("The cluster's own nodes can't be told to give a pod this machine's address.")
        address = own_address()
        operated.stand_in.kubelets.own_addresses["api-server"] = address
        for pod in operated.api.items("pods", NAMESPACE):
            if pod["metadata"]["labels"].get("component") == "api-server":
                operated.api.delete("pods", pod)
        wait_for(lambda: unready(operated.api) == [])
        with airflow_health(address):
            said = succeed(operated, "status")
            document = json.loads(re.sub(r"(?m)^\.\.\. .*\n", "", succeed(operated, "status", "--json")))
        shows("status-platform", said)
        assert document["health"] == {name: part["status"] for name, part in HEALTH.items()}

    def test_url_and_password_and_kubeconfig(self, operated: OperatedPlatform, tmp_path: Path) -> None:
        """The address is the balancer's, the password the stored one; kubectl gets in by the written context."""
        kubectl = shutil.which("kubectl")
        if not kubectl or not shutil.which("aws"):
            unavailable("kubectl or the AWS CLI is not on PATH.")
        [ingress] = operated.api.items("ingresses", NAMESPACE)
        [balancer] = ingress["status"]["loadBalancer"]["ingress"]
        assert succeed(operated, "url").strip() == f"http://{balancer['hostname']}"
        stored = client(operated.aws, "secretsmanager").get_secret_value(SecretId="airflow-dev/admin")["SecretString"]
        assert succeed(operated, "password").strip() == stored
        file = tmp_path / "kubeconfig"
        succeed(operated, "kubeconfig", "--kubeconfig", str(file))
        pods = operated.platform.run(kubectl, "--kubeconfig", str(file), "get", "pods", "--namespace", NAMESPACE)
        assert "airflow-api-server" in pods.stdout


class TestStranger:
    @pytest.mark.parametrize("command", [("status",), (*DEPLOY, *PLATFORM), (*DESTROY, *PLATFORM)], ids=lambda c: c[0])
    def test_whom_the_cluster_does_not_let_in_is_told(
        self, operated: OperatedPlatform, command: tuple[str, ...]
    ) -> None:
        """What was refused, and who may: nothing is deployed or destroyed (1); status shows all the rest (0)."""
        before = lasting(operated)
        operated.log_in(STRANGER)
        try:
            code, said = ops(operated, *command)
        finally:
            operated.log_in(ADMINISTRATOR)
        assert code == (0 if command == ("status",) else 1), said
        assert "403 secrets is forbidden" in said
        assert "Fix: call as one of cluster.administrators of the environment file" in said
        assert "--abandon-platform" not in said
        assert lasting(operated) == before


class TestWaiting:
    def test_destroy_waits_for_volumes_and_balancers(self, operated: OperatedPlatform) -> None:
        """With the platform gone and its volume not, the infrastructure stays; Ctrl-C ends the waiting (130)."""
        operated.account.keep_volumes = True
        with operated.commands.running(*DESTROY) as destroy:
            destroy.wait_for_output("Waiting for 1 volumes and load balancers to be gone", 240)
            destroy.interrupt()
            assert destroy.wait() == 130, destroy.output
        operated.account.keep_volumes = False
        assert "platform: destroyed, 29 objects" in destroy.output
        assert operated.platform.addresses() == []
        assert "aws_eks_cluster.cluster" in operated.platform.of("infrastructure").addresses()
        wait_for(lambda: not client(operated.aws, "ec2").describe_volumes()["Volumes"])


class TestFirstInstallKilled:
    def test_deploy_refuses_and_status_shows_the_pending_release(self, operated: OperatedPlatform) -> None:
        """Killed before Terraform's first writing nothing is in the state; the holder of its lock has ended."""
        kill_while(operated, "pending-install")
        code, said = ops(operated, *DEPLOY, *PLATFORM)
        assert code == 3, said
        assert "of this machine has ended" in said
        assert "Release airflow: revision 1, pending-install" in succeed(operated, "status")

    def test_recover_imports_what_is_safe_and_removes_the_rest(self, operated: OperatedPlatform) -> None:
        """Secrets and the pending revision are deleted and never imported; the other objects are found by name."""
        said = succeed(operated, "recover", "--yes", *PLATFORM)
        assert "revision 1 of the release airflow: deleted (airflow/sh.helm.release.v1.airflow.v1)" in said
        assert "kubernetes_secret_v1.jwt: deleted (airflow/airflow-ext-jwt)" in said
        assert "kubernetes_namespace_v1.airflow: imported" in said
        assert statuses(operated.api) == {}
        assert secrets(operated.api) == {}
        recorded = operated.platform.addresses()
        assert "kubernetes_storage_class_v1.gp3" in recorded
        assert not [address for address in recorded if address.startswith("kubernetes_secret_v1.")]
        assert_no_secret_in_states(operated)

    def test_deploy_ends_as_an_undisturbed_one(self, operated: OperatedPlatform) -> None:
        """The same objects under the same names, nothing twice, the secrets as they are stored."""
        succeed(operated, *DEPLOY, *PLATFORM)
        assert lasting(operated) == TestDeployed.made
        assert statuses(operated.api) == {"airflow.v1": "deployed"}
        jwt = client(operated.aws, "secretsmanager").get_secret_value(SecretId="airflow-dev/jwt")["SecretString"]
        assert secrets(operated.api)["airflow-ext-jwt"] == {"jwt-secret": jwt}
        assert_settled(operated)


class TestUpgradeKilled:
    def test_recover_deletes_the_pending_revision(self, operated: OperatedPlatform) -> None:
        """Helm goes on from the revision before, and the next deploy upgrades."""
        operated.evolving.edit(airflow={"dags": {"sub_path": "elsewhere"}})
        kill_while(operated, "pending-upgrade")
        assert ops(operated, *DEPLOY, *PLATFORM)[0] == 3
        said = succeed(operated, "recover", "--yes", *PLATFORM)
        shows("recover-pending-release", said)
        assert statuses(operated.api) == {"airflow.v1": "deployed"}
        succeed(operated, *DEPLOY, *PLATFORM)
        assert statuses(operated.api) == {"airflow.v1": "superseded", "airflow.v2": "deployed"}
        assert_settled(operated)


class TestFailedJob:
    def test_the_failed_job_is_explained(self, operated: OperatedPlatform) -> None:
        """Deploy says what failed (1) and leaves the release; status and recover say where the reason stands."""
        if operated.stand_in.kubelets is None:
            pytest.skip("The cluster's own nodes can't be told to let a job fail.")
        operated.evolving.edit(airflow={"image": {"repository": "example.com/airflow", "tag": "3.3.2-fails"}})
        code, said = ops(operated, *DEPLOY, *PLATFORM)
        assert code == 1, said
        assert "kubernetes_job_v1.database: job: airflow/airflow-database is in failed state" in said
        assert "kubectl logs --namespace airflow job/airflow-database" in succeed(operated, "status")
        shows("recover-failed-job", succeed(operated, "recover", "--yes", *PLATFORM))
        assert statuses(operated.api)["airflow.v2"] == "deployed"

    def test_the_repaired_one_converges(self, operated: OperatedPlatform) -> None:
        """With an image that migrates the job is replaced and the release follows."""
        operated.evolving.edit(airflow={"image": {"repository": "example.com/airflow", "tag": "3.3.2-repaired"}})
        succeed(operated, *DEPLOY, *PLATFORM)
        assert_settled(operated)


class TestWorkflowRoles:
    def test_the_role_for_applying_suffices(self, operated: OperatedPlatform) -> None:
        """Every call since both stacks were there, of each command above, is allowed by the role's policies.

        The first deploy made roles without the boundary that a section `delivery` gives; infrastructure with it is
        tests/terraform/test_cycle_prod.py's. What follows here, a cluster that is gone and what it has left, is for
        people with wider rights (docs/delivery.md).
        """
        assert TestDeployed.calls > 500
        asked = operated.roles.asked(since=TestDeployed.calls)
        assert len(asked) > 500
        assert refused(operated.roles.policies("apply"), asked) == []


class TestClusterGone:
    def test_every_command_says_that_it_is_not_reached(self, operated: OperatedPlatform) -> None:
        """Deploy and destroy do nothing (4) and say what to do, recover does what needs no cluster (4); status shows
        what AWS and the states say (0).
        """
        operated.relay.cut()
        said = ""
        for command, expected in (("status",), 0), ((*DEPLOY, *PLATFORM), 4), (("recover",), 4), (DESTROY, 4):
            code, said = ops(operated, *command)
            assert code == expected, said
            assert "was not reached from here" in said
        assert "if the cluster is gone for good: python -m ops destroy --abandon-platform" in said
        assert "helm_release.airflow" in operated.platform.addresses()

    def test_the_platform_is_abandoned_by_the_typed_name_only(self, operated: OperatedPlatform) -> None:
        """Another name than the environment's is refused (2)."""
        code, said = ops(operated, "destroy", "--confirm", "prod", "--abandon-platform")
        assert (code, "Nothing was destroyed" in said) == (2, True), said
        assert "helm_release.airflow" in operated.platform.addresses()

    def test_what_the_cluster_left_is_swept(self, operated: OperatedPlatform) -> None:
        """Its balancer keeps the network (3); with --sweep balancer and volume go, too; run again, nothing is left."""
        code, said = ops(operated, *DESTROY, "--abandon-platform")
        assert code == 3, said
        assert "The cluster has left 1 load balancers" in said
        assert [address for address in operated.platform.addresses() if not address.startswith("data.")] == []
        succeed(operated, *DESTROY, "--abandon-platform", "--sweep")
        assert not client(operated.aws, "ec2").describe_volumes()["Volumes"]
        assert not client(operated.aws, "elbv2").describe_load_balancers()["LoadBalancers"]
        assert [line for line in operated.aws.inventory() if "airflow-dev" in line] == []
        assert "nothing was recorded" in succeed(operated, *DESTROY)
