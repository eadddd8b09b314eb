"""The life of the platform on a real Kubernetes API: deployed, changed, broken, repaired, destroyed, deployed again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.cluster.kubernetes_api import ApiError
from tests.cluster.observation import (
    NAMESPACE,
    changed,
    inventory,
    jobs,
    object_texts,
    refused_pods,
    release_texts,
    releases,
    secrets,
    statuses,
    templates,
    unready,
)
from tests.cluster.trial import APPLY, Trial, wait_for
from tests.security.secret_scan import leaks
from tests.terraform.account import secret_values
from tests.terraform.interruptions import applying, tainted
from tests.terraform.workspace import Workspace

pytestmark = pytest.mark.slow

#: Pods with Airflow in them.
AIRFLOW = {f"airflow-{name}" for name in ("api-server", "dag-processor", "scheduler", "triggerer", "worker")}
OTHERS = {"airflow-pgbouncer", "airflow-redis", "airflow-statsd"}
CONTROLLER = "aws-load-balancer-controller"

#: What Helm leaves of the controller's chart: it never deletes what lies in a chart's folder `crds`, nor does AWS's
#: own instruction. Nothing is stored under them.
DEFINITIONS = {
    "albtargetcontrolconfigs.elbv2.k8s.aws",
    "globalaccelerators.aga.k8s.aws",
    "ingressclassparams.elbv2.k8s.aws",
    "listenerruleconfigurations.gateway.k8s.aws",
    "loadbalancerconfigurations.gateway.k8s.aws",
    "targetgroupbindings.elbv2.k8s.aws",
    "targetgroupconfigurations.gateway.k8s.aws",
}

#: Secret -> workloads that use it, and so are restarted by its rotation.
ROTATIONS: dict[str, set[str]] = {
    "database": AIRFLOW | {"airflow-pgbouncer"},
    "redis": AIRFLOW | {"airflow-redis"},
    "api": AIRFLOW,
    "jwt": {"airflow-api-server", "airflow-scheduler"},
    "admin": set(),
}


def planned(workspace: Workspace) -> str:
    """The plan as JSON."""
    file = workspace.folder / f"again-{workspace.name}"
    workspace.terraform("plan", "-input=false", f"-out={file}")
    return workspace.terraform("show", "-json", str(file)).stdout


def time_of(text: str) -> datetime:
    """A time as Kubernetes writes it."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def made(what: dict[str, Any]) -> datetime:
    """When an object was made."""
    return time_of(what["metadata"]["creationTimestamp"])


