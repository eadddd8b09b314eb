"""Airflow's web interface: the load balancer and its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cdktf import TerraformOutput, Token
from constructs.airflow.namespace import AirflowNamespace, AirflowNamespaceProps
from constructs.airflow.web.ingress import Web, WebProps, access_log_attributes

from tests.unit.trial_stack import LONGEST_ENVIRONMENT, TrialStack

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
BALANCER = "kubernetes_ingress_v1.airflow.status[0].load_balancer[0].ingress[0].hostname"
ENCRYPTED = {"certificate_arn": CERTIFICATE, "host_name": "airflow.example.com"}
UNENCRYPTED = {"unencrypted_http": True}


def _add(stack: TrialStack, **changes: Any) -> Web:
    arguments: dict[str, Any] = {
        "namespace": "airflow",
        "scheme": "internal",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "allowed_cidrs": ["10.20.0.0/16", "198.51.100.0/24"],
    }
    return Web(stack, "web", WebProps(**arguments | changes))


def _annotations(stack: TrialStack) -> dict[str, str]:
    annotations = stack.resource("kubernetes_ingress_v1.airflow")["metadata"]["annotations"]
    return {key.removeprefix("alb.ingress.kubernetes.io/"): text for key, text in annotations.items()}


def _resolved(stack: TrialStack, text: str) -> str:
    TerraformOutput(stack, "text", static_id=True, value=text)
    return str(stack.synthesized().document["output"]["text"]["value"])


def _split(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split(","))


class TestWithCertificate:
    @pytest.fixture
    def annotations(self, stack: TrialStack) -> dict[str, str]:
        """What the controller is told."""
        _add(stack, **ENCRYPTED)
        return _annotations(stack)

    def test_listens_on_443_and_sends_80_there(self, annotations: dict[str, str]) -> None:
        """Port 80 answers with a redirect and nothing else."""
        assert json.loads(annotations["listen-ports"]) == [{"HTTP": 80}, {"HTTPS": 443}]
        assert annotations["ssl-redirect"] == "443"
        assert annotations["certificate-arn"] == CERTIFICATE

    def test_tls_1_3(self, annotations: dict[str, str]) -> None:
        """The policy is the one that AWS recommends; the controller's own default still takes TLS 1.0."""
        assert annotations["ssl-policy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

    def test_url(self, stack: TrialStack) -> None:
        """People type the host name of the certificate."""
        assert _add(stack, **ENCRYPTED).url == "https://airflow.example.com"


class TestWithoutCertificate:
    def test_plain_http_alone(self, stack: TrialStack) -> None:
        """Port 80 serves, without a redirect to a port where nothing listens."""
        _add(stack, **UNENCRYPTED)
        annotations = _annotations(stack)
        assert json.loads(annotations["listen-ports"]) == [{"HTTP": 80}]
        assert not {"ssl-redirect", "certificate-arn", "ssl-policy"} & set(annotations)

    def test_url_is_the_balancers(self, stack: TrialStack) -> None:
        """Without a host name people type the balancer's, which AWS makes up."""
        assert _resolved(stack, _add(stack, **UNENCRYPTED).url) == f"http://${{{BALANCER}}}"

    def test_url_with_a_host_name(self, stack: TrialStack) -> None:
        """A host name serves plain HTTP as well."""
        assert _add(stack, **UNENCRYPTED, host_name="airflow.example.com").url == "http://airflow.example.com"


class TestLoadBalancer:
    @pytest.fixture
    def annotations(self, stack: TrialStack) -> dict[str, str]:
        """What the controller is told."""
        _add(stack, **ENCRYPTED)
        return _annotations(stack)

    def test_lets_the_allowed_ranges_in(self, annotations: dict[str, str]) -> None:
        """All ranges and no others."""
        assert annotations["inbound-cidrs"] == "10.20.0.0/16,198.51.100.0/24"

    @pytest.mark.parametrize("scheme", ["internal", "internet-facing"])
    def test_scheme(self, stack: TrialStack, scheme: str) -> None:
        """It is reached from where the settings say."""
        _add(stack, **ENCRYPTED, scheme=scheme)
        assert _annotations(stack)["scheme"] == scheme

    def test_another_scheme_is_another_ingress(self, stack: TrialStack) -> None:
        """The balancer is replaced then: so is the Ingress, for Terraform to wait for the new host name."""
        _add(stack, **ENCRYPTED, scheme="internet-facing")
        assert stack.resource("kubernetes_ingress_v1.airflow")["metadata"]["name"] == "airflow-internet-facing"

    def test_stands_in_the_given_subnets(self, annotations: dict[str, str]) -> None:
        """The subnets are named, not found by tags, which another balancer's controller might have set."""
        assert annotations["subnets"] == "subnet-a,subnet-b"

    def test_subnets_of_the_other_stack(self, stack: TrialStack) -> None:
        """Ids that Terraform reads from the other stack's outputs stand beside each other as expressions."""
        output = "data.terraform_remote_state.infrastructure.outputs.private_subnet_ids"
        _add(stack, **ENCRYPTED, subnet_ids=[f"${{{output}[0]}}", f"${{{output}[1]}}"])
        assert _annotations(stack)["subnets"] == f"${{{output}[0]}},${{{output}[1]}}"

    def test_a_list_that_only_terraform_knows_is_refused(self, stack: TrialStack) -> None:
        """CDKTF would nest one expression in another, which Terraform can't read: nothing is synthesized instead."""
        _add(stack, **ENCRYPTED, subnet_ids=Token.as_list("${data.anything.at_all}"))
        with pytest.raises(RuntimeError, match="list token"):
            stack.synthesized()

    def test_sends_to_pods_that_are_well(self, annotations: dict[str, str]) -> None:
        """Straight to pods, asked on Airflow's health page, which answers without login."""
        assert annotations["target-type"] == "ip"
        assert annotations["healthcheck-path"] == "/api/v2/monitor/health"
        assert annotations["healthcheck-port"] == "traffic-port"
        assert annotations["success-codes"] == "200"

    def test_headers(self, annotations: dict[str, str]) -> None:
        """Malformed headers are dropped, and the client's address is appended as the last one."""
        attributes = _split(annotations["load-balancer-attributes"])
        assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
        assert attributes["routing.http.xff_header_processing.mode"] == "append"

    def test_closes_before_the_server_does(self, annotations: dict[str, str]) -> None:
        """The api-server keeps a connection for 120 seconds."""
        assert _split(annotations["load-balancer-attributes"])["idle_timeout.timeout_seconds"] == "110"

    def test_lets_go_of_old_pods_soon(self, annotations: dict[str, str]) -> None:
        """A pod that leaves is waited for half a minute, not five."""
        assert _split(annotations["target-group-attributes"]) == {"deregistration_delay.timeout_seconds": "30"}

    def test_name_fits(self) -> None:
        """The longest environment's name stays within the 32 characters of a load balancer's."""
        stack = TrialStack(environment=LONGEST_ENVIRONMENT)
        _add(stack, **ENCRYPTED)
        name = _annotations(stack)["load-balancer-name"]
        assert name == f"airflow-{LONGEST_ENVIRONMENT}"
        assert len(name) <= 32

    def test_tags(self) -> None:
        """The address leads to the Ingress; the controller itself sets the constant ones and the user's."""
        stack = TrialStack(user_tags={"CostCenter": "4711"})
        _add(stack, **ENCRYPTED)
        assert _split(_annotations(stack)["tags"]) == {
            "Name": "airflow-dev-airflow",
            "Address": "kubernetes_ingress_v1.airflow",
        }


class TestIngress:
    def test_sends_everything_to_the_api_server(self, stack: TrialStack) -> None:
        """One rule for the host name: all paths go to the chart's service."""
        _add(stack, **ENCRYPTED)
        backend = {"service": {"name": "airflow-api-server", "port": {"number": 8080}}}
        assert stack.resource("kubernetes_ingress_v1.airflow")["spec"] == {
            "ingress_class_name": "alb",
            "rule": [
                {
                    "host": "airflow.example.com",
                    "http": {"path": [{"path": "/", "path_type": "Prefix", "backend": backend}]},
                }
            ],
        }

    def test_any_host_without_a_name(self, stack: TrialStack) -> None:
        """Where there is no host name, the balancer's own is answered."""
        _add(stack, **UNENCRYPTED)
        (rule,) = stack.resource("kubernetes_ingress_v1.airflow")["spec"]["rule"]
        assert "host" not in rule

    def test_terraform_waits_for_the_balancer(self, stack: TrialStack) -> None:
        """It is complete when the balancer has a name, and gone when the balancer is."""
        _add(stack, **ENCRYPTED)
        ingress = stack.resource("kubernetes_ingress_v1.airflow")
        assert ingress["wait_for_load_balancer"] is True
        assert ingress["timeouts"] == {"create": "15m", "delete": "15m"}

    def test_depends_on(self, stack: TrialStack) -> None:
        """It comes after what it is told to: the controller, whose webhook it passes, and Airflow's service."""
        namespace = AirflowNamespace(stack, "namespace", AirflowNamespaceProps())
        _add(stack, **ENCRYPTED, depends_on=namespace.resources)
        assert stack.resource("kubernetes_ingress_v1.airflow")["depends_on"] == ["kubernetes_namespace_v1.airflow"]

    def test_host_name_of_the_balancer(self, stack: TrialStack) -> None:
        """What AWS calls the balancer is known after apply, also where people type another name."""
        assert _resolved(stack, _add(stack, **ENCRYPTED).host_name) == f"${{{BALANCER}}}"


class TestAskedFor:
    """What the file may ask for beside the usual."""

    def test_several_names_and_certificates(self, stack: TrialStack) -> None:
        """A rule for each name; the first certificate is the one that browsers get where none fits."""
        _add(stack, **ENCRYPTED, further_host_names=["b.example.com"], further_certificate_arns=["arn:2", "arn:3"])
        rules = stack.resource("kubernetes_ingress_v1.airflow")["spec"]["rule"]
        assert [rule["host"] for rule in rules] == ["airflow.example.com", "b.example.com"]
        assert rules[0]["http"] == rules[1]["http"]
        assert _annotations(stack)["certificate-arn"] == f"{CERTIFICATE},arn:2,arn:3"

    @pytest.mark.parametrize("acl", ["arn:aws:wafv2:x", "none"])
    def test_firewall(self, stack: TrialStack, acl: str) -> None:
        """The controller attaches the ACL, or takes one away."""
        _add(stack, **ENCRYPTED, waf_acl_arn=acl)
        assert _annotations(stack)["wafv2-acl-arn"] == acl

    def test_access_logs(self, stack: TrialStack) -> None:
        """They go to the bucket, under the prefix."""
        logs = access_log_attributes(enabled=True, bucket="acme-logs", prefix="airflow")
        _add(stack, **ENCRYPTED, access_log_attributes=logs)
        attributes = _split(_annotations(stack)["load-balancer-attributes"])
        assert {key: text for key, text in attributes.items() if key.startswith("access_logs")} == {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": "acme-logs",
            "access_logs.s3.prefix": "airflow",
        }

    def test_access_logs_switched_off(self, stack: TrialStack) -> None:
        """Said in so many words: the controller leaves an attribute that is gone as it was."""
        logs = access_log_attributes(enabled=False, bucket="acme-logs", prefix=None)
        _add(stack, **ENCRYPTED, access_log_attributes=logs)
        assert _split(_annotations(stack)["load-balancer-attributes"])["access_logs.s3.enabled"] == "false"

    def test_idle_timeout(self, stack: TrialStack) -> None:
        """As long as the file says."""
        _add(stack, **ENCRYPTED, idle_timeout_seconds=600)
        assert _split(_annotations(stack)["load-balancer-attributes"])["idle_timeout.timeout_seconds"] == "600"

    def test_a_group_is_another_ingress(self, stack: TrialStack) -> None:
        """Its balancer is another one, whose name Terraform has to wait for."""
        _add(stack, **ENCRYPTED, ingress_group="tools")
        assert _annotations(stack)["group.name"] == "tools"
        assert stack.resource("kubernetes_ingress_v1.airflow")["metadata"]["name"] == "airflow-internal-tools"

    def test_annotations_of_ones_own(self, stack: TrialStack) -> None:
        """They join the stack's; in lists of attributes both have their entries, and the stack's stay."""
        own = {
            "example.com/team": "data",
            "alb.ingress.kubernetes.io/load-balancer-attributes": "routing.http2.enabled=false",
            "alb.ingress.kubernetes.io/target-group-attributes": "stickiness.enabled=true",
        }
        _add(stack, **ENCRYPTED, annotations=own)
        annotations = _annotations(stack)
        assert annotations["example.com/team"] == "data"
        attributes = _split(annotations["load-balancer-attributes"])
        assert (attributes["routing.http2.enabled"], attributes["idle_timeout.timeout_seconds"]) == ("false", "110")
        assert _split(annotations["target-group-attributes"]) == {
            "stickiness.enabled": "true",
            "deregistration_delay.timeout_seconds": "30",
        }


class TestRecord:
    def test_points_to_the_balancer(self, stack: TrialStack) -> None:
        """The host name is an alias of the balancer's, in the zone that is given."""
        _add(stack, **ENCRYPTED, hosted_zone_id="Z0123456789")
        assert stack.resource("aws_route53_record.airflow") == {
            "zone_id": "Z0123456789",
            "name": "airflow.example.com",
            "type": "CNAME",
            "ttl": 60,
            "records": [f"${{{BALANCER}}}"],
        }

    def test_none_without_a_zone(self, stack: TrialStack) -> None:
        """Where somebody else keeps the zone, nothing is written."""
        _add(stack, **ENCRYPTED)
        assert not stack.names_of("aws_route53_record")


class TestMistakes:
    @pytest.mark.parametrize("arguments", [{}, {**ENCRYPTED, **UNENCRYPTED}], ids=["neither", "both"])
    def test_certificate_or_plain_http(self, stack: TrialStack, arguments: dict[str, Any]) -> None:
        """Plain HTTP is said in so many words, and never beside a certificate."""
        with pytest.raises(ValueError, match="either a certificate or unencrypted HTTP"):
            _add(stack, **arguments)

    def test_no_allowed_ranges(self, stack: TrialStack) -> None:
        """Without ranges the controller would let the whole Internet in."""
        with pytest.raises(ValueError, match="allowed_cidrs is empty"):
            _add(stack, **ENCRYPTED, allowed_cidrs=[])

    def test_zone_without_a_name(self, stack: TrialStack) -> None:
        """A record needs a name."""
        with pytest.raises(ValueError, match="needs host_name"):
            _add(stack, **UNENCRYPTED, hosted_zone_id="Z0123456789")
