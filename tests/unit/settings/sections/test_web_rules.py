"""The door: who makes it, what is known of it, and what its settings demand of each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

ACM = "arn:aws:acm:eu-west-1:111122223333:certificate"
ONE, TWO = f"{ACM}/1234abcd-12ab-44cd-96ef-1234567890ab", f"{ACM}/2234abcd-12ab-44cd-96ef-1234567890ab"
ACL = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/airflow/1234abcd-12ab-44cd-96ef-1234567890ab"
ENCRYPTED = f"allowed_cidrs: [203.0.113.0/24], certificate_arn: '{ONE}', host_name: a.example.com"
SERVICE = "expose: service, host_name: a.example.com, trusted_proxy_cidrs: [10.0.0.0/18]"


def _web(text: str) -> dict[str, str | None]:
    return {"airflow/web": f"{{{text}}}"}


class TestExpose:
    def test_nobody_but_a_forwarded_port(self, load: Load) -> None:
        """`none` takes nothing else, has no address of its own, and no cookie that wants TLS."""
        web = load(_web("expose: none")).airflow.web
        assert (web.has_balancer, web.url, web.uses_https, web.host_names) == (False, None, False, ())

    @pytest.mark.parametrize(
        ("more", "url"), [("", "https://a.example.com"), (", unencrypted_http: true", "http://a.example.com")]
    )
    def test_an_ingress_controller_of_ones_own(self, load: Load, more: str, url: str) -> None:
        """It speaks TLS, unless the file says that passwords cross in clear."""
        web = load(_web(SERVICE + more)).airflow.web
        assert (web.has_balancer, web.url, web.uses_https) == (False, url, url.startswith("https"))
        assert web.trusted_proxy_cidrs == ("10.0.0.0/18",)

    def test_a_load_balancer_needs_its_clients(self, problems: Problems) -> None:
        """Who reaches it is never taken for granted."""
        (problem,) = problems(_web("unencrypted_http: true"))
        assert (problem.key, problem.received) == ("airflow.web.allowed_cidrs", "nothing, the key is missing")
        assert "1 to 20 ranges" in problem.allowed

    @pytest.mark.parametrize("expose", ["none", SERVICE.removeprefix("expose: ")])
    @pytest.mark.parametrize(
        "setting",
        [
            "scheme: internet-facing",
            "open_to_the_internet: true",
            "allowed_cidrs: [203.0.113.0/24]",
            f"certificate_arn: '{ONE}'",
            "further_certificate_arns: []",
            "hosted_zone_id: Z1",
            f"waf_acl_arn: '{ACL}'",
            "access_logs: {}",
            "idle_timeout_seconds: 60",
            "ingress_group: tools",
            "annotations: {example.com/a: b}",
        ],
    )
    def test_settings_of_a_load_balancer_go_with_one(
        self, load: Load, problems: Problems, expose: str, setting: str
    ) -> None:
        """Without a load balancer they would do nothing: refused by name; the default may be written."""
        web = _web(f"expose: {expose}, {setting}")
        if setting == "further_certificate_arns: []":
            assert load(web).airflow.web.further_certificate_arns == ()
            return
        (problem,) = problems(web)
        assert problem.key == f"airflow.web.{setting.partition(':')[0]}"
        assert "no load balancer is made" in problem.allowed
        assert problem.fix.startswith(f"remove {problem.key}")

    @pytest.mark.parametrize("setting", ["host_name: a.example.com", "unencrypted_http: true"])
    def test_a_forwarded_port_has_neither_name_nor_protocol(self, problems: Problems, setting: str) -> None:
        """It is reached at localhost."""
        (problem,) = problems(_web(f"expose: none, {setting}"))
        assert problem.key == f"airflow.web.{setting.partition(':')[0]}"
        assert "kubectl port-forward" in problem.allowed

    def test_a_service_needs_a_name_and_its_proxies(self, problems: Problems) -> None:
        """Airflow's links have the name, and nobody but the proxies gets to the pods."""
        assert [problem.key for problem in problems(_web("expose: service"))] == [
            "airflow.web.host_name",
            "airflow.web.trusted_proxy_cidrs",
        ]

    @pytest.mark.parametrize(
        "web", ["expose: none", "allowed_cidrs: [203.0.113.0/24], unencrypted_http: true"], ids=["none", "balancer"]
    )
    def test_proxies_are_of_a_service(self, problems: Problems, web: str) -> None:
        """The load balancer's own subnets are known, and a forwarded port has no proxy."""
        (problem,) = problems(_web(f"{web}, trusted_proxy_cidrs: [10.0.0.0/18]"))
        assert problem.key == "airflow.web.trusted_proxy_cidrs"
        assert "Ingress controller of your own" in problem.allowed

    def test_not_everybody_is_a_proxy(self, problems: Problems) -> None:
        """Whoever is one says who a client is, so no range is larger than a /8."""
        (problem,) = problems(_web(SERVICE.replace("10.0.0.0/18", "0.0.0.0/0")))
        assert (problem.key, problem.fix) == ("airflow.web.trusted_proxy_cidrs[0]", "use a /8")


