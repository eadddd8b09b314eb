"""The cluster and its nodes: changes, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Block, Case

EKS, NODES = "aws_eks_cluster", "aws_eks_node_group"


def endpoint(*ranges: str, public: bool = True, private: bool = True) -> Block:
    """The cluster's endpoint."""
    config = {"endpoint_public_access": public, "public_access_cidrs": list(ranges), "endpoint_private_access": private}
    return {"vpc_config": [config]}


CLUSTER_CASES: list[Case] = [
    (
        EKS,
        endpoint("203.0.113.0/24"),
        endpoint("0.0.0.0/0"),
        ["opens the Kubernetes API is reached from the whole Internet: 203.0.113.0/24 -> 0.0.0.0/0"],
    ),
    (
        EKS,
        endpoint("203.0.113.0/24"),
        endpoint("203.0.113.0/24", "198.51.100.0/24"),
        ["opens the Kubernetes API is reached from more addresses: 203.0.113.0/24 -> 198.51.100.0/24, 203.0.113.0/24"],
    ),
    (EKS, endpoint("203.0.113.0/24"), endpoint("203.0.113.128/25"), []),
    (
        EKS,
        endpoint("203.0.113.0/24", public=False),
        endpoint(),
        ["opens the Kubernetes API is reached from the whole Internet: (none) -> 0.0.0.0/0"],
    ),
    (
        EKS,
        endpoint("203.0.113.0/24"),
        endpoint(public=False),
        ["interrupts the Kubernetes API is reached from within the VPC only: 203.0.113.0/24 -> (none)"],
    ),
    (
        EKS,
        endpoint("203.0.113.0/24"),
        endpoint("203.0.113.0/24", private=False),
        ["opens nodes reach the API over the Internet: true -> false"],
    ),
    (
        EKS,
        {"access_config": [{"authentication_mode": "API"}], **endpoint(public=False)},
        {"access_config": [{"authentication_mode": "API_AND_CONFIG_MAP"}], **endpoint(public=False)},
        ["opens the ConfigMap aws-auth lets people in: API -> API_AND_CONFIG_MAP"],
    ),
    (
        EKS,
        {"enabled_cluster_log_types": ["api", "audit"], **endpoint(public=False)},
        {"enabled_cluster_log_types": ["api"], **endpoint(public=False)},
        ["weakens the control plane logs less: audit, api -> api"],
    ),
    (
        EKS,
        {"version": "1.34", "deletion_protection": True, **endpoint(public=False)},
        {"version": "1.35", "deletion_protection": False, **endpoint(public=False)},
        [
            "weakens the cluster can be deleted: true -> false",
            "interrupts the control plane gets another Kubernetes version: 1.34 -> 1.35",
        ],
    ),
    (EKS, endpoint(public=False), None, ["loses destroyed: the cluster and everything in it"]),
    (
        NODES,
        {"version": "1.34", "launch_template": [{"version": "3"}]},
        {"version": "1.34", "launch_template": [{"version": "4"}]},
        [
            (
                "interrupts its nodes are replaced one after the other, and the pods on them move: another launch "
                "template version: 3 -> 4"
            )
        ],
    ),
    (NODES, {"node_group_name": "a"}, None, ["interrupts destroyed: its nodes go, and the pods on them"]),
    (
        NODES,
        {"scaling_config": [{"min_size": 3, "desired_size": 5, "max_size": 6}]},
        {"scaling_config": [{"min_size": 1, "desired_size": 5, "max_size": 2}]},
        [
            "weakens fewer nodes are kept at all times: 3 -> 1",
            "weakens there can be fewer nodes: 6 -> 2",
            "interrupts nodes go at once, and the pods on them move: 5 nodes -> at most 2",
        ],
    ),
    (
        NODES,
        {"capacity_type": "ON_DEMAND", "subnet_ids": ["a", "b"], "node_repair_config": [{"enabled": True}]},
        {"capacity_type": "SPOT", "subnet_ids": ["a"], "node_repair_config": []},
        [
            "weakens nodes that don't work are replaced no more: true -> false",
            "weakens the nodes are in fewer subnets: b, a -> a",
            "interrupts AWS may take the nodes back, two minutes ahead: ON_DEMAND -> SPOT",
        ],
    ),
    (
        "aws_launch_template",
        {"metadata_options": [{"http_tokens": "required", "http_put_response_hop_limit": 1}], "user_data": None},
        {"metadata_options": [{"http_tokens": "optional", "http_put_response_hop_limit": 2}], "user_data": "IyEv"},
        [
            "opens a forged request gets the node's credentials: required -> optional",
            "opens pods get the node's credentials: 1 -> 2",
            "opens nodes run something else when they start: (none) -> IyEv",
        ],
    ),
    (
        "aws_launch_template",
        {"block_device_mappings": [{"ebs": [{"encrypted": "true"}]}], "metadata_options": []},
        {"block_device_mappings": [{"ebs": [{"encrypted": "false"}]}], "metadata_options": []},
        ["weakens the nodes' volumes are not encrypted: true -> false"],
    ),
    (
        "aws_eks_addon",
        {"configuration_values": '{"enableNetworkPolicy": "true"}', "addon_version": "v1"},
        {"configuration_values": '{"enableNetworkPolicy": "false"}', "addon_version": "v1"},
        ['opens network policies hold no more: {"enableNetworkPolicy": "true"} -> {"enableNetworkPolicy": "false"}'],
    ),
    ("aws_eks_addon", {"addon_name": "coredns"}, None, ["interrupts destroyed: what it does in the cluster stops"]),
]
