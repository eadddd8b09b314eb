"""The stack `platform` of the shipped environments: what reviewers would look for in its JSON."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.airflow.web.ingress import SSL_POLICY
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from ops.recovery.declared_objects import declared_objects
from tests.security.secret_scan import looks_secret
from tests.synth.environments import NAMES, read, texts
from tests.terraform.workspace import environment_file

#: Public, and as random to look at as a secret.
CERTIFICATE = "-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----"

OUTPUT = re.compile(r"data\.terraform_remote_state\.infrastructure\.outputs\.(\w+)")


def values(platform: SynthesizedStack) -> dict[str, Any]:
    """What the release of Airflow is told."""
    [text] = platform.resources("helm_release")["airflow"]["values"]
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def balancer_annotations(platform: SynthesizedStack) -> dict[str, str]:
    """What the load balancer controller is told, without its prefix."""
    found = platform.resources("kubernetes_ingress_v1")["airflow"]["metadata"]["annotations"]
    return {key.removeprefix("alb.ingress.kubernetes.io/"): text for key, text in found.items()}


class TestContract:
    @pytest.mark.parametrize("name", NAMES)
    def test_reads_only_what_is_published(self, outdirs: dict[str, Path], name: str) -> None:
        """Every output that is read is one that `infrastructure` has; there is no other way from one to the other."""
        platform, published = read(outdirs[name], "platform"), read(outdirs[name]).document["output"]
        used = set(OUTPUT.findall(platform.text))
        assert used >= {"cluster_name", "cluster_endpoint", "database_host", "log_bucket", "fernet_secret_arns"}
        assert used <= set(published)
        assert set(platform.document["data"]) == {"terraform_remote_state"}
        assert "cross-stack-output" not in platform.text

    @pytest.mark.parametrize("name", NAMES)
    def test_comes_after_infrastructure(self, outdirs: dict[str, Path], name: str) -> None:
        """A deploy of both begins with `infrastructure`, a destroy ends with it."""
        stacks = yaml.safe_load((outdirs[name] / "manifest.json").read_text())["stacks"]
        assert stacks["platform"]["dependencies"] == ["infrastructure"]
        assert stacks["infrastructure"]["dependencies"] == []

    @pytest.mark.parametrize("name", NAMES)
    def test_reads_the_state_that_infrastructure_writes(self, outdirs: dict[str, Path], name: str) -> None:
        """Both name one state, a file or an object; each has a state of its own."""
        platform, infrastructure = read(outdirs[name], "platform"), read(outdirs[name])
        state = platform.document["data"]["terraform_remote_state"]["infrastructure"]
        [(kind, written)] = infrastructure.document["terraform"]["backend"].items()
        place = "path" if kind == "local" else "key"
        assert state["backend"] == kind
        assert state["config"][place] == written[place]
        assert platform.document["terraform"]["backend"][kind][place] != written[place]


class TestProviders:
    def test_are_configured_from_the_outputs_alone(self, platform: SynthesizedStack) -> None:
        """Address and certificate authority of the cluster are what `infrastructure` has published."""
        [kubernetes], [helm] = platform.document["provider"]["kubernetes"], platform.document["provider"]["helm"]
        for provider in (kubernetes, helm["kubernetes"]):
            assert OUTPUT.findall(provider["host"]) == ["cluster_endpoint"]
            assert OUTPUT.findall(provider["cluster_ca_certificate"]) == ["cluster_certificate_authority"]
            assert set(provider) == {"host", "cluster_ca_certificate", "exec"}

    def test_get_a_token_when_they_need_one(self, platform: SynthesizedStack) -> None:
        """By the AWS CLI, so that none is stored and none is too old in a long apply."""
        [kubernetes], [helm] = platform.document["provider"]["kubernetes"], platform.document["provider"]["helm"]
        [login] = kubernetes["exec"]
        assert login == helm["kubernetes"]["exec"]
        assert login["command"] == "aws"
        assert login["args"][:3] == ["eks", "get-token", "--cluster-name"]

    def test_guard_the_account(self, platform: SynthesizedStack) -> None:
        """Secrets are read in the environment's account only."""
        [aws] = platform.document["provider"]["aws"]
        assert aws["allowed_account_ids"] == ["111122223333"]


class TestNoSecret:
    def test_in_the_json(self, platform: SynthesizedStack) -> None:
        """Nothing in it looks like a secret: no password, key, or URL with either."""
        assert looks_secret(re.sub(f"{CERTIFICATE}|{SSL_POLICY}", "", platform.text)) == []

    def test_in_the_values(self, platform: SynthesizedStack) -> None:
        """The chart is given names of Kubernetes secrets, never an expression that holds one."""
        assert [text for text in texts(values(platform)) if "ephemeral" in text] == []

    def test_every_named_secret_is_made_here(self, platform: SynthesizedStack) -> None:
        """Each `airflow-ext-...` in the values is a secret or config map of this stack."""
        objects = (
            *platform.resources("kubernetes_secret_v1").values(),
            *platform.resources("kubernetes_config_map_v1").values(),
        )
        made = {made["metadata"]["name"] for made in objects}
        named = {text for text in texts(values(platform)) if text.startswith("airflow-ext-")}
        assert len(named) >= 8
        assert named <= made