class TestNamesAndCertificates:
    def test_several(self, load: Load) -> None:
        """The first of each stays what it was; further ones join it."""
        more = f"further_certificate_arns: ['{TWO}'], further_host_names: [b.example.com]"
        web = load(_web(f"{ENCRYPTED}, {more}")).airflow.web
        assert web.url == "https://a.example.com"
        assert web.host_names == ("a.example.com", "b.example.com")
        assert web.certificate_arns == (ONE, TWO)

    @pytest.mark.parametrize(
        ("web", "key"),
        [
            (f"{ENCRYPTED}, further_host_names: [a.example.com]", "further_host_names"),
            (f"{ENCRYPTED}, further_certificate_arns: ['{ONE}']", "further_certificate_arns"),
            (
                "allowed_cidrs: [203.0.113.0/24], unencrypted_http: true, further_host_names: [b.example.com]",
                "further_host_names",
            ),
            (
                f"allowed_cidrs: [203.0.113.0/24], unencrypted_http: true, further_certificate_arns: ['{TWO}']",
                "further_certificate_arns",
            ),
        ],
    )
    def test_further_ones_are_beside_a_first(self, problems: Problems, web: str, key: str) -> None:
        """Neither the first again, nor without one."""
        (problem,) = problems(_web(web))
        assert problem.key == f"airflow.web.{key}"
        assert "each once" in problem.allowed

    def test_a_group_needs_a_name(self, problems: Problems) -> None:
        """Without one Airflow would answer all requests of the shared load balancer."""
        (problem,) = problems({"airflow/web/ingress_group": "tools"})
        assert problem.key == "airflow.web.ingress_group"
        assert "add airflow.web.host_name" in problem.fix


class TestFirewall:
    @pytest.mark.parametrize("acl", [ACL, "none"])
    def test_a_web_acl_or_its_removal(self, load: Load, acl: str) -> None:
        """An ARN attaches one, the word takes it away."""
        assert load({"airflow/web/waf_acl_arn": f"'{acl}'"}).airflow.web.waf_acl_arn == acl

    @pytest.mark.parametrize(
        ("acl", "received"),
        [
            (ACL.replace("regional", "global"), "global"),
            (ACL.replace("eu-west-1", "us-east-1"), "region us-east-1"),
            (ACL.replace("111122223333", "999999999999"), "account 999999999999"),
            ("off", "off"),
        ],
    )
    def test_another_ones_is_refused(self, problems: Problems, acl: str, received: str) -> None:
        """CloudFront's, another region's and another account's attach to no load balancer of this one."""
        (problem,) = problems({"airflow/web/waf_acl_arn": f"'{acl}'"})
        assert problem.key == "airflow.web.waf_acl_arn"
        assert received in problem.received
        assert "a regional web ACL" in problem.allowed


class TestAccessLogs:
    def test_a_bucket_of_ours_by_default(self, load: Load) -> None:
        """An empty map is enough."""
        web = load({"airflow/web/access_logs": "{}"}).airflow.web
        assert web.access_logs
        assert (web.access_logs.enabled, web.access_logs.bucket, web.makes_log_bucket) == (True, None, True)

    def test_a_bucket_that_exists(self, load: Load) -> None:
        """Its name and a prefix; none is made."""
        web = load({"airflow/web/access_logs": "{bucket: acme-logs, prefix: airflow/dev}"}).airflow.web
        assert web.access_logs
        assert (web.access_logs.bucket, web.access_logs.prefix) == ("acme-logs", "airflow/dev")
        assert not web.makes_log_bucket

    @pytest.mark.parametrize(
        ("logs", "key", "allowed"),
        [
            ("{prefix: a}", "prefix", "nothing without airflow.web.access_logs.bucket"),
            ("{bucket: acme-logs, expiration_days: 9}", "expiration_days", "that bucket's own rules"),
            ("{bucket: acme-logs, prefix: AWSLogs/a}", "prefix", "AWSLogs is what the load balancer itself"),
            ("{bucket: s3://acme}", "bucket", "the name of an S3 bucket"),
            ("{expiration_days: 0}", "expiration_days", "from 1 to 3650 days"),
            ("{enabled: 'no'}", "enabled", "true or false"),
        ],
    )
    def test_mistakes(self, problems: Problems, logs: str, key: str, allowed: str) -> None:
        """What the load balancer refuses, or what would do nothing."""
        (problem,) = problems({"airflow/web/access_logs": logs})
        assert problem.key == f"airflow.web.access_logs.{key}"
        assert allowed in problem.allowed


