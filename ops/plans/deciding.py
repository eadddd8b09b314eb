"""The few arguments of a resource that decide what it is, costs and lets in: they stand beside its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.dangers.network import openings
from ops.dangers.policies import statements
from ops.dangers.release_values import read
from ops.dangers.resource_change import at
from ops.plan_report.danger import shown

#: Characters of one argument; a list of ranges may be long.
LONGEST = 120

_NAMED = ("name",)

#: Type -> its deciding arguments; `policy` is told by what it allows.
DECIDING: dict[str, tuple[str, ...]] = {
    "aws_cloudwatch_log_group": ("name", "retention_in_days"),
    "aws_cloudwatch_event_rule": ("name", "event_pattern"),
    "aws_cloudwatch_event_target": ("rule", "target_id"),
    "aws_cloudwatch_metric_alarm": ("metric_name", "comparison_operator", "threshold", "alarm_actions"),
    "aws_db_instance": (
        "instance_class",
        "engine",
        "engine_version",
        "allocated_storage",
        "max_allocated_storage",
        "multi_az",
        "backup_retention_period",
        "deletion_protection",
        "publicly_accessible",
        "snapshot_identifier",
    ),
    "aws_db_parameter_group": ("family", "parameter"),
    "aws_db_subnet_group": ("subnet_ids",),
    "aws_default_security_group": ("ingress", "egress"),
    "aws_ecr_lifecycle_policy": ("repository", "policy"),
    "aws_ecr_repository": ("name", "image_tag_mutability", "force_delete"),
    "aws_eip": ("domain",),
    "aws_eks_access_entry": ("principal_arn", "type", "kubernetes_groups"),
    "aws_eks_access_policy_association": (
        "principal_arn",
        "policy_arn",
        "access_scope.type",
        "access_scope.namespaces",
    ),
    "aws_eks_addon": ("addon_name", "addon_version", "configuration_values"),
    "aws_eks_cluster": (
        "version",
        "vpc_config.endpoint_public_access",
        "vpc_config.public_access_cidrs",
        "upgrade_policy.support_type",
        "deletion_protection",
    ),
    "aws_eks_node_group": (
        "instance_types",
        "capacity_type",
        "ami_type",
        "scaling_config.min_size",
        "scaling_config.desired_size",
        "scaling_config.max_size",
        "version",
    ),
    "aws_eks_pod_identity_association": ("namespace", "service_account", "role_arn"),
    "aws_flow_log": ("traffic_type", "vpc_id"),
    "aws_iam_instance_profile": ("name", "role"),
    "aws_iam_role": ("name", "assume_role_policy", "permissions_boundary"),
    "aws_iam_role_policy": ("role", "policy"),
    "aws_iam_role_policy_attachment": ("role", "policy_arn"),
    "aws_internet_gateway": ("vpc_id",),
    "aws_kms_alias": ("name", "target_key_id"),
    "aws_kms_key": ("description", "deletion_window_in_days"),
    "aws_launch_template": (
        "name",
        "block_device_mappings.ebs.volume_size",
        "block_device_mappings.ebs.volume_type",
        "metadata_options.http_tokens",
    ),
    "aws_nat_gateway": ("subnet_id",),
    "aws_route": (
        "destination_cidr_block",
        "gateway_id",
        "nat_gateway_id",
        "vpc_peering_connection_id",
        "transit_gateway_id",
        "route_table_id",
    ),
    "aws_route53_record": ("name", "type", "records"),
    "aws_route_table": ("vpc_id",),
    "aws_route_table_association": ("subnet_id", "route_table_id"),
    "aws_s3_bucket": ("bucket", "force_destroy"),
    "aws_s3_bucket_lifecycle_configuration": (
        "rule.expiration.days",
        "rule.noncurrent_version_expiration.noncurrent_days",
    ),
    "aws_s3_bucket_ownership_controls": ("rule.object_ownership",),
    "aws_s3_bucket_policy": ("bucket", "policy"),
    "aws_s3_bucket_public_access_block": (
        "block_public_acls",
        "block_public_policy",
        "ignore_public_acls",
        "restrict_public_buckets",
    ),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule.apply_server_side_encryption_by_default.sse_algorithm",
        "rule.apply_server_side_encryption_by_default.kms_master_key_id",
    ),
    "aws_s3_bucket_versioning": ("versioning_configuration.status",),
    "aws_secretsmanager_secret": ("name", "recovery_window_in_days"),
    "aws_secretsmanager_secret_version": ("secret_id", "secret_string_wo_version"),
    "aws_security_group": ("name", "ingress", "egress"),
    "aws_sns_topic": ("name",),
    "aws_sns_topic_policy": ("policy",),
    "aws_sns_topic_subscription": ("protocol", "endpoint"),
    "aws_sqs_queue": ("name", "sqs_managed_sse_enabled"),
    "aws_sqs_queue_policy": ("policy",),
    "aws_subnet": ("cidr_block", "availability_zone", "map_public_ip_on_launch"),
    "aws_vpc": ("cidr_block",),
    "aws_vpc_endpoint": ("service_name", "vpc_endpoint_type"),
    "aws_vpc_peering_connection": ("vpc_id", "peer_vpc_id"),
    "aws_vpc_peering_connection_options": (
        "accepter.allow_remote_vpc_dns_resolution",
        "requester.allow_remote_vpc_dns_resolution",
    ),
    "helm_release": ("repository", "chart", "version", "namespace", "values"),
    "kubernetes_config_map_v1": ("metadata.name",),
    "kubernetes_ingress_v1": (
        "metadata.name",
        "spec.rule.host",
        "metadata.annotations.alb.ingress.kubernetes.io/scheme",
        "metadata.annotations.alb.ingress.kubernetes.io/inbound-cidrs",
    ),
    "kubernetes_job_v1": ("metadata.name", "spec.template.spec.container.image"),
    "kubernetes_limit_range_v1": ("metadata.name", "spec.limit"),
    "kubernetes_namespace_v1": ("metadata.name", "metadata.labels.pod-security.kubernetes.io/enforce"),
    "kubernetes_network_policy_v1": ("metadata.name", "spec.policy_types"),
    "kubernetes_resource_quota_v1": ("metadata.name", "spec.hard"),
    "kubernetes_secret_v1": ("metadata.name", "type"),
    "kubernetes_storage_class_v1": ("metadata.name", "parameters.type", "parameters.encrypted", "reclaim_policy"),
    "terraform_data": ("input",),
}


def deciding(kind: str, arguments: Mapping[str, Any]) -> str:
    """Return `argument=value, ...` of what decides; what is not said is left out."""
    told = [
        f"{path.rpartition('/')[2] if '/' in path else path.rpartition('.')[2]}={text}"
        for path in DECIDING.get(kind, _NAMED)
        if (text := _text(path, value(arguments, path)))
    ]
    return ", ".join(told)


def value(arguments: Mapping[str, Any], path: str) -> Any:
    """What stands at a path; the name of a label or annotation, which has dots of its own, is taken whole."""
    whole, _, rest = path.partition("annotations." if "annotations." in path else "labels.")
    if not rest:
        return at(arguments, path)
    named = at(arguments, f"{whole}{'annotations' if 'annotations.' in path else 'labels'}")
    return named.get(rest) if isinstance(named, Mapping) else None


def _text(path: str, found: Any) -> str:
    if found in (None, "", [], {}):
        return ""
    text = _IN_WORDS.get(path.rpartition(".")[2], shown)(found)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _policy(document: Any) -> str:
    return "; ".join(map(str, statements(document) or ())) or shown(document)


def _rules(rules: Any) -> str:
    return ", ".join(map(str, openings(rules))) or shown(rules)


def _parameters(parameters: Any) -> str:
    return ", ".join(f"{each.get('name')}={each.get('value')}" for each in parameters)


def _values(texts: Any) -> str:
    tree = read(texts)
    return ", ".join(f"{name} {tree[name]}" for name in ("executor", "airflowVersion") if tree.get(name))


#: What would be a page of JSON.
_IN_WORDS = {
    "assume_role_policy": _policy,
    "policy": _policy,
    "ingress": _rules,
    "egress": _rules,
    "parameter": _parameters,
    "values": _values,
}