class TestRelease:
    def test_versions_are_pinned(self, platform: SynthesizedStack) -> None:
        """Charts by version, and Airflow's own version in both of the places where the chart looks for it."""
        release, controller = (
            platform.resources("helm_release")[name] for name in ("airflow", "load_balancer_controller")
        )
        assert (release["version"], controller["version"]) == ("1.22.0", "3.5.0")
        assert (values(platform)["airflowVersion"], values(platform)["defaultAirflowTag"]) == ("3.3.2", "3.3.2")

    def test_the_job_has_the_image_of_the_release(self, platform: SynthesizedStack) -> None:
        """What migrates is what will run."""
        [container] = platform.resources("kubernetes_job_v1")["database"]["spec"]["template"]["spec"]["container"]
        told = values(platform)
        assert container["image"] == f"apache/airflow:{told['defaultAirflowTag']}"
        assert told.get("defaultAirflowRepository", "apache/airflow") == "apache/airflow"
        assert "airflow" not in told["images"]

    def test_terraform_waits_for_the_pods(self, platform: SynthesizedStack) -> None:
        """An apply that ends well ends with a running Airflow; a failed one leaves what people need to look at."""
        release = platform.resources("helm_release")["airflow"]
        assert release["wait"] is True
        assert release["timeout"] >= 1200
        assert not release.get("atomic")

    def test_the_charts_jobs_are_off(self, platform: SynthesizedStack) -> None:
        """Neither the migration that can't be repeated nor the user admin with the password admin."""
        assert values(platform)["migrateDatabaseJob"]["enabled"] is False
        assert values(platform)["createUserJob"]["enabled"] is False

    def test_redis_has_the_only_volume(self, platform: SynthesizedStack) -> None:
        """Logs are in S3, so that only the queue is bound to a zone; its class is the encrypted one of this stack."""
        told = values(platform)
        assert told["redis"]["persistence"]["storageClassName"] == "gp3"
        assert platform.resources("kubernetes_storage_class_v1")["gp3"]["parameters"]["encrypted"] == "true"
        off = (told["workers"]["celery"], told["triggerer"], told["dags"])
        assert [component["persistence"]["enabled"] for component in off] == [False, False, False]


class TestWeb:
    def test_only_the_ranges_of_the_file_get_in(self, platform: SynthesizedStack) -> None:
        """Nothing is open to everybody."""
        assert balancer_annotations(platform)["inbound-cidrs"] == "203.0.113.0/24"

    def test_prod_is_encrypted(self, outdirs: dict[str, Path]) -> None:
        """A certificate, TLS 1.2 or 1.3, and port 80 leads to 443."""
        found = balancer_annotations(read(outdirs["prod"], "platform"))
        assert found["certificate-arn"].startswith("arn:aws:acm:eu-west-1:111122223333:certificate/")
        assert found["ssl-policy"].startswith("ELBSecurityPolicy-TLS13-1-2-")
        assert found["ssl-redirect"] == "443"

    def test_its_address_is_an_output(self, outdirs: dict[str, Path]) -> None:
        """The name that people type where there is one, else the balancer's own."""
        urls = {name: read(outdirs[name], "platform").document["output"]["airflow_url"]["value"] for name in NAMES}
        assert urls["prod"] == "https://airflow.example.com"
        assert re.fullmatch(r"http://\$\{kubernetes_ingress_v1\.airflow\.status.*hostname\}", urls["dev"])

    def test_airflow_trusts_the_balancers_subnets_only(self, platform: SynthesizedStack) -> None:
        """Whose word on protocol and client address is taken: the public subnets', in which the balancer stands."""
        variables = {variable["name"]: variable["value"] for variable in values(platform)["apiServer"]["env"]}
        trusted = variables["FORWARDED_ALLOW_IPS"].split(",")
        assert trusted
        assert "*" not in trusted
        policies = platform.resources("kubernetes_network_policy_v1")["api_server"]["spec"]["ingress"]
        blocks = [
            peer["ip_block"]["cidr"] for rule in policies for peer in rule.get("from", []) if peer.get("ip_block")
        ]
        assert sorted(blocks) == sorted(trusted)