class TestDeployed:
    def test_one_command_deploys_both_stacks(self, trial: Trial) -> None:
        """`cdktf deploy infrastructure platform` goes from nothing to an address, the first stack before the second."""
        output = trial.deploy_output
        assert re.search(r"Apply complete!.*Apply complete!", output, re.DOTALL)
        assert output.index("aws_eks_cluster.cluster: Creation") < output.index("kubernetes_namespace_v1.airflow: Crea")

    def test_the_second_plans_are_empty(self, trial: Trial) -> None:
        """Planning what was just deployed finds nothing to change in either stack (exit code 0)."""
        for workspace in (trial.infrastructure, trial.platform):
            plan = workspace.plan()
            assert plan.returncode == 0, plan.stdout

    def test_the_state_list_is_the_stack(self, trial: Trial) -> None:
        """The state lists exactly the addresses of the stack, and the other stack's outputs."""
        stack = SynthesizedStack.read(trial.platform.stack)
        kept = [address for address in stack.addresses if not address.startswith("ephemeral.")]
        assert set(trial.platform.addresses()) == {*kept, "data.terraform_remote_state.infrastructure"}

    def test_the_outputs_have_values(self, trial: Trial) -> None:
        """The address of the web UI is that of the load balancer, which the Ingress has got."""
        outputs = trial.platform.outputs()
        [ingress] = trial.api.items("ingresses", NAMESPACE)
        [balancer] = ingress["status"]["loadBalancer"]["ingress"]
        assert outputs["load_balancer_host_name"] == balancer["hostname"]
        assert outputs["airflow_url"] == f"http://{balancer['hostname']}"
        assert all(outputs.values()), outputs

    def test_every_secret_is_the_stored_one(self, trial: Trial) -> None:
        """The cluster's secrets hold what Secrets Manager holds, each in the form that its reader needs."""
        assert_secrets(trial)

    def test_no_secret_leaves_secrets_manager_but_for_the_clusters_secrets(self, trial: Trial) -> None:
        """States, plans, outputs, JSON, releases and objects hold no value in any encoding; a planted one is found."""
        values = {**secret_values(trial.aws), "the URL's": "//airflow:" + trial.stored()["database"]}
        texts = release_texts(trial.api) | object_texts(trial.api)
        for workspace in (trial.infrastructure, trial.platform):
            texts |= {
                f"state of {workspace.name}": workspace.state_file.read_text(encoding="utf-8"),
                f"plan of {workspace.name}": planned(workspace),
                f"outputs of {workspace.name}": workspace.terraform("output", "-json").stdout,
                f"JSON of {workspace.name}": SynthesizedStack.read(workspace.stack).text,
            }
        assert len(values) == 8
        assert leaks(values, texts) == []
        assert leaks(values, {"a secret": json.dumps(trial.api.items("secrets", NAMESPACE))})

    def test_all_pods_are_admitted_under_restricted(self, trial: Trial) -> None:
        """The namespace enforces PodSecurity `restricted`, refuses a pod without it, and has refused none of ours."""
        namespace = trial.api.find("namespaces", NAMESPACE)
        assert namespace
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
        bare = {"metadata": {"name": "bare"}, "spec": {"containers": [{"name": "bare", "image": "busybox"}]}}
        with pytest.raises(ApiError, match="violates PodSecurity"):
            trial.api.create("pods", bare, NAMESPACE)
        assert refused_pods(trial.api) == []

    def test_exactly_the_workloads_of_dev_are_ready(self, trial: Trial) -> None:
        """All components of the CeleryExecutor, nothing else, with every pod ready; the database job has succeeded."""
        assert templates(trial.api).keys() == {*AIRFLOW, *OTHERS, CONTROLLER}
        assert unready(trial.api) + unready(trial.api, "kube-system") == []
        assert {name: job["status"].get("succeeded") for name, job in jobs(trial.api).items()} == {
            "airflow-database": 1
        }

    def test_the_queue_has_the_only_volume(self, trial: Trial) -> None:
        """One claim, Redis', bound to a volume of the class gp3."""
        [claim] = trial.api.items("persistentvolumeclaims")
        assert claim["metadata"]["name"] == "redis-db-airflow-redis-0"
        assert (claim["status"]["phase"], claim["spec"]["storageClassName"]) == ("Bound", "gp3")


class TestChanged:
    def test_another_version_within_five_minutes(self, trial: Trial) -> None:
        """The database job is replaced before the release is upgraded; Redis and the controller stay as they are."""
        before, job, release = templates(trial.api), jobs(trial.api)["airflow-database"], len(releases(trial.api))
        trial.change(airflow={"version": "3.2.1"})
        after = jobs(trial.api)["airflow-database"]
        assert after["metadata"]["uid"] != job["metadata"]["uid"]
        assert made(after) - made(job) < timedelta(minutes=5)
        assert after["spec"]["template"]["spec"]["containers"][0]["image"].endswith(":3.2.1")
        assert changed(before, templates(trial.api)) == AIRFLOW
        assert statuses(trial.api)[f"airflow.v{release + 1}"] == "deployed"
        assert_settled(trial)

    @pytest.mark.parametrize("name", ROTATIONS)
    def test_a_rotation_restarts_the_pods_that_use_the_secret(self, trial: Trial, name: str) -> None:
        """A new revision is stored, reaches the cluster and replaces the pods that read it, and no others.

        Admin's is for the database job alone, which runs again.
        """
        before, job, stored = templates(trial.api), jobs(trial.api)["airflow-database"], trial.stored()
        trial.change(secrets={"revisions": {name: 2}})
        assert changed(stored, trial.stored()) == {name}
        assert_secrets(trial)
        assert changed(before, templates(trial.api)) == ROTATIONS[name]
        again = jobs(trial.api)["airflow-database"]["metadata"]["uid"] != job["metadata"]["uid"]
        assert again == (name == "admin")
        assert_settled(trial)

    def test_new_git_credentials_restart_what_reads_the_repository(self, trial: Trial) -> None:
        """The people's own token, written to Secrets Manager by them, is fetched when its revision is raised."""
        before = templates(trial.api)
        trial.store_git_token("second-token-of-a-private-repository")
        trial.change(airflow={"dags": {"credentials_revision": 2}})
        assert_secrets(trial)
        reading = {"airflow-dag-processor", "airflow-triggerer", "airflow-worker"}
        assert changed(before, templates(trial.api)) == reading
        assert_settled(trial)

    def test_a_second_fernet_key_is_known_before_anything_is_encrypted_with_it(self, trial: Trial) -> None:
        """All pods get both keys, newest first; then, and only then, a job encrypts everything with the new one."""
        before = templates(trial.api)
        trial.change(secrets={"fernet_keys": [2, 1]})
        assert_secrets(trial)
        assert changed(before, templates(trial.api)) == AIRFLOW
        job = jobs(trial.api)["airflow-fernet"]
        assert job["status"]["succeeded"] == 1
        pods = [
            pod for pod in trial.api.items("pods", NAMESPACE) if pod["metadata"]["name"].rsplit("-", 2)[0] in AIRFLOW
        ]
        assert len(pods) == len(AIRFLOW)
        assert max(made(pod) for pod in pods) <= made(job)
        assert_settled(trial)

    def test_the_first_fernet_key_goes_in_the_end(self, trial: Trial) -> None:
        """With the new key alone the job is gone, and all pods are replaced once more."""
        before = templates(trial.api)
        trial.change(secrets={"fernet_keys": [2]})
        assert "fernet-1" not in trial.stored()
        assert_secrets(trial)
        assert changed(before, templates(trial.api)) == AIRFLOW
        assert jobs(trial.api).keys() == {"airflow-database"}
        assert_settled(trial)


