"""The secrets that Airflow's pods read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from constructs.airflow.secrets.kubernetes_secrets import (
    GitCredentials,
    KubernetesSecrets,
    KubernetesSecretsProps,
    StoredSecret,
)
from constructs.airflow.secrets.pgbouncer_configuration import PgbouncerConfiguration

from tests.unit.trial_stack import TrialStack

Deploy = Callable[..., KubernetesSecrets]

DATABASE = "${ephemeral.aws_secretsmanager_secret_version.database.secret_string}"
REDIS = "${ephemeral.aws_secretsmanager_secret_version.redis.secret_string}"
GIT = "${ephemeral.aws_secretsmanager_secret_version.git.secret_string}"


def configuration(**changes: Any) -> PgbouncerConfiguration:
    """A configuration of PgBouncer for a database on RDS."""
    arguments: dict[str, Any] = {"host": "db.example.com", "database": "airflow", "username": "airflow", **changes}
    return PgbouncerConfiguration(**arguments)


@pytest.fixture
def deploy() -> Deploy:
    """Deploy the secrets into a stack of their own, by default with required inputs only."""

    def with_inputs(**changes: Any) -> KubernetesSecrets:
        arguments: dict[str, Any] = {
            "namespace": "airflow",
            **{
                name: StoredSecret(id=f"arn:{name}", revision=1)
                for name in ("database", "redis", "api", "jwt", "admin")
            },
            "fernet": {1: "arn:fernet-1"},
            "pgbouncer": configuration(),
        } | changes
        return KubernetesSecrets(TrialStack(), "secrets", KubernetesSecretsProps(**arguments))

    return with_inputs


def secrets(deployed: KubernetesSecrets) -> dict[str, dict[str, Any]]:
    """Kubernetes name -> arguments of each secret."""
    resources = _stack(deployed).synthesized().resources("kubernetes_secret_v1").values()
    return {secret["metadata"]["name"]: secret for secret in resources}


def revisions(deployed: KubernetesSecrets) -> dict[str, int]:
    """Kubernetes name -> revision of each secret."""
    return {name: secret["data_wo_revision"] for name, secret in secrets(deployed).items()}


def _stack(deployed: KubernetesSecrets) -> TrialStack:
    scope = deployed.node.scope
    assert isinstance(scope, TrialStack)
    return scope


class TestWithDefaultConfiguration:
    def test_one_secret_per_purpose_under_names_that_the_chart_never_generates(self, deploy: Deploy) -> None:
        """The chart's hooks delete what they find under their own names; ours carry a prefix."""
        assert set(secrets(deploy())) == {
            *("airflow-ext-metadata", "airflow-ext-database", "airflow-ext-pgbouncer", "airflow-ext-pgbouncer-stats"),
            *("airflow-ext-redis", "airflow-ext-broker", "airflow-ext-fernet", "airflow-ext-api", "airflow-ext-jwt"),
            *("airflow-ext-admin", "airflow-ext-result-backend"),
        }

    def test_values_are_write_only(self, deploy: Deploy) -> None:
        """Every value stands in `data_wo`, which no state and no plan holds; each secret has a revision."""
        for name, secret in secrets(deploy()).items():
            assert "data" not in secret, name
            assert secret["data_wo_revision"] > 0, name
            assert "${ephemeral." in str(secret["data_wo"]), name

    def test_keys_are_those_that_the_chart_reads(self, deploy: Deploy) -> None:
        """Each secret has the keys of the chart's documentation, and nothing else."""
        assert {name: set(secret["data_wo"]) for name, secret in secrets(deploy()).items()} == {
            "airflow-ext-metadata": {"connection"},
            "airflow-ext-result-backend": {"connection"},
            "airflow-ext-database": {"connection"},
            "airflow-ext-pgbouncer": {"pgbouncer.ini", "users.txt"},
            "airflow-ext-pgbouncer-stats": {"connection"},
            "airflow-ext-redis": {"password"},
            "airflow-ext-broker": {"connection"},
            "airflow-ext-fernet": {"fernet-key"},
            "airflow-ext-api": {"api-secret-key"},
            "airflow-ext-jwt": {"jwt-secret"},
            "airflow-ext-admin": {"password"},
        }

    def test_urls(self, deploy: Deploy) -> None:
        """Airflow goes through PgBouncer, the jobs to RDS itself; no URL that Airflow reads has `sslmode`."""
        data = {name: secret["data_wo"].get("connection") for name, secret in secrets(deploy()).items()}
        pooled = f"postgresql://airflow:{DATABASE}@airflow-pgbouncer.airflow.svc.cluster.local:6543/airflow-metadata"
        assert data["airflow-ext-metadata"] == pooled
        assert data["airflow-ext-database"] == f"postgresql://airflow:{DATABASE}@db.example.com:5432/airflow"
        assert data["airflow-ext-result-backend"] == f"db+{pooled}".replace("-metadata", "-result-backend")
        assert data["airflow-ext-broker"] == f"redis://:{REDIS}@airflow-redis:6379/0"

    def test_values_are_read_from_secrets_manager_in_each_run(self, deploy: Deploy) -> None:
        """Each value is an ephemeral read by ARN, of whatever version is current."""
        reads = _stack(deploy()).synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]
        assert reads == {
            name.replace("-", "_"): {"secret_id": f"arn:{name}"}
            for name in ("database", "redis", "api", "jwt", "admin", "fernet-1")
        }