class TestNamespace:
    def test_admits_restricted_pods_only(self, platform: SynthesizedStack) -> None:
        """PodSecurity `restricted` is enforced, not only warned of."""
        labels = platform.resources("kubernetes_namespace_v1")["airflow"]["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"

    def test_everything_stands_in_it(self, platform: SynthesizedStack) -> None:
        """All but the controller is in Airflow's namespace, and by reference, so that the namespace goes last."""
        reference = "${kubernetes_namespace_v1.airflow.metadata[0].name}"
        for terraform_type, named in platform.document["resource"].items():
            for name, resource in named.items():
                place = resource.get("namespace") or resource.get("metadata", {}).get("namespace")
                if place and name != "load_balancer_controller":
                    assert place == reference, f"{terraform_type}.{name}"


class TestWorkerSets:
    def test_each_has_a_budget_of_its_own(self, tmp_path: Path) -> None:
        """Those of several pods, which a recover finds; without sets the chart makes the one budget of the workers."""
        sets = {"large": {"queues": ["large"], "replicas": 2}, "small": {"queues": ["small"]}}
        file = environment_file("prod", tmp_path, airflow={"workers": sets})
        synthesize(load_environment(file), tmp_path / "out")
        stack = read(tmp_path / "out", "platform")
        assert set(stack.resources("kubernetes_pod_disruption_budget_v1")) == {"worker", "worker_large"}
        # `ops recover` looks for each object in the cluster.
        made = {address for address in stack.addresses if address.startswith("kubernetes_")}
        assert {declared.address for declared in declared_objects(stack)} == made


class TestLaunchedPods:
    def test_each_object_is_one_that_recover_looks_for(self, tmp_path: Path) -> None:
        """Service accounts of pods that tasks start, and the binding of a set of workers that starts them."""
        policy = "arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
        airflow = {
            "workers": {"large": {"queues": ["large"], "pod_policy_arns": [policy]}},
            "pod_roles": {"reporting": {"policy_arns": [policy]}},
            "allow_pod_launching": True,
        }
        synthesize(load_environment(environment_file("dev", tmp_path, airflow=airflow)), tmp_path / "out")
        stack = read(tmp_path / "out", "platform")
        assert set(stack.resources("kubernetes_service_account_v1")) == {"pod_reporting"}
        assert set(stack.resources("kubernetes_role_binding_v1")) == {"launching_sets"}
        made = {address for address in stack.addresses if address.startswith("kubernetes_")}
        assert {declared.address for declared in declared_objects(stack)} == made
        assert "pod_reporting" in read(tmp_path / "out").resources("aws_iam_role")


class TestAutoscaling:
    @pytest.fixture(scope="class")
    @staticmethod
    def scaled(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
        """The stack of an environment with scaled workers."""
        folder = tmp_path_factory.mktemp("scaled")
        components = {"workers": {"autoscaling": {"max": 5}}}
        file = environment_file("dev", folder, airflow={"components": components})
        synthesize(load_environment(file), folder / "out")
        return read(folder / "out", "platform")

    def test_keda_is_there_before_airflow_and_goes_after_it(self, scaled: SynthesizedStack) -> None:
        """Its finalizer is on what Airflow's release has made."""
        assert "helm_release.keda" in scaled.resources("helm_release")["airflow"]["depends_on"]

    def test_the_database_job_makes_its_role(self, scaled: SynthesizedStack) -> None:
        """With the password that Secrets Manager has; a new revision runs the job again."""
        [container] = scaled.resources("kubernetes_job_v1")["database"]["spec"]["template"]["spec"]["container"]
        assert "CREATE" in container["args"][2]
        variables = {entry["name"]: entry for entry in container["env"]}
        assert variables["SCALER_PASSWORD_REVISION"]["value"] == "1"
        reference = variables["SCALER_PASSWORD"]["value_from"]["secret_key_ref"]
        assert reference == {"name": "airflow-ext-scaler", "key": "password"}
        ephemeral = scaled.document["ephemeral"]["aws_secretsmanager_secret_version"]["scaler"]
        assert ephemeral == {"secret_id": "airflow-dev/scaler"}

    def test_pgbouncer_lets_keda_in(self, scaled: SynthesizedStack) -> None:
        """The operator, by its namespace and label; nobody else from outside."""
        policy = scaled.resources("kubernetes_network_policy_v1")["pgbouncer"]
        sources = [entry for rule in policy["spec"]["ingress"] for entry in rule["from"]]
        [keda] = [entry for entry in sources if "namespace_selector" in entry]
        assert keda["namespace_selector"]["match_labels"] == {"kubernetes.io/metadata.name": "keda"}
        assert keda["pod_selector"]["match_labels"] == {"app": "keda-operator"}

    def test_no_secret_is_in_it(self, scaled: SynthesizedStack) -> None:
        """As in every other stack."""
        assert looks_secret(re.sub(f"{CERTIFICATE}|{SSL_POLICY}", "", scaled.text)) == []

    def test_without_it_nothing_of_it_is_there(self, platform: SynthesizedStack) -> None:
        """No release, no secret, no namespace."""
        assert "keda" not in platform.resources("helm_release")
        assert "scaler" not in platform.resources("kubernetes_secret_v1")
        assert "keda" not in platform.resources("kubernetes_namespace_v1")
