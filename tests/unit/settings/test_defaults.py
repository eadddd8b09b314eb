"""What a file gets that says no more than it must."""

from __future__ import annotations

from collections.abc import Callable

from constructs.settings.environment import Environment

Load = Callable[[dict[str, str | None]], Environment]


def _size(cpu: str, memory: str, **more: object) -> dict[str, object]:
    return {"cpu": cpu, "memory": memory, "cpu_limit": None, **more}


def _pod(cpu: str, memory: str, **more: int) -> dict[str, object]:
    return {**_size(cpu, memory, **more), "node_group": None, "node_pool": None, "priority": None}


AIRFLOW_DEFAULTS: dict[str, object] = {
    "namespace": "airflow",
    "version": "3.3.2",
    "executor": "CeleryExecutor",
    "pod_policy_arns": (),
    "image": None,
    "chart": {
        "source": "https://airflow.apache.org",
        "load_balancer_controller_source": "https://aws.github.io/eks-charts",
        "keda_source": "https://kedacore.github.io/charts",
        "karpenter_source": "oci://public.ecr.aws/karpenter/karpenter",
        "karpenter_crd_source": "oci://public.ecr.aws/karpenter/karpenter-crd",
    },
    "dags": {
        "source": "git_sync",
        "repository": "https://github.com/acme/dags.git",
        "branch": None,
        "tag": None,
        "commit": None,
        "sub_path": "dags",
        "sync_period_seconds": 60,
        "token_secret_name": None,
        "token_username": "git",
        "ssh_key_secret_name": None,
        "known_hosts": None,
        "credentials_revision": 1,
        "bundles": {},
        "image_too": False,
    },
    "web": {
        "expose": "load_balancer",
        "scheme": "internal",
        "open_to_the_internet": False,
        "allowed_cidrs": ("203.0.113.0/24",),
        "unencrypted_http": True,
        "certificate_arn": None,
        "host_name": None,
        "further_host_names": (),
        "further_certificate_arns": (),
        "hosted_zone_id": None,
        "trusted_proxy_cidrs": None,
        "waf_acl_arn": None,
        "access_logs": None,
        "idle_timeout_seconds": 110,
        "ingress_group": None,
        "annotations": {},
    },
    "sign_in": None,
    "task_egress": "any",
    "egress": {"api_server": (), "scheduler": (), "triggerer": ()},
    "environment": (),
    "files": (),
    "trusted_certificates": None,
    "secrets_backend": False,
    "workers": {},
    "task_pods": {},
    "pod_roles": {},
    "allow_pod_launching": False,
    "components": {
        "api_server": _pod("250m", "1536Mi", replicas=1),
        "scheduler": _pod("250m", "1Gi", replicas=1),
        "dag_processor": _pod("200m", "1Gi", replicas=1),
        "triggerer": _pod("100m", "768Mi", replicas=1) | {"autoscaling": None},
        "workers": _pod("400m", "2Gi", replicas=1, concurrency=8, termination_grace_seconds=600)
        | {"autoscaling": None},
        "pgbouncer": _pod("50m", "128Mi", replicas=1),
        "redis": _pod("50m", "256Mi", volume_size_gib=1),
        "statsd": _pod("20m", "128Mi"),
        "git_sync": _size("20m", "128Mi"),
        "log_groomer": _size("10m", "128Mi"),
        "task_pod": _pod("250m", "1Gi"),
    },
    "pgbouncer": {"metadata_pool_size": 20, "result_backend_pool_size": 10, "max_client_connections": 200},
    "quota": None,
    "limit_range": None,
    "cleanup": None,
    "scraping": False,
}


def test_the_smallest_file_gets_the_documented_defaults(load: Load) -> None:
    """Only what cannot be guessed is required; all else has these values."""
    values = load({}).model_dump()
    for required in ("name", "region", "account_id", "availability_zones"):
        del values[required]
    assert values == {
        "delivery": None,
        "state": {
            "backend": "local",
            "bucket": None,
            "region": None,
            "kms_key_id": None,
            "key_prefix": "airflow",
            "lock_timeout_minutes": 60,
        },
        "providers": {"aws": "5.100.0", "helm": "3.1.1", "kubernetes": "2.38.0"},
        "tags": {},
        "ignore_tags": {"keys": (), "key_prefixes": ()},
        "network": {
            "cluster_vpc_cidr": "10.0.0.0/16",
            "database_vpc_cidr": "10.1.0.0/24",
            "nat_gateways": "one",
            "flow_log_retention_days": 30,
        },
        "cluster": {
            "kubernetes_version": "1.35",
            "service_cidr": "172.20.0.0/16",
            "endpoint": {
                "private_access": True,
                "public_access": True,
                "public_access_cidrs": ("203.0.113.0/24",),
                "open_to_the_internet": False,
            },
            "administrators": ("arn:aws:iam::111122223333:role/platform-engineers",),
            "control_plane_logs": ("api", "audit", "authenticator", "controllerManager", "scheduler"),
            "log_retention_days": 90,
            "upgrade_support": "standard",
            "addons": {},
            "node_volume_kms_key_arn": None,
            "roll_nodes_on_tag_change": False,
            "deletion_protection": None,
            "pods": {
                "prefix_delegation": False,
                "warm_prefix_target": None,
                "warm_ip_target": None,
                "minimum_ip_target": None,
            },
            "allow_replacement": False,
            "node_groups": {
                "default": {
                    "instance_types": ("m7g.large",),
                    "ami_type": None,
                    "min_size": 2,
                    "max_size": 4,
                    "capacity_type": "on_demand",
                    "volume_size_gib": 50,
                    "labels": {},
                    "workload": None,
                    "taints": (),
                    "node_repair": True,
                    "availability_zones": None,
                }
            },
            "node_pools": {},
        },
        "database": {
            "engine_version": "17",
            "instance_class": "db.t4g.medium",
            "kms_key_arn": None,
            "allocated_storage_gib": 20,
            "max_allocated_storage_gib": 100,
            "multi_az": False,
            "certificate_authority": "rds-ca-rsa2048-g1",
            "backup_retention_days": 7,
            "backup_window": "02:00-03:00",
            "maintenance_window": "sun:04:00-sun:05:00",
            "apply_immediately": False,
            "deletion_protection": True,
            "allow_replacement": False,
            "final_snapshot": True,
            "restore_from_snapshot": None,
            "log_retention_days": 30,
            "log_statements_slower_than_ms": None,
            "parameters": {},
            "alarm_topic_arn": None,
            "alarm_emails": (),
        },
        "storage": {
            "volume_kms_key_arn": None,
            "log_expiration_days": 90,
            "log_infrequent_access_days": None,
            "noncurrent_version_expiration_days": 30,
            "empty_log_bucket_on_destroy": False,
        },
        "airflow": AIRFLOW_DEFAULTS,
        "secrets": {
            "revisions": {"database": 1, "redis": 1, "api": 1, "jwt": 1, "admin": 1, "scaler": 1},
            "fernet_keys": (1,),
            "recovery_window_days": 7,
        },
    }
