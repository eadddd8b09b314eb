"""Changes of the platform's objects and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Block, Case

ALB = "alb.ingress.kubernetes.io/"
SECURITY = "pod-security.kubernetes.io/enforce"


def ingress(**annotations: str) -> Block:
    """The load balancer's ingress."""
    noted = {f"{ALB}{name.replace('_', '-')}": text for name, text in annotations.items()}
    return {"metadata": [{"annotations": noted, "name": "airflow"}], "spec": [{"rule": []}]}


def network(*rules: Block, direction: str = "ingress", types: tuple[str, ...] = ("Ingress", "Egress")) -> Block:
    """A network policy."""
    return {"spec": [{direction: list(rules), "policy_types": list(types), "pod_selector": [{"match_labels": {}}]}]}


def namespace(level: str | None) -> Block:
    """The namespace with its Pod Security Standard."""
    return {"metadata": [{"labels": {SECURITY: level} if level else {}}]}


def peer(**labels: str) -> Block:
    """Pods with these labels."""
    return {"pod_selector": [{"match_labels": labels}], "namespace_selector": [], "ip_block": []}


PORTS = [{"port": "8080", "protocol": "TCP"}]
METRICS = [{"port": "9102", "protocol": "TCP"}]
RANGE = [{"port": "8000", "end_port": 9000, "protocol": "TCP"}]
ANYBODY = {"from": [], "ports": PORTS}
API = {"from": [peer(component="api-server")], "ports": PORTS}
WORLD = {"to": [{"ip_block": [{"cidr": "0.0.0.0/0", "except": ["10.1.0.0/24"]}]}], "ports": []}


def block(cidr: str, *but: str, ports: list[Block] = PORTS) -> Block:
    """A rule for a range of addresses."""
    return {"from": [{"ip_block": [{"cidr": cidr, "except": list(but)}]}], "ports": ports}