class TestWithCustomConfiguration:
    def test_without_celery(self, deploy: Deploy) -> None:
        """With Kubernetes alone there is no broker, and nothing is read for one."""
        deployed = deploy(redis=None)
        assert not {"airflow-ext-redis", "airflow-ext-broker", "airflow-ext-result-backend"} & set(secrets(deployed))
        reads = _stack(deployed).synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]
        assert "redis" not in reads

    def test_two_fernet_keys(self, deploy: Deploy) -> None:
        """The newest key comes first: Airflow encrypts with it and decrypts with all."""
        fernet = secrets(deploy(fernet={2: "arn:fernet-2", 1: "arn:fernet-1"}))["airflow-ext-fernet"]
        assert fernet["data_wo"]["fernet-key"] == (
            "${ephemeral.aws_secretsmanager_secret_version.fernet_2.secret_string},"
            "${ephemeral.aws_secretsmanager_secret_version.fernet_1.secret_string}"
        )

    def test_a_token_for_git(self, deploy: Deploy) -> None:
        """User name and token stand under the names of git-sync 3 and 4: its container starts with all four only."""
        credentials = GitCredentials(stored=StoredSecret(id="git/token", revision=1), token_username="oauth2")
        git = secrets(deploy(git=credentials))["airflow-ext-git"]
        assert git["data_wo"] == {
            "GITSYNC_USERNAME": "oauth2",
            "GIT_SYNC_USERNAME": "oauth2",
            "GITSYNC_PASSWORD": GIT,
            "GIT_SYNC_PASSWORD": GIT,
        }

    def test_a_key_for_git(self, deploy: Deploy) -> None:
        """An SSH key stands under the chart's name for it."""
        git = secrets(deploy(git=GitCredentials(stored=StoredSecret(id="git/key", revision=1))))["airflow-ext-git"]
        assert git["data_wo"] == {"gitSshKey": f'${{format("%s\\n", trimspace({GIT[2:-1]}))}}'}

    def test_a_registry(self, deploy: Deploy) -> None:
        """The login of a private registry is a secret of the type that kubelets read."""
        registry = secrets(deploy(registry=StoredSecret(id="registry/login", revision=1)))["airflow-ext-registry"]
        assert registry["type"] == "kubernetes.io/dockerconfigjson"
        assert set(registry["data_wo"]) == {".dockerconfigjson"}

    def test_a_client_of_an_identity_provider(self, deploy: Deploy) -> None:
        """Its secret is one of its own, which only the api-server is given; another revision writes it anew."""
        deployed = deploy(sign_in=StoredSecret(id="acme/sign-in", revision=1))
        value = "${ephemeral.aws_secretsmanager_secret_version.sign_in.secret_string}"
        assert secrets(deployed)["airflow-ext-sign-in"]["data_wo"] == {"client-secret": value}
        again = deploy(sign_in=StoredSecret(id="acme/sign-in", revision=2))
        assert deployed.sign_in_revision != again.sign_in_revision == revisions(again)["airflow-ext-sign-in"]

    def test_no_administrator(self, deploy: Deploy) -> None:
        """Where there is no such user, his password comes into the cluster in no way."""
        deployed = deploy(admin=None)
        assert "airflow-ext-admin" not in secrets(deployed)
        assert "admin" not in _stack(deployed).synthesized().document["ephemeral"]["aws_secretsmanager_secret_version"]


DATABASE_SECRETS = {
    "airflow-ext-result-backend",
    *("airflow-ext-metadata", "airflow-ext-database", "airflow-ext-pgbouncer", "airflow-ext-pgbouncer-stats"),
}
GIT_1 = GitCredentials(stored=StoredSecret(id="git/token", revision=1), token_username="git")


