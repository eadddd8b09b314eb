"""The ways to the web UI beside a load balancer of Airflow's own: what is made for each, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from constructs.checks.synthesized import SynthesizedStack
from constructs.settings.loading.environment_file import load_environment

from main import synthesize
from tests.synth.environments import read
from tests.terraform.workspace import environment_file

ACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/airflow/1234abcd-12ab-44cd-96ef-1234567890ab"


def _outdir(folder: Path, web: dict[str, Any]) -> Path:
    file = environment_file("dev", folder)
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["airflow"]["web"] = web
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    synthesize(load_environment(file), folder / "out")
    return folder / "out"


def _values(platform: SynthesizedStack) -> dict[str, Any]:
    [text] = platform.resources("helm_release")["airflow"]["values"]
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def _into_the_api_server(platform: SynthesizedStack) -> list[str]:
    """Ranges of addresses from which the api-server takes connections."""
    policy = platform.resources("kubernetes_network_policy_v1")["api_server"]["spec"]
    return [entry["ip_block"]["cidr"] for rule in policy["ingress"] for entry in rule["from"] if "ip_block" in entry]


class TestNone:
    @pytest.fixture(scope="class")
    @staticmethod
    def platform(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
        """Nobody but a forwarded port."""
        return read(_outdir(tmp_path_factory.mktemp("none"), {"expose": "none"}), "platform")

    def test_nothing_of_a_load_balancer_is_made(self, platform: SynthesizedStack) -> None:
        """No Ingress, no record, no controller, and no output about them."""
        assert not [each for each in platform.addresses if "ingress" in each or "load_balancer" in each]
        assert "aws_route53_record" not in platform.document["resource"]
        assert "load_balancer_host_name" not in platform.document["output"]

    def test_the_port_is_forwarded(self, platform: SynthesizedStack) -> None:
        """The outputs say by which command, and where it is then."""
        outputs = platform.document["output"]
        assert outputs["airflow_url"]["value"] == "http://localhost:8080"
        command = "kubectl port-forward --namespace airflow service/airflow-api-server 8080:8080"
        assert outputs["port_forward_command"]["value"] == command

    def test_no_address_is_let_in_and_no_header_believed(self, platform: SynthesizedStack) -> None:
        """Pods of Airflow's reach the api-server, and whoever forwards a port; cookies go without TLS there."""
        assert _into_the_api_server(platform) == []
        values = _values(platform)
        assert "--proxy-headers" not in json.dumps(values)
        assert "FORWARDED_ALLOW_IPS" not in json.dumps(values)
        assert values["config"]["fab"]["cookie_secure"] == "False"


class TestService:
    @pytest.fixture(scope="class")
    @staticmethod
    def platform(tmp_path_factory: pytest.TempPathFactory) -> SynthesizedStack:
        """An Ingress controller of the user's own."""
        web = {
            "expose": "service",
            "host_name": "airflow.example.com",
            "trusted_proxy_cidrs": ["10.0.0.0/18", "10.9.0.0/24"],
        }
        return read(_outdir(tmp_path_factory.mktemp("service"), web), "platform")

    def test_nothing_of_a_load_balancer_is_made(self, platform: SynthesizedStack) -> None:
        """No Ingress and no controller, and no port to forward."""
        assert not [each for each in platform.addresses if "ingress" in each or "load_balancer" in each]
        assert "port_forward_command" not in platform.document["output"]
        assert platform.document["output"]["airflow_url"]["value"] == "https://airflow.example.com"

    def test_the_proxies_are_let_in_and_believed(self, platform: SynthesizedStack) -> None:
        """The ranges that the file names, and no other addresses."""
        assert _into_the_api_server(platform) == ["10.0.0.0/18", "10.9.0.0/24"]
        values = _values(platform)
        assert {"name": "FORWARDED_ALLOW_IPS", "value": "10.0.0.0/18,10.9.0.0/24"} in values["apiServer"]["env"]
        assert values["apiServer"]["args"][-1].endswith("--proxy-headers")
        assert values["config"]["api"]["base_url"] == "https://airflow.example.com"
        assert values["config"]["fab"]["cookie_secure"] == "True"


class TestEverythingAskedFor:
    @pytest.fixture(scope="class")
    @staticmethod
    def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A shared load balancer with firewall, access logs and long connections."""
        web = {
            "allowed_cidrs": ["10.0.0.0/8"],
            "unencrypted_http": True,
            "host_name": "airflow.example.com",
            "further_host_names": ["dags.example.com"],
            "waf_acl_arn": ACL,
            "access_logs": {"expiration_days": 30},
            "idle_timeout_seconds": 600,
            "ingress_group": "tools",
            "annotations": {"example.com/team": "data"},
        }
        return _outdir(tmp_path_factory.mktemp("everything"), web)

    def test_the_ingress_has_it(self, outdir: Path) -> None:
        """Each setting arrives at the annotation that the controller reads."""
        ingress = read(outdir, "platform").resources("kubernetes_ingress_v1")["airflow"]
        annotations = ingress["metadata"]["annotations"]
        assert annotations["alb.ingress.kubernetes.io/wafv2-acl-arn"] == ACL
        assert annotations["alb.ingress.kubernetes.io/group.name"] == "tools"
        assert annotations["example.com/team"] == "data"
        attributes = annotations["alb.ingress.kubernetes.io/load-balancer-attributes"].split(",")
        assert "idle_timeout.timeout_seconds=600" in attributes
        assert "access_logs.s3.bucket=airflow-dev-accesslogs-111122223333" in attributes
        assert [rule["host"] for rule in ingress["spec"]["rule"]] == ["airflow.example.com", "dags.example.com"]

    def test_the_server_keeps_connections_longer_than_the_balancer(self, outdir: Path) -> None:
        """Or the balancer would send into connections that are being closed, and answer 502."""
        assert _values(read(outdir, "platform"))["config"]["api"]["worker_timeout"] == "610"

    def test_the_bucket_and_the_permissions_are_made(self, outdir: Path) -> None:
        """The stack below has both before the Ingress asks for them."""
        below = read(outdir)
        assert below.resources("aws_s3_bucket")["access_logs"]["force_destroy"] is True
        assert ACL in below.resources("aws_iam_role_policy")["load_balancer_controller"]["policy"]
        controller = read(outdir, "platform").resources("helm_release")["load_balancer_controller"]
        assert json.loads(controller["values"][0])["enableWafv2"] is True
