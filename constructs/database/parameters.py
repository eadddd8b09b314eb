"""PostgreSQL's parameters: what the project requires, what the user sets, and when each takes effect."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroupParameter
from constructs.settings.values.terraform_text import terraform_literal

#: Set by the project whatever the file says. Every connection is encrypted or refused.
REQUIRED_PARAMETERS = {"rds.force_ssl": "1"}

#: Take effect with a reboot only; RDS refuses to set them at once (PostgreSQL documentation, parameters that "can only
#: be set at server start", as far as RDS lets them be changed). A `*` stands for any text.
STATIC_PARAMETERS = (
    "autovacuum_freeze_max_age",
    "autovacuum_max_workers",
    "autovacuum_multixact_freeze_max_age",
    "autovacuum_worker_slots",
    "commit_timestamp_buffers",
    "cron.*",
    "huge_page*",
    "max_connections",
    "max_files_per_process",
    "max_locks_per_transaction",
    "max_logical_replication_workers",
    "max_notify_queue_pages",
    "max_pred_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "multixact_*_buffers",
    "notify_buffers",
    "pg_stat_statements.max",
    "rds.logical_replication",
    "rds.restrict_password_commands",
    "serializable_buffers",
    "shared_buffers",
    "shared_preload_libraries",
    "subtransaction_buffers",
    "superuser_reserved_connections",
    "track_activity_query_size",
    "track_commit_timestamp",
    "transaction_buffers",
    "wal_buffers",
)


def is_static(parameter: str) -> bool:
    """Whether PostgreSQL reads the parameter only when it starts."""
    return any(fnmatchcase(parameter, pattern) for pattern in STATIC_PARAMETERS)


def parameters(chosen: Mapping[str, str], log_statements_slower_than_ms: int | None) -> list[DbParameterGroupParameter]:
    """Return the group's parameters by name; the chosen win over what other settings say, the required over both."""
    slow = log_statements_slower_than_ms
    logged = {"log_min_duration_statement": str(slow)} if slow else {}
    return [
        DbParameterGroupParameter(
            name=name,
            value=terraform_literal(value),
            apply_method="pending-reboot" if is_static(name) else "immediate",
        )
        for name, value in sorted({**logged, **chosen, **REQUIRED_PARAMETERS}.items())
    ]