class TestAnnotations:
    def test_ones_own(self, load: Load) -> None:
        """Those of the controller that the stack leaves alone, and other programs'."""
        own = "{alb.ingress.kubernetes.io/auth-type: oidc, external-dns.alpha.kubernetes.io/ttl: '60'}"
        assert load({"airflow/web/annotations": own}).airflow.web.annotations == {
            "alb.ingress.kubernetes.io/auth-type": "oidc",
            "external-dns.alpha.kubernetes.io/ttl": "60",
        }

    @pytest.mark.parametrize(
        ("name", "fix"),
        [
            ("scheme", "the setting is airflow.web.scheme"),
            ("inbound-cidrs", "the setting is airflow.web.allowed_cidrs"),
            ("security-groups", "the setting is airflow.web.allowed_cidrs"),
            ("certificate-arn", "airflow.web.further_certificate_arns"),
            ("group.name", "the setting is airflow.web.ingress_group"),
            ("wafv2-acl-arn", "the setting is airflow.web.waf_acl_arn"),
            ("tags", "name and tags of the environment file"),
            ("subnets", "the subnets of its scheme"),
            ("ssl-policy", "TLS 1.2 and 1.3"),
            ("healthcheck-path", "Airflow's own health page"),
            ("target-type", "pods are reached at their addresses"),
            ("shield-advanced-protection", "has no permission for it"),
            ("enable-frontend-nlb", "has no permission for it"),
        ],
    )
    def test_the_stacks_are_refused_by_name(self, problems: Problems, name: str, fix: str) -> None:
        """Each with the setting that does it, or why there is none."""
        (problem,) = problems({"airflow/web/annotations": f"{{alb.ingress.kubernetes.io/{name}: x}}"})
        assert problem.key.startswith("airflow.web.annotations")
        assert name in problem.key
        assert "this one is its own" in problem.allowed
        assert fix in problem.fix

    @pytest.mark.parametrize(
        ("name", "text", "fix"),
        [
            ("load-balancer-attributes", "access_logs.s3.bucket=a", "airflow.web.access_logs"),
            ("load-balancer-attributes", "idle_timeout.timeout_seconds=9", "airflow.web.idle_timeout_seconds"),
            ("load-balancer-attributes", "a.b=1,routing.http.xff_header_processing.mode=remove", "headers"),
            ("load-balancer-attributes", "deletion_protection.enabled=true", "in vain"),
            ("load-balancer-attributes", "a = b", "routing.http2.enabled=false"),
            ("target-group-attributes", "deregistration_delay.timeout_seconds=5", "30 seconds"),
        ],
    )
    def test_the_stacks_attributes_are_refused_by_name(
        self, problems: Problems, name: str, text: str, fix: str
    ) -> None:
        """In the two lists in which both have entries."""
        (problem,) = problems({"airflow/web/annotations": f"{{alb.ingress.kubernetes.io/{name}: '{text}'}}"})
        assert name in problem.key
        assert fix in problem.fix

    @pytest.mark.parametrize(
        ("annotations", "allowed"),
        [
            ("{no-prefix: a}", "with its prefix"),
            ("{example.com/a: '${b}'}", "without ${"),
            ("{example.com/a: 5}", "text on one line"),
            ("{kubernetes.io/ingress.class: nginx}", "which is alb"),
        ],
    )
    def test_mistakes(self, problems: Problems, annotations: str, allowed: str) -> None:
        """What Kubernetes refuses, what Terraform would read as its own language, and another class."""
        (problem,) = problems({"airflow/web/annotations": annotations})
        assert problem.key.startswith("airflow.web.annotations")
        assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("expose", "ingress", "load_balancer"),
        ("idle_timeout_seconds", "0", "from 1 to 4000 seconds"),
        ("ingress_group", "Tools", "lower-case letters"),
        ("further_host_names", "[https://a.example.com]", "a DNS name"),
        ("further_certificate_arns", "[x]", "an ACM certificate"),
    ],
)
def test_one_wrong_value(problems: Problems, setting: str, value: str, allowed: str) -> None:
    """Reported at its key with what may stand there."""
    (problem,) = problems({f"airflow/web/{setting}": value})
    assert problem.key.startswith(f"airflow.web.{setting}")
    assert allowed in problem.allowed