class TestRedisVolume:
    def test_the_file_alone_can_not_enlarge_it(self, trial: Trial) -> None:
        """Kubernetes refuses another size in the StatefulSet's template; Redis and its volume stay as they are."""
        before = redis_pod(trial)["metadata"]["uid"], redis_claim(trial)["spec"]
        trial.evolving.edit(airflow={"components": {"redis": {"volume_size_gib": 5}}})
        apply = trial.platform.terraform(*APPLY, check=False)
        assert apply.returncode == 1
        assert "updates to statefulset spec for fields other than" in " ".join(apply.stdout.split())
        assert (redis_pod(trial)["metadata"]["uid"], redis_claim(trial)["spec"]) == before

    def test_it_grows_under_the_queue(self, trial: Trial) -> None:
        """As docs/nodes.md says: the claim grows, the StatefulSet goes alone, a deploy makes it around the pod."""
        api = trial.api
        pod, claim = redis_pod(trial), redis_claim(trial)
        api.merge("persistentvolumeclaims", claim, {"spec": {"resources": {"requests": {"storage": "5Gi"}}}})
        wait_for(lambda: redis_claim(trial)["status"]["capacity"]["storage"] == "5Gi")
        kept = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}}
        [stateful_set] = [
            it for it in api.items("statefulsets", NAMESPACE) if it["metadata"]["name"] == "airflow-redis"
        ]
        api.merge("statefulsets", stateful_set, {"spec": kept})
        api.delete("statefulsets", stateful_set, orphan=True)
        wait_for(lambda: api.find("statefulsets", "airflow-redis", NAMESPACE) is None)
        trial.platform.terraform(*APPLY)
        assert_settled(trial)
        anew = api.find("statefulsets", "airflow-redis", NAMESPACE)
        assert anew
        assert anew["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] == "5Gi"
        assert anew["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] == "Delete"
        assert redis_claim(trial)["metadata"]["uid"] == claim["metadata"]["uid"]
        assert redis_pod(trial)["metadata"]["uid"] == pod["metadata"]["uid"]


class TestFailingMigration:
    def test_the_release_stays_untouched(self, trial: Trial) -> None:
        """The apply fails on the job, which is tainted; the release is what it was, with all pods ready."""
        if trial.stand_in.kubelets is None:
            pytest.skip("The cluster's own nodes can't be told to let a job fail.")
        before, revisions = templates(trial.api), statuses(trial.api)
        trial.evolving.edit(airflow={"image": {"repository": "example.com/airflow", "tag": "3.2.1-fails"}})
        apply = trial.platform.terraform(*APPLY, check=False)
        assert apply.returncode == 1
        assert "kubernetes_job_v1.database" in apply.stdout
        assert tainted(trial.platform) == {"kubernetes_job_v1.database"}
        assert (templates(trial.api), statuses(trial.api)) == (before, revisions)
        assert unready(trial.api) == []

    def test_the_repaired_one_converges(self, trial: Trial) -> None:
        """With an image that migrates, the job is replaced and the release follows."""
        trial.change(airflow={"image": {"repository": "example.com/airflow", "tag": "3.2.1-repaired"}})
        for template in (text for name, text in templates(trial.api).items() if name in AIRFLOW):
            assert '"example.com/airflow:3.2.1-repaired"' in template
        assert_settled(trial)


class TestDestroyed:
    def test_nothing_is_left_of_the_platform(self, trial: Trial) -> None:
        """Balancer, volume and namespace go before Terraform or soon after; the controller's definitions stay."""
        trial.platform.terraform("destroy", "-auto-approve", "-input=false")
        wait_for(lambda: not trial.api.items("persistentvolumes"))
        assert_only_definitions_left(trial)
        assert trial.platform.addresses() == []


class TestDeployedAgain:
    def test_a_kill_in_the_first_install_blocks_the_next_apply(self, trial: Trial) -> None:
        """Killed while pods start, the release is pending and unknown to the state: its name is in use."""
        with applying(trial.platform) as apply:
            wait_for(lambda: statuses(trial.api).get("airflow.v1") == "pending-install", 120)
            apply.kill()
        assert "helm_release.airflow" not in trial.platform.addresses()
        again = trial.platform.terraform(*APPLY, check=False)
        assert again.returncode == 1
        assert "cannot re-use a name that is still in use" in again.stdout

    def test_without_the_pending_revision_it_converges(self, trial: Trial) -> None:
        """With that revision's secret deleted, the next apply takes over what is there, under the names as before."""
        trial.api.delete("secrets", releases(trial.api)["airflow.v1"])
        trial.platform.terraform(*APPLY)
        assert statuses(trial.api) == {"airflow.v1": "deployed"}
        assert templates(trial.api).keys() == {*AIRFLOW, *OTHERS, CONTROLLER}
        assert_secrets(trial)
        assert_settled(trial)
        assert trial.infrastructure.plan().returncode == 0

    def test_one_command_destroys_both_stacks(self, trial: Trial) -> None:
        """`cdktf destroy` takes the platform first; cluster and account are as they were."""
        output = trial.platform.cdktf("destroy", "infrastructure", "platform")
        assert output.index("kubernetes_namespace_v1.airflow: Destruction") < output.index(
            "aws_eks_cluster.cluster: De"
        )
        wait_for(lambda: not trial.api.items("persistentvolumes"))
        assert_only_definitions_left(trial)
        assert trial.aws.inventory() == trial.account_before

    def test_the_stand_in_had_no_trouble(self, trial: Trial) -> None:
        """Whatever stood in for nodes and cloud did its work to the end; the AWS endpoint knew every call."""
        assert trial.stand_in.troubles == []
        assert [call for call in trial.aws.calls() if call.status == 501] == []


def redis_pod(trial: Trial) -> dict[str, Any]:
    """The pod of the queue."""
    pod = trial.api.find("pods", "airflow-redis-0", NAMESPACE)
    assert pod
    return pod


def redis_claim(trial: Trial) -> dict[str, Any]:
    """The claim of its volume."""
    claim = trial.api.find("persistentvolumeclaims", "redis-db-airflow-redis-0", NAMESPACE)
    assert claim
    return claim


def assert_secrets(trial: Trial) -> None:
    """The cluster's secrets are those stored; the text of pgbouncer.ini is other tests' subject."""
    found = secrets(trial.api)
    ini = found["airflow-ext-pgbouncer"].pop("pgbouncer.ini")
    assert trial.infrastructure.outputs()["database_host"] in ini
    assert found == trial.expected_secrets()


def assert_settled(trial: Trial) -> None:
    """Everything is ready, no pod was refused, and there is nothing left to do."""
    assert unready(trial.api) == []
    assert refused_pods(trial.api) == []
    plan = trial.platform.plan()
    assert plan.returncode == 0, plan.stdout


def assert_only_definitions_left(trial: Trial) -> None:
    """What is more in the cluster than before are the controller's definitions, with an API version each."""
    now, before = set(inventory(trial.api)), set(trial.cluster_before)
    definitions = {f"customresourcedefinitions /{name}" for name in DEFINITIONS}
    assert now >= before | definitions
    groups = {name.partition(".")[2] for name in DEFINITIONS}
    more = {line for line in now - before - definitions if line.split("/v")[-1].partition(".")[2] not in groups}
    assert more == set()
