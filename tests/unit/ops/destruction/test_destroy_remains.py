"""What a destroy says of what goes and of what stays."""

from __future__ import annotations

from ops.destruction.remains import WIDTH, goes, lost, stays
from tests.unit.ops.destroyed import state

DATABASE = {"identifier": "airflow-dev", "final_snapshot_identifier": "airflow-dev-final"}


class TestGoes:
    def test_what_holds_data_is_named_and_the_rest_counted(self) -> None:
        """Database, buckets and secrets by their names, one line a kind; the rest by kind, however many there are."""
        lines = goes(
            state(
                ("aws_db_instance.metadata", DATABASE),
                ("aws_secretsmanager_secret.jwt", {"name": "airflow-dev/jwt"}),
                ("aws_secretsmanager_secret.api", {"name": "airflow-dev/api"}),
                ("aws_subnet.a", {}),
                ("aws_subnet.b", {}),
                ("aws_vpc.cluster", {}),
            )
        )
        assert lines == [
            "aws_db_instance: airflow-dev",
            "aws_secretsmanager_secret: airflow-dev/api, airflow-dev/jwt",
            "2 aws_subnet, 1 aws_vpc",
        ]

    def test_many_kinds_are_folded_between_kinds(self) -> None:
        """Lines are as long as a terminal is wide, and none is broken between a number and its kind."""
        lines = goes(state(*((f"aws_kind_number_{number}.it", {}) for number in range(20))))
        assert len(lines) > 1
        assert all(len(line) <= WIDTH and line.startswith("1 aws_kind_") for line in lines)

    def test_nothing_is_recorded(self) -> None:
        """Of an empty state nothing is said."""
        assert goes(state()) == []


class TestLostAndStays:
    def test_without_a_final_snapshot(self) -> None:
        """A database without snapshot, a bucket that is emptied and secrets without a window are lost, not kept."""
        found = state(
            ("aws_db_instance.metadata", {**DATABASE, "skip_final_snapshot": True}),
            ("aws_s3_bucket.logs", {"bucket": "logs", "force_destroy": True}),
            ("aws_secretsmanager_secret.jwt", {"name": "airflow-dev/jwt", "recovery_window_in_days": 0}),
        )
        assert [line.partition(" (")[0] for line in lost(found)] == [
            "the database airflow-dev and its backups, without a final snapshot",
            "all task logs in the bucket logs",
            "1 secrets, at once",
        ]
        assert stays(found) == []

    def test_protected(self) -> None:
        """Snapshot, secrets in their window and keys stay, each with its end."""
        found = state(
            ("aws_db_instance.metadata", {**DATABASE, "skip_final_snapshot": False}),
            ("aws_s3_bucket.logs", {"bucket": "logs", "force_destroy": False}),
            ("aws_secretsmanager_secret.jwt", {"name": "airflow-dev/jwt", "recovery_window_in_days": 7}),
            ("aws_kms_key.logs", {"key_id": "k-1", "deletion_window_in_days": 10}),
        )
        assert lost(found) == []
        snapshot, secrets, key = stays(found)
        assert "airflow-dev-final" in snapshot
        assert secrets.startswith("1 secrets for 7 days")
        assert key.startswith("key k-1 (aws_kms_key.logs) for 10 days")

    def test_an_object_without_attributes(self) -> None:
        """A damaged entry is counted, and nothing is said of what it holds."""
        found = state(("aws_db_instance.metadata", None), ("aws_kms_key.logs", None))
        assert (lost(found), stays(found)) == ([], [])
        assert found.by_type == {"aws_db_instance": 1, "aws_kms_key": 1}
