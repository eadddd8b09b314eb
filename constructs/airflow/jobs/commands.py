"""What our two jobs run in a pod of Airflow's image, and the environment that the commands need.

Both connect straight to RDS. Beside `JOB_ENVIRONMENT` they get, from Kubernetes secrets, the direct URL as
`AIRFLOW__DATABASE__SQL_ALCHEMY_CONN` and the keys as `AIRFLOW__CORE__FERNET_KEY`; the database job also the stored
password of the administrator (`ADMIN_PASSWORD`) and what tells its versions apart (`ADMIN_PASSWORD_VERSION`).
"""

from __future__ import annotations

from types import MappingProxyType

#: Where the jobs' pods mount the certificates that RDS is verified by.
ROOT_CERTIFICATES_FOLDER = "/etc/rds"
ROOT_CERTIFICATES_NAME = "root.crt"
ROOT_CERTIFICATES_FILE = f"{ROOT_CERTIFICATES_FOLDER}/{ROOT_CERTIFICATES_NAME}"

ADMIN_USERNAME = "admin"
#: Airflow variable with the version of the stored password that was applied last. Whoever deletes it has the stored
#: password set again by the next database job.
ADMIN_VERSION_VARIABLE = "admin_password_version"

JOB_ENVIRONMENT = MappingProxyType(
    {
        # The chart's default for everything else that runs. Airflow's own is another, which has no `airflow users`.
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # TLS by libpq's own variables: psycopg2, psycopg 3 and asyncpg obey them, and the URL stays free of `sslmode`.
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": ROOT_CERTIFICATES_FILE,
        "PGCONNECT_TIMEOUT": "30",
    }
)

#: Migrates the database, creates the administrator if absent, and sets its password when the stored one is a new
#: version. Whatever fails ends the job with the message of what failed; run again it goes on from there. `test` comes
#: first because Airflow would ask for an empty password, and wait.
MIGRATE_AND_ADMIN = f"""\
set -euo pipefail
test -n "$ADMIN_PASSWORD" || {{ echo "ADMIN_PASSWORD is empty" >&2; exit 2; }}
test -n "$ADMIN_PASSWORD_VERSION" || {{ echo "ADMIN_PASSWORD_VERSION is empty" >&2; exit 2; }}

airflow db migrate

# A user of that name is left as it is, password included.
airflow users create --username {ADMIN_USERNAME} --role Admin --firstname Airflow --lastname Administrator \\
  --email {ADMIN_USERNAME}@localhost --password "$ADMIN_PASSWORD"

applied=$(airflow variables get {ADMIN_VERSION_VARIABLE} --default none | tail -n 1)
if [ "$applied" = "$ADMIN_PASSWORD_VERSION" ]; then
  echo "The password of {ADMIN_USERNAME} is left as it is: version $applied of the stored one was applied before."
else
  airflow users reset-password --username {ADMIN_USERNAME} --password "$ADMIN_PASSWORD"
  airflow variables set {ADMIN_VERSION_VARIABLE} "$ADMIN_PASSWORD_VERSION" \\
    --description "Written by the database job: the version of the stored password that {ADMIN_USERNAME} has got last."
fi
"""

#: Migrates the database, and deletes the administrator if he is there; what else keeps him from going ends the job.
MIGRATE_WITHOUT_ADMIN = f"""\
set -euo pipefail
airflow db migrate

said=$(airflow users delete --username {ADMIN_USERNAME} 2>&1) ||
  [[ $said = *"does not exist"* ]] || {{ echo "$said" >&2; exit 1; }}
echo "There is no local user {ADMIN_USERNAME}: airflow.sign_in.local_admin says so."
"""

#: Makes the role that KEDA counts tasks with, or gives it its present password, and lets it read two tables and nothing
#: else. After the migration, which may have made the tables anew. The password is no argument of a statement that the
#: server would log: it is sent as the verifier that the server keeps anyway (`PQencryptPasswordConn`).
SCALER_ROLE = """\
test -n "$SCALER_PASSWORD" || { echo "SCALER_PASSWORD is empty" >&2; exit 2; }
python - <<'PYTHON'
import os

from airflow import settings

settings.configure_orm()
role, tables, password = os.environ["SCALER_USERNAME"], "task_instance, trigger", os.environ["SCALER_PASSWORD"]
# By the driver itself: SQLAlchemy would show the whole statement when it fails.
with settings.engine.begin() as connection:
    driver = connection.connection.driver_connection
    if hasattr(driver, "pgconn"):  # psycopg 3
        verifier = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    else:
        from psycopg2.extensions import encrypt_password

        verifier = encrypt_password(password, role, driver, "scram-sha-256")
    cursor = driver.cursor()
    cursor.execute("SELECT quote_ident(current_database()), to_regrole(%s) IS NOT NULL", (role,))
    database, known = cursor.fetchone()
    verb = "ALTER" if known else "CREATE"
    cursor.execute(f"{verb} ROLE {role} LOGIN CONNECTION LIMIT 20 PASSWORD '{verifier}'")
    cursor.execute(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    cursor.execute(f"GRANT SELECT ON {tables} TO {role}")
print(f"{role} may read {tables}")
PYTHON
"""

#: Encrypts every connection, variable and trigger anew, with the first of the keys; all others can still be read.
ROTATE_FERNET = """\
set -euo pipefail
airflow rotate-fernet-key
"""
