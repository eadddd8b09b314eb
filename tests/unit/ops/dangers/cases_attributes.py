"""Changes of one argument each of network, roles and cluster, and the line that tells it."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Case, allow, one, policy, rule

KEYS = ("arn:x:key/1", "arn:x:key/2")
ON, OFF = True, False

ATTRIBUTE_CASES: list[Case] = [
    one(
        "aws_default_security_group",
        "egress",
        [],
        [rule(443, "0.0.0.0/0")],
        "opens lets more out: (none) -> tcp 443 0.0.0.0/0",
    ),
    one("aws_vpc", "enable_dns_hostnames", ON, OFF, "interrupts host names of AWS are found no more: true -> false"),
    one(
        "aws_vpc_endpoint",
        "policy",
        policy(allow("s3:GetObject")),
        policy(allow("s3:*")),
        "opens the endpoint's policy allows more: s3:GetObject on * -> s3:* on *",
    ),
    (
        "aws_vpc_peering_connection",
        {"id": "pcx-1"},
        None,
        ["interrupts destroyed: the database is not reached from the cluster meanwhile"],
    ),
    one(
        "aws_vpc_peering_connection_options",
        "requester.allow_remote_vpc_dns_resolution",
        ON,
        OFF,
        "interrupts names are found no more: true -> false",
    ),
    (
        "aws_vpc_peering_connection_options",
        {"id": "pcx-1"},
        None,
        ["interrupts destroyed: host names of the other VPC are found no more"],
    ),
    one(
        "aws_flow_log", "max_aggregation_interval", 60, 600, "weakens connections are recorded more coarsely: 60 -> 600"
    ),
    one(
        "aws_route53_record",
        "name",
        "a.acme.com",
        "b.acme.com",
        "interrupts Airflow has another name: a.acme.com -> b.acme.com",
    ),
    one(
        "aws_iam_role",
        "permissions_boundary",
        "arn:x:policy/a",
        "arn:x:policy/b",
        "opens another boundary holds the role: arn:x:policy/a -> arn:x:policy/b",
    ),
    (
        "aws_iam_role_policy",
        None,
        {"policy": policy(allow("a:B"))},
        ["opens the role's policy allows: (none) -> a:B on *"],
    ),
    ("aws_iam_policy", {"policy": ""}, None, ["interrupts destroyed: what acts by it may do less"]),
    one(
        "aws_eks_access_entry",
        "type",
        "STANDARD",
        "EC2_LINUX",
        "opens it is let in as another kind: STANDARD -> EC2_LINUX",
    ),
    one(
        "aws_eks_cluster",
        "vpc_config.security_group_ids",
        ["sg-1"],
        ["sg-1", "sg-2"],
        "opens more security groups let somebody in: sg-1 -> sg-2, sg-1",
    ),
    one(
        "aws_eks_cluster",
        "access_config.bootstrap_cluster_creator_admin_permissions",
        OFF,
        ON,
        "opens who makes the cluster administers it: false -> true",
    ),
    (
        "aws_eks_cluster",
        {"encryption_config": [{"resources": ["secrets"]}]},
        {"encryption_config": []},
        [
            (
                "weakens Kubernetes secrets are encrypted without the environment's key: "
                '[{"resources": ["secrets"]}] -> (none)'
            )
        ],
    ),
    one(
        "aws_eks_cluster",
        "encryption_config.provider.key_arn",
        *KEYS,
        "weakens another key encrypts Kubernetes secrets: arn:x:key/1 -> arn:x:key/2",
    ),
    one(
        "aws_eks_cluster",
        "upgrade_policy.support_type",
        "EXTENDED",
        "STANDARD",
        "interrupts AWS upgrades the version at another time: EXTENDED -> STANDARD",
    ),
    one(
        "aws_eks_node_group",
        "update_config.max_unavailable",
        1,
        5,
        "interrupts more nodes are replaced at the same time: 1 -> 5",
    ),
    one(
        "aws_eks_node_group",
        "update_config.max_unavailable_percentage",
        33,
        100,
        "interrupts more nodes are replaced at the same time: 33 -> 100",
    ),
    one(
        "aws_eks_node_group",
        "remote_access",
        [],
        [{"ec2_ssh_key": "k"}],
        'opens nodes can be entered with SSH: (none) -> [{"ec2_ssh_key": "k"}]',
    ),
    one(
        "aws_eks_node_group",
        "taint",
        [],
        [{"key": "gpu"}],
        'interrupts other pods are let on the nodes, or none: (none) -> [{"key": "gpu"}]',
    ),
    one(
        "aws_eks_node_group",
        "labels",
        {"a": "b"},
        {},
        'interrupts pods that ask for a label find other nodes, or none: {"a": "b"} -> (none)',
    ),
    one(
        "aws_launch_template",
        "block_device_mappings.ebs.kms_key_id",
        *KEYS,
        "weakens another key encrypts the nodes' volumes: arn:x:key/1 -> arn:x:key/2",
    ),
    one(
        "aws_launch_template",
        "network_interfaces.associate_public_ip_address",
        "false",
        "true",
        "opens nodes get a public address: false -> true",
    ),
    one("aws_launch_template", "key_name", None, "mine", "opens nodes can be entered with SSH: (none) -> mine"),
    one(
        "aws_launch_template",
        "image_id",
        "ami-1",
        "ami-2",
        "interrupts nodes have another machine image: ami-1 -> ami-2",
    ),
    one(
        "aws_launch_template",
        "vpc_security_group_ids",
        [],
        ["sg-1"],
        "opens more security groups let somebody in: (none) -> sg-1",
    ),
    one(
        "aws_eks_addon",
        "pod_identity_association.role_arn",
        "arn:x:role/a",
        "arn:x:role/b",
        "opens it acts with another role: arn:x:role/a -> arn:x:role/b",
    ),
    one("aws_eks_addon", "addon_version", "v1", "v2", "interrupts its pods are replaced one after the other: v1 -> v2"),
]
