"""What AWS would refuse to delete, known before anything is destroyed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.console.errors import NoPermissionError
from ops.destruction.refusals import full_buckets, full_repositories, protected_clusters, protected_databases
from tests.unit.ops.conftest import TrialAccount
from tests.unit.ops.destroyed import state

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"


def create_bucket(account: TrialAccount, *, versions: bool = False) -> str:
    """The environment's log bucket, empty."""
    name, s3 = account.names.log_bucket, account.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": account.names.region})
    if versions:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    return name


def full(account: TrialAccount, bucket: str, *, force_destroy: bool = False) -> list[str]:
    """The full ones of the buckets that a state holds: this one."""
    known = state(("aws_s3_bucket.logs", {"bucket": bucket, "force_destroy": force_destroy}))
    return full_buckets(known, account.client)


class TestBuckets:
    def test_an_empty_one(self, account: TrialAccount) -> None:
        """An empty bucket hinders nothing."""
        assert full(account, create_bucket(account)) == []

    def test_a_full_one(self, account: TrialAccount) -> None:
        """A bucket with an object is named, but not where Terraform may empty it."""
        bucket = create_bucket(account)
        account.client("s3").put_object(Bucket=bucket, Key="log", Body=b"line")
        assert full(account, bucket) == [bucket]
        assert full(account, bucket, force_destroy=True) == []

    def test_one_that_holds_old_versions_alone(self, account: TrialAccount) -> None:
        """A bucket that looks empty holds what was deleted in it, and AWS refuses it all the same."""
        bucket, s3 = create_bucket(account, versions=True), account.client("s3")
        s3.put_object(Bucket=bucket, Key="log", Body=b"line")
        s3.delete_object(Bucket=bucket, Key="log")
        assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
        assert full(account, bucket) == [bucket]

    def test_one_that_is_gone(self, account: TrialAccount) -> None:
        """A bucket that somebody has deleted hinders nothing."""
        assert full(account, account.names.log_bucket) == []


class TestDatabases:
    @pytest.fixture
    def database(self, account: TrialAccount) -> str:
        """A database with deletion protection."""
        account.client("rds").create_db_instance(
            DBInstanceIdentifier=account.names.prefix,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="airflow",
            MasterUserPassword="not-a-secret",
            DeletionProtection=True,
        )
        return account.names.prefix

    def test_protection_counts_as_rds_has_it(self, account: TrialAccount, database: str) -> None:
        """What was switched by hand counts, whatever the state says."""
        known = state(("aws_db_instance.metadata", {"identifier": database, "deletion_protection": False}))
        [sentence] = protected_databases(known, account.client)
        assert sentence == f"aws_db_instance.metadata ({database}) is protected against deletion."
        rds = account.client("rds")
        rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=False, ApplyImmediately=True)
        known = state(("aws_db_instance.metadata", {"identifier": database, "deletion_protection": True}))
        assert protected_databases(known, account.client) == []

    def test_one_that_is_gone(self, account: TrialAccount) -> None:
        """A database that somebody has deleted is not protected."""
        known = state(("aws_db_instance.metadata", {"identifier": "gone", "deletion_protection": True}))
        assert protected_databases(known, account.client) == []

    def test_rds_does_not_say(self) -> None:
        """Without the permission to ask nothing is taken for unprotected."""

        class Denied:
            def describe_db_instances(self, **_: Any) -> None:
                raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeDBInstances")

        known = state(("aws_db_instance.metadata", {"identifier": "airflow-dev"}))
        with pytest.raises(NoPermissionError, match="read the database airflow-dev"):
            protected_databases(known, lambda _: Denied())


class TestClusters:
    def protected(self, answer: dict[str, Any] | ClientError) -> list[str]:
        """The protected ones of the clusters that a state holds, of which EKS says this."""

        class Eks:
            def describe_cluster(self, name: str) -> dict[str, Any]:
                assert name == "airflow-dev"
                if isinstance(answer, ClientError):
                    raise answer
                return {"cluster": answer}

        return protected_clusters(state(("aws_eks_cluster.cluster", {"name": "airflow-dev"})), lambda _: Eks())

    def test_protection_that_somebody_has_switched_on(self) -> None:
        """EKS is asked: the stack sets no protection of the cluster, and a person may."""
        assert self.protected({"deletionProtection": True}) == ["airflow-dev"]
        assert self.protected({"deletionProtection": False}) == []
        assert self.protected({}) == []

    def test_one_that_is_gone(self) -> None:
        """A cluster that somebody has deleted is not protected."""
        gone = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "DescribeCluster")
        assert self.protected(gone) == []

    def test_eks_does_not_say(self) -> None:
        """Without the permission to ask nothing is taken for unprotected."""
        denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeCluster")
        with pytest.raises(NoPermissionError, match="look at the cluster airflow-dev"):
            self.protected(denied)


class TestRepositories:
    def full(self, account: TrialAccount, *, force_delete: bool = False) -> list[str]:
        """The full ones of the repositories that a state holds: the environment's."""
        recorded = {"name": account.names.image_repository, "force_delete": force_delete}
        return full_repositories(state(("aws_ecr_repository.images", recorded)), account.client)

    def test_that_are_empty_or_gone_hinder_nothing(self, account: TrialAccount) -> None:
        """Neither before it is made nor while nobody has pushed."""
        assert self.full(account) == []
        account.client("ecr").create_repository(repositoryName=account.names.image_repository)
        assert self.full(account) == []

    def test_that_hold_an_image_are_named(self, account: TrialAccount) -> None:
        """But not where Terraform may delete it with all that is in it."""
        ecr, name = account.client("ecr"), account.names.image_repository
        ecr.create_repository(repositoryName=name)
        layer = {"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": 1, "digest": "sha256:0"}
        manifest = {
            "schemaVersion": 2,
            "mediaType": DOCKER,
            "config": {**layer, "mediaType": CONFIG},
            "layers": [layer],
        }
        ecr.put_image(repositoryName=name, imageManifest=json.dumps(manifest), imageTag="3.3.2-1")
        assert self.full(account) == [name]
        assert self.full(account, force_delete=True) == []