class TestRevisions:
    @pytest.mark.parametrize(
        ("changes", "written"),
        [
            ({"database": StoredSecret(id="arn:database", revision=2)}, DATABASE_SECRETS),
            ({"redis": StoredSecret(id="arn:redis", revision=2)}, {"airflow-ext-redis", "airflow-ext-broker"}),
            ({"api": StoredSecret(id="arn:api", revision=2)}, {"airflow-ext-api"}),
            ({"jwt": StoredSecret(id="arn:jwt", revision=2)}, {"airflow-ext-jwt"}),
            ({"admin": StoredSecret(id="arn:admin", revision=2)}, {"airflow-ext-admin"}),
            ({"fernet": {2: "arn:fernet-2", 1: "arn:fernet-1"}}, {"airflow-ext-fernet"}),
            ({"fernet": {2: "arn:fernet-2"}}, {"airflow-ext-fernet"}),
            ({"pgbouncer": configuration(metadata_pool_size=33)}, {"airflow-ext-pgbouncer"}),
            ({"git": GitCredentials(stored=StoredSecret(id="git/token", revision=2))}, {"airflow-ext-git"}),
        ],
        ids=["database", "redis", "api", "jwt", "admin", "two-fernet-keys", "new-fernet-key", "pool-size", "git"],
    )
    def test_what_a_change_writes_anew(self, deploy: Deploy, changes: dict[str, Any], written: set[str]) -> None:
        """A new revision, key or configuration writes the secrets that it is part of, and no others."""
        before, after = revisions(deploy(git=GIT_1)), revisions(deploy(**{"git": GIT_1, **changes}))
        assert {name for name in before if before[name] != after[name]} == written

    def test_each_step_of_a_fernet_rotation_is_written(self, deploy: Deploy) -> None:
        """1, then 2 and 1, then 2: three different revisions."""
        steps = [{1: "arn:1"}, {2: "arn:2", 1: "arn:1"}, {2: "arn:2"}]
        assert len({deploy(fernet=keys).fernet_revision for keys in steps}) == 3

    def test_a_revision_is_the_same_in_every_run(self, deploy: Deploy) -> None:
        """Nothing of it depends on the process that computes it: an unchanged file writes nothing."""
        first, second = deploy(), deploy()
        assert revisions(first) == revisions(second)
        assert first.pgbouncer_revision == revisions(first)["airflow-ext-pgbouncer"]


class TestScaler:
    PASSWORD = "${ephemeral.aws_secretsmanager_secret_version.scaler.secret_string}"

    def scaled(self, deploy: Deploy, revision: int = 1) -> KubernetesSecrets:
        """The secrets where KEDA asks the database."""
        return deploy(scaler=StoredSecret(id="airflow-dev/scaler", revision=revision))

    def test_has_a_url_of_its_own(self, deploy: Deploy) -> None:
        """Through PgBouncer, which knows its role beside the owner."""
        found = secrets(self.scaled(deploy))
        url = found["airflow-ext-metadata"]["data_wo"]["kedaConnection"]
        assert url == (
            f"postgresql://airflow_scaler:{self.PASSWORD}@airflow-pgbouncer.airflow.svc.cluster.local:6543/"
            "airflow-metadata?sslmode=disable"
        )
        users = found["airflow-ext-pgbouncer"]["data_wo"]["users.txt"]
        assert users == f'"airflow" "{DATABASE}"\n"airflow_scaler" "{self.PASSWORD}"\n'
        assert found["airflow-ext-scaler"]["data_wo"] == {"password": self.PASSWORD}

    def test_rotation_writes_anew_what_holds_the_password(self, deploy: Deploy) -> None:
        """And nothing else."""
        before, after = (revisions(self.scaled(deploy, revision)) for revision in (1, 2))
        changed = {name for name, revision in after.items() if before[name] != revision}
        assert changed == {"airflow-ext-metadata", "airflow-ext-pgbouncer", "airflow-ext-scaler"}

    def test_without_it_nothing_of_it_is_there(self, deploy: Deploy) -> None:
        """Revisions are those that they were."""
        plain = deploy()
        assert "kedaConnection" not in secrets(plain)["airflow-ext-metadata"]["data_wo"]
        assert "airflow-ext-scaler" not in secrets(plain)
        assert revisions(plain)["airflow-ext-metadata"] == 1
