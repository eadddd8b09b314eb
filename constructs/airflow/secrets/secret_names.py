"""Kubernetes secrets of Airflow: what they are called and which keys they hold.

The prefix is one that the chart never generates: its own `airflow-fernet-key`, `airflow-broker-url` and the like are
made and deleted by its hooks (apache/airflow#44164), and a secret of ours under such a name would go with them.
"""

PREFIX = "airflow-ext"

#: `connection`: the metadata database through PgBouncer; with autoscaling `kedaConnection`, the same by another role
METADATA = f"{PREFIX}-metadata"
RESULT_BACKEND = f"{PREFIX}-result-backend"  #: `connection`: Celery's results, through a pool of their own
BROKER = f"{PREFIX}-broker"  #: `connection`: Redis, with its password
REDIS = f"{PREFIX}-redis"  #: `password`
FERNET = f"{PREFIX}-fernet"  #: `fernet-key`: all keys in use, newest first, with commas between
API = f"{PREFIX}-api"  #: `api-secret-key`
JWT = f"{PREFIX}-jwt"  #: `jwt-secret`
ADMIN = f"{PREFIX}-admin"  #: `password`
SCALER = f"{PREFIX}-scaler"  #: `password`, of the role that KEDA asks the database with; for the database job
PGBOUNCER = f"{PREFIX}-pgbouncer"  #: `pgbouncer.ini`, `users.txt`
PGBOUNCER_STATS = f"{PREFIX}-pgbouncer-stats"  #: `connection`, for the metrics exporter
DATABASE = f"{PREFIX}-database"  #: `connection`: RDS itself, for the two jobs
GIT = f"{PREFIX}-git"  #: user name and token in four keys, or `gitSshKey`
REGISTRY = f"{PREFIX}-registry"  #: `.dockerconfigjson`
SIGN_IN = f"{PREFIX}-sign-in"  #: `client-secret`: of the client at the identity provider, for the api-server

#: Config map with the files that the environment file has the text of.
GIVEN_FILES = f"{PREFIX}-files"


def given_variable(slug: str) -> str:
    """Return what the secret of a variable of the user's is called; its key is `GIVEN_KEY`."""
    return f"{PREFIX}-env-{slug}"


def given_file(slug: str) -> str:
    """Return what the secret of a file of the user's is called; its key is `GIVEN_KEY`."""
    return f"{PREFIX}-file-{slug}"


GIVEN_KEY = "value"

#: Config map with the authorities that pods trust where the environment file has some of its own.
TRUSTED_CERTIFICATES = f"{PREFIX}-trusted-certificates"

#: Config map with the certificates that RDS servers are verified by, under `root.crt`.
RDS_ROOTS = f"{PREFIX}-rds-ca"


def bundle(name: str) -> str:
    """Return what the secret of a bundle's repository is called: a connection, for a key the files that it names."""
    return f"{PREFIX}-bundle-{name}"


def bundle_folder(name: str) -> str:
    """Return where pods have the key of a bundle's repository, and its host's."""
    return f"/etc/dag-bundles/{name}"


BUNDLE_CONNECTION = "connection"
BUNDLE_KEY = "ssh-key"
BUNDLE_KNOWN_HOSTS = "known_hosts"