KUBERNETES_CASES: list[Case] = [
    (
        "kubernetes_ingress_v1",
        {"spec": [{"rule": [{"host": "a"}]}], "metadata": ingress(inbound_cidrs="10.0.0.0/8")["metadata"]},
        {"spec": [{"rule": [{"host": "b"}]}], "metadata": ingress(inbound_cidrs="10.0.0.0/8")["metadata"]},
        ['opens other requests are led to Airflow: [{"host": "a"}] -> [{"host": "b"}]'],
    ),
    (
        "kubernetes_ingress_v1",
        ingress(scheme="internal", inbound_cidrs="10.0.0.0/8"),
        ingress(scheme="internet-facing", inbound_cidrs="0.0.0.0/0"),
        [
            "opens Airflow is reached from the Internet: internal -> internet-facing",
            "opens Airflow is reached from the whole Internet: 10.0.0.0/8 -> 0.0.0.0/0",
        ],
    ),
    (
        "kubernetes_ingress_v1",
        ingress(scheme="internal", inbound_cidrs="10.0.0.0/8"),
        ingress(scheme="internal"),
        ["opens Airflow is reached from the whole Internet: 10.0.0.0/8 -> 0.0.0.0/0"],
    ),
    (
        "kubernetes_ingress_v1",
        ingress(inbound_cidrs="10.0.0.0/8", certificate_arn="arn:x", ssl_redirect="443", ssl_policy="a"),
        ingress(inbound_cidrs="10.0.0.0/8", ssl_policy="b"),
        [
            "opens certificate-arn: what is sent is not encrypted: arn:x -> (none)",
            "opens ssl-redirect: whoever calls without TLS is not sent to it: 443 -> (none)",
            "weakens ssl-policy: other versions and ciphers of TLS are taken: a -> b",
        ],
    ),
    (
        "kubernetes_ingress_v1",
        ingress(inbound_cidrs="10.0.0.0/8", wafv2_acl_arn="arn:x"),
        ingress(inbound_cidrs="10.0.0.0/8", wafv2_acl_arn="none"),
        ["opens wafv2-acl-arn: another firewall, or none, looks at requests: arn:x -> none"],
    ),
    (
        "kubernetes_ingress_v1",
        ingress(scheme="internal", inbound_cidrs="10.0.0.0/8"),
        None,
        ["interrupts destroyed: Airflow is reached no more, or under another address"],
    ),
    (
        "kubernetes_network_policy_v1",
        network(API),
        network(API, ANYBODY),
        [
            (
                "opens lets in more: pods component=api-server on TCP 8080 -> anybody on TCP 8080, pods "
                "component=api-server on TCP 8080"
            )
        ],
    ),
    (
        "kubernetes_network_policy_v1",
        None,
        network(WORLD, {"to": [peer(component="redis")], "ports": PORTS}, direction="egress"),
        ["opens lets out: (none) -> 0.0.0.0/0 but 10.1.0.0/24 on every port"],
    ),
    ("kubernetes_network_policy_v1", None, network(API), []),
    ("kubernetes_network_policy_v1", network({**API, "ports": [*PORTS, *METRICS]}), network(API), []),
    ("kubernetes_network_policy_v1", network({**API, "ports": []}), network(API), []),
    ("kubernetes_network_policy_v1", network({**API, "ports": RANGE}), network(API), []),
    ("kubernetes_network_policy_v1", network(ANYBODY), network(API), []),
    (
        "kubernetes_network_policy_v1",
        network(API),
        network({**API, "ports": RANGE}),
        [("opens lets in more: pods component=api-server on TCP 8080 -> pods component=api-server on TCP 8000-9000")],
    ),
    (
        "kubernetes_network_policy_v1",
        network({**API, "ports": METRICS}),
        network({**API, "ports": [*PORTS, *METRICS]}),
        [
            (
                "opens lets in more: pods component=api-server on TCP 9102 -> pods component=api-server on TCP 8080, "
                "pods component=api-server on TCP 9102"
            )
        ],
    ),
    ("kubernetes_network_policy_v1", network(block("10.0.0.0/8")), network(block("10.1.0.0/16")), []),
    ("kubernetes_network_policy_v1", network(block("10.0.0.0/8")), network(block("10.0.0.0/8", "10.9.0.0/16")), []),
    ("kubernetes_network_policy_v1", network(block("10.0.0.0/8", "10.9.0.0/16")), network(block("10.1.0.0/16")), []),
    (
        "kubernetes_network_policy_v1",
        network(block("10.0.0.0/8", "10.9.0.0/16")),
        network(block("10.9.1.0/24"), block("10.0.0.0/8", "10.9.1.0/24", ports=METRICS)),
        [
            (
                "opens lets in more: 10.0.0.0/8 but 10.9.0.0/16 on TCP 8080 -> 10.9.1.0/24 on TCP 8080, 10.0.0.0/8 "
                "but 10.9.1.0/24 on TCP 9102"
            )
        ],
    ),
    (
        "kubernetes_network_policy_v1",
        network(API),
        {"spec": [{"ingress": "${data.x.y.rules}", "policy_types": ["Ingress", "Egress"]}]},
        [
            (
                "opens ingress: it can't be told what it will let through: pods component=api-server on TCP 8080 -> "
                "${data.x.y.rules}"
            ),
            'opens it holds for other pods: [{"match_labels": {}}] -> (none)',
        ],
    ),
    (
        "kubernetes_network_policy_v1",
        network(API),
        network(API, types=("Ingress",)),
        ["opens what no rule names is let through: Egress, Ingress -> Ingress"],
    ),
    (
        "kubernetes_network_policy_v1",
        network(),
        None,
        ["opens destroyed: what the policy refuses is let through meanwhile"],
    ),
    (
        "kubernetes_namespace_v1",
        namespace("restricted"),
        namespace("baseline"),
        ["opens pods may do more: the Pod Security Standard: restricted -> baseline"],
    ),
    (
        "kubernetes_namespace_v1",
        namespace("restricted"),
        namespace(None),
        ["opens pods may do more: the Pod Security Standard: restricted -> (none)"],
    ),
    ("kubernetes_namespace_v1", None, namespace("restricted"), []),
    ("kubernetes_namespace_v1", namespace("restricted"), None, ["loses destroyed: everything in it, volumes among it"]),
    (
        "kubernetes_secret_v1",
        {"type": "Opaque"},
        None,
        ["interrupts destroyed: pods that use the secret can't start meanwhile"],
    ),
    (
        "kubernetes_config_map_v1",
        {"data": {"root.crt": "# Root A\n# SHA-256 00\nMII"}},
        {"data": {"root.crt": "# Root B\n# SHA-256 11\nMIJ"}},
        ["opens other authorities are believed: Root A -> Root B"],
    ),
    (
        "kubernetes_storage_class_v1",
        {"parameters": {"encrypted": "true"}, "reclaim_policy": "Delete"},
        {"parameters": {}, "reclaim_policy": "Delete"},
        ["weakens new volumes are not encrypted: true -> (none)"],
    ),
    (
        "kubernetes_limit_range_v1",
        {"spec": [{"limit": 1}]},
        {"spec": [{"limit": 2}]},
        ['interrupts pods beyond the limits are not started: [{"limit": 1}] -> [{"limit": 2}]'],
    ),
    ("kubernetes_resource_quota_v1", {"spec": []}, None, ["weakens destroyed: pods are held to no limits"]),
]
