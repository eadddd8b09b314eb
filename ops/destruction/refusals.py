"""What AWS would refuse to delete: asked of AWS itself, as somebody may have changed it beside Terraform."""

from __future__ import annotations

from collections.abc import Callable

from ops.clients.aws import readable
from ops.console.errors import NotFoundError
from ops.destruction.remains import each
from ops.state.reading import StackState
from ops.unrecorded.account import Clients


def protected_databases(state: StackState, clients: Clients) -> list[str]:
    """A sentence for each recorded database whose deletion RDS would refuse; one that is gone already is none.

    Raises:
        OperationError: RDS doesn't say.
    """
    return [
        f"{address} ({database['identifier']}) is protected against deletion."
        for address, database in each(state, "aws_db_instance")
        if _protected(database["identifier"], clients)
    ]


def _says(doing: str, ask: Callable[[], bool]) -> bool:
    """What AWS says; no where the object is gone already."""
    try:
        with readable(doing):
            return ask()
    except NotFoundError:
        return False


def _protected(identifier: str, clients: Clients) -> bool:
    def ask() -> bool:
        described = clients("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
        return any(database.get("DeletionProtection") for database in described)

    return _says(f"read the database {identifier}", ask)


def protected_clusters(state: StackState, clients: Clients) -> list[str]:
    """Names of recorded clusters whose deletion EKS would refuse; one that is gone already is none.

    `cluster.deletion_protection` sets it, and somebody may have, beside Terraform.

    Raises:
        OperationError: EKS doesn't say.
    """
    return [cluster["name"] for _, cluster in each(state, "aws_eks_cluster") if _kept(cluster["name"], clients)]


def _kept(name: str, clients: Clients) -> bool:
    def ask() -> bool:
        return bool(clients("eks").describe_cluster(name=name)["cluster"].get("deletionProtection"))

    return _says(f"look at the cluster {name}", ask)


def full_buckets(state: StackState, clients: Clients) -> list[str]:
    """Recorded buckets that Terraform deletes only when they are empty, and that hold something.

    Raises:
        OperationError: S3 doesn't say.
    """
    return [
        bucket["bucket"]
        for _, bucket in each(state, "aws_s3_bucket")
        if not bucket.get("force_destroy") and _holds_anything(bucket["bucket"], clients)
    ]


def _holds_anything(bucket: str, clients: Clients) -> bool:
    def ask() -> bool:
        listed = clients("s3").list_object_versions(Bucket=bucket, MaxKeys=1)
        return bool(listed.get("Versions") or listed.get("DeleteMarkers"))

    return _says(f"look into the bucket {bucket}", ask)


def full_repositories(state: StackState, clients: Clients) -> list[str]:
    """Names of recorded repositories that Terraform deletes only when they are empty, and that hold images.

    Raises:
        OperationError: ECR doesn't say.
    """
    return [
        repository["name"]
        for _, repository in each(state, "aws_ecr_repository")
        if not repository.get("force_delete") and _holds_images(repository["name"], clients)
    ]


def _holds_images(repository: str, clients: Clients) -> bool:
    def ask() -> bool:
        return bool(clients("ecr").list_images(repositoryName=repository, maxResults=1)["imageIds"])

    return _says(f"look into the repository {repository}", ask)
