"""The database: changes, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Block, Case

DB = "aws_db_instance"


def window(**arguments: object) -> Block:
    """A database that changes in its window, with these arguments."""
    return {"apply_immediately": False, "maintenance_window": "sun:04:00-sun:05:00", **arguments}


def parameter(name: str, value: str, method: str = "immediate") -> Block:
    """A parameter of the database."""
    return {"name": name, "value": value, "apply_method": method}


DATABASE_CASES: list[Case] = [
    (
        DB,
        window(publicly_accessible=False),
        window(publicly_accessible=True),
        ["opens the database gets a public address: false -> true"],
    ),
    (
        DB,
        window(deletion_protection=True),
        window(deletion_protection=False),
        ["weakens the database can be deleted: true -> false"],
    ),
    (
        DB,
        window(skip_final_snapshot=False),
        window(skip_final_snapshot=True),
        ["weakens deleted, it leaves no snapshot: false -> true"],
    ),
    (DB, window(multi_az=True), window(multi_az=False), ["weakens there is no standby in another zone: true -> false"]),
    (
        DB,
        window(backup_retention_period=35),
        window(backup_retention_period=1),
        ["weakens backups are kept for fewer days: 35 -> 1"],
    ),
    (
        DB,
        window(backup_retention_period=7),
        window(backup_retention_period=0),
        [
            "weakens backups are kept for fewer days: 7 -> 0",
            (
                "interrupts the database restarts in the maintenance window sun:04:00-sun:05:00: backups are switched: "
                "7 -> 0"
            ),
        ],
    ),
    (
        DB,
        window(enabled_cloudwatch_logs_exports=["postgresql"], max_allocated_storage=500),
        window(enabled_cloudwatch_logs_exports=[], max_allocated_storage=0),
        [
            "weakens logs are published no more: postgresql -> (none)",
            "weakens the storage grows by itself up to less: 500 -> (none)",
        ],
    ),
    (
        DB,
        window(instance_class="db.t4g.medium"),
        window(instance_class="db.m7g.large"),
        [
            (
                "interrupts the database restarts in the maintenance window sun:04:00-sun:05:00: another host: "
                "db.t4g.medium -> db.m7g.large"
            )
        ],
    ),
    (
        DB,
        {"apply_immediately": False, "engine_version": "16.9"},
        {"apply_immediately": True, "engine_version": "17"},
        [
            "interrupts changes that restart the database wait for no window: false -> true",
            (
                "interrupts the database restarts at once: another version of PostgreSQL, which can't be taken back: "
                "16.9 -> 17"
            ),
        ],
    ),
    (DB, window(engine_version="17.4"), window(engine_version="17"), []),
    (
        DB,
        window(vpc_security_group_ids=["sg-1"], password_wo_version=1),
        window(vpc_security_group_ids=["sg-1", "sg-2"], password_wo_version=2),
        [
            "opens more security groups let somebody in: sg-1 -> sg-2, sg-1",
            "interrupts a new password: what has the old one connects no more: 1 -> 2",
        ],
    ),
    (DB, window(), None, ["loses destroyed: the database, all that Airflow knows"]),
    (
        "aws_db_parameter_group",
        {"parameter": [parameter("rds.force_ssl", "1"), parameter("log_connections", "1")]},
        {"parameter": [parameter("rds.force_ssl", "0"), parameter("max_connections", "900", "pending-reboot")]},
        [
            "opens connections without TLS are taken: 1 -> 0",
            "weakens log_connections: the database logs less: 1 -> (none)",
            "interrupts max_connections counts after the next restart of the database: (none) -> 900",
        ],
    ),
    (
        "aws_db_subnet_group",
        {"subnet_ids": ["a", "b"]},
        {"subnet_ids": ["a"]},
        ["weakens the database can be in fewer zones: b, a -> a"],
    ),
]
