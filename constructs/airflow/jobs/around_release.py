"""The two jobs around a release of Airflow: before it the migration, after it the re-encryption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable
from constructs.airflow.jobs.commands import MIGRATE_AND_ADMIN, MIGRATE_WITHOUT_ADMIN, ROTATE_FERNET, SCALER_ROLE
from constructs.airflow.jobs.job import Job, JobProps
from constructs.airflow.secrets import secret_names
from constructs.airflow.secrets.connections import SCALER_USERNAME
from constructs.naming.component import Component, Scope


@dataclass(frozen=True, kw_only=True)
class DatabaseJobProps:
    """Inputs of `DatabaseJob`."""

    namespace: str
    image: str
    """The release's own: migrations belong to a version of Airflow."""

    admin_password_version: str
    """Which version of the stored password the user admin gets."""

    has_admin: bool = True
    """Whether there is a user admin; else he is deleted."""

    scaler_password_revision: int | None = None
    """Which revision of its password KEDA's role gets; None: there is no such role."""

    image_pull_secret: str | None = None
    depends_on: Sequence[ITerraformDependable] = ()


class DatabaseJob(Component):
    """Migrates the database and makes the user admin, before the release; see docs/decisions/0016-database-job.md.

    Or deletes him, without ever seeing his password.

    Replaced, and so run again, when the image, the script or the stored password changes.
    """

    def __init__(self, scope: Scope, id_: str, props: DatabaseJobProps) -> None:
        super().__init__(scope, id_)
        scaled = props.scaler_password_revision is not None
        job = JobProps(
            name="database",
            namespace=props.namespace,
            image=props.image,
            image_pull_secret=props.image_pull_secret,
            command=(MIGRATE_AND_ADMIN if props.has_admin else MIGRATE_WITHOUT_ADMIN) + (SCALER_ROLE if scaled else ""),
            environment={
                **({"ADMIN_PASSWORD_VERSION": props.admin_password_version} if props.has_admin else {}),
                **(_scaler(props.scaler_password_revision) if props.scaler_password_revision is not None else {}),
            },
            secrets={
                **({"ADMIN_PASSWORD": (secret_names.ADMIN, "password")} if props.has_admin else {}),
                **({"SCALER_PASSWORD": (secret_names.SCALER, "password")} if scaled else {}),
            },
            depends_on=props.depends_on,
        )
        self.resource: ITerraformDependable = Job(self, "job", job).resource


def _scaler(revision: int) -> dict[str, str]:
    return {"SCALER_USERNAME": SCALER_USERNAME, "SCALER_PASSWORD_REVISION": str(revision)}


@dataclass(frozen=True, kw_only=True)
class FernetJobProps:
    """Inputs of `FernetJob`."""

    namespace: str
    image: str
    key_numbers: Sequence[int]
    """The Fernet keys in use, newest first; another pair of them runs the job again."""

    image_pull_secret: str | None = None
    depends_on: Sequence[ITerraformDependable] = ()


class FernetJob(Component):
    """Encrypts all connections, variables and triggers with the newest Fernet key.

    Depends on the release, whose pods all know both keys by then: nothing is undecryptable in between.
    """

    def __init__(self, scope: Scope, id_: str, props: FernetJobProps) -> None:
        super().__init__(scope, id_)
        job = JobProps(
            name="fernet",
            namespace=props.namespace,
            image=props.image,
            image_pull_secret=props.image_pull_secret,
            command=ROTATE_FERNET,
            environment={"FERNET_KEY_NUMBERS": ",".join(map(str, props.key_numbers))},
            depends_on=props.depends_on,
        )
        self.resource: ITerraformDependable = Job(self, "job", job).resource
