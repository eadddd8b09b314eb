"""The proofs that every synth runs, on the shipped environments broken on purpose."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from constructs.checks.proofs import ProofError, prove

from tests.synth.environments import NAMES, files

Document = dict[str, Any]


def _without_route(name: str) -> Callable[[Document], object]:
    return lambda document: document["resource"]["aws_route"].pop(name)


def _rule(**changes: object) -> Callable[[Document], object]:
    return lambda document: document["resource"]["aws_security_group"]["database"]["ingress"][0].update(changes)


#: What is broken -> how, and what is said of it.
BREAKAGES: dict[str, tuple[Callable[[Document], object], str]] = {
    "no way there": (_without_route("private_b_database"), "no route from subnet private_b to subnet database_a"),
    "no way back": (_without_route("database_cluster"), "no route from subnet database_b to subnet private_a"),
    "open to a range": (_rule(cidr_blocks=["0.0.0.0/0"]), r"the database accepts tcp 5432-5432 from .*0\.0\.0\.0/0"),
    "another port": (_rule(from_port=0), "the database accepts tcp 0-5432 from"),
    "public": (
        lambda document: document["resource"]["aws_db_instance"]["metadata"].update(publicly_accessible=True),
        "aws_db_instance.metadata is public",
    ),
    "a token": (lambda document: document["output"].update(x={"value": "TFTOKEN[1]"}), "an unresolved CDKTF token"),
    "another provider": (
        lambda document: document["resource"].update(helm_release={"airflow": {}}),
        "helm_release.airflow is no AWS resource",
    ),
}


def _release(**changes: object) -> Callable[[Document], object]:
    return lambda document: document["resource"]["helm_release"]["airflow"].update(changes)


def _secret(name: str, **changes: object) -> Callable[[Document], object]:
    return lambda document: document["resource"]["kubernetes_secret_v1"][name].update(changes)


def _no_wait(terraform_type: str, name: str, for_what: str) -> Callable[[Document], object]:
    return lambda document: document["resource"][terraform_type][name]["depends_on"].remove(for_what)


def _job_variables(document: Document) -> list[dict[str, Any]]:
    [container] = document["resource"]["kubernetes_job_v1"]["database"]["spec"]["template"]["spec"]["container"]
    variables: list[dict[str, Any]] = container["env"]
    return variables


#: The same for `platform`.
PLATFORM_BREAKAGES: dict[str, tuple[Callable[[Document], object], str]] = {
    "a node group": (
        lambda document: document["resource"].update(aws_eks_node_group={"more": {"subnet_ids": []}}),
        "aws_eks_node_group.more belongs to infrastructure",
    ),
    "a data source of AWS": (
        lambda document: document["data"].update(aws_eks_cluster={"cluster": {}}),
        "data.aws_eks_cluster.cluster belongs to infrastructure",
    ),
    "a secret in the state": (
        _secret("jwt", data={"jwt-secret": "${ephemeral.x}"}),
        "kubernetes_secret_v1.jwt is in the state: it has data",
    ),
    "a secret that is never written again": (
        lambda document: document["resource"]["kubernetes_secret_v1"]["api"].pop("data_wo_revision"),
        "kubernetes_secret_v1.api would never be written again",
    ),
    "a secret among the values": (
        _release(values=["password: ${ephemeral.aws_secretsmanager_secret_version.redis.secret_string}"]),
        "helm_release.airflow has a secret where Terraform stores it",
    ),
    "a release before the migration": (
        _no_wait("helm_release", "airflow", "kubernetes_job_v1.database"),
        "helm_release.airflow does not wait for kubernetes_job_v1.database",
    ),
    "a release before a secret": (
        _no_wait("helm_release", "airflow", "kubernetes_secret_v1.broker"),
        "helm_release.airflow does not wait for kubernetes_secret_v1.broker",
    ),
    "a migration that no policy lets through": (
        _no_wait("kubernetes_job_v1", "database", "kubernetes_network_policy_v1.database_job"),
        "kubernetes_job_v1.database does not wait for kubernetes_network_policy_v1.database_job",
    ),
    "a balancer before its controller": (
        _no_wait("kubernetes_ingress_v1", "airflow", "helm_release.load_balancer_controller"),
        "kubernetes_ingress_v1.airflow does not wait for helm_release.load_balancer_controller",
    ),
    "no default deny": (
        lambda document: document["resource"]["kubernetes_network_policy_v1"].pop("default_deny"),
        "kubernetes_network_policy_v1.default_deny is missing",
    ),
    "a pooler that verifies nothing": (
        _secret("pgbouncer", data_wo={"pgbouncer.ini": "server_tls_sslmode = require"}),
        "kubernetes_secret_v1.pgbouncer: PgBouncer does not verify the database",
    ),
    "a job that verifies nothing": (
        lambda document: _job_variables(document).remove({"name": "PGSSLMODE", "value": "verify-full"}),
        "kubernetes_job_v1.database does not verify the database",
    ),
}


class TestProve:
    @pytest.mark.parametrize("name", NAMES)
    def test_shipped_environments_pass(self, outdirs: dict[str, Path], name: str) -> None:
        """What is shipped is right."""
        assert prove(outdirs[name]) == ["infrastructure", "platform"]

    @pytest.mark.parametrize(
        ("stack", "breakage"),
        [
            *(("infrastructure", breakage) for breakage in BREAKAGES),
            *(("platform", breakage) for breakage in PLATFORM_BREAKAGES),
        ],
    )
    def test_each_breakage_is_found(self, outdirs: dict[str, Path], tmp_path: Path, stack: str, breakage: str) -> None:
        """A stack that is broken in one place fails, and the message says where."""
        break_it, said = (BREAKAGES | PLATFORM_BREAKAGES)[breakage]
        shutil.copytree(outdirs["dev"], tmp_path, dirs_exist_ok=True)
        file = tmp_path / "stacks" / stack / "cdk.tf.json"
        document = json.loads(file.read_text())
        break_it(document)
        file.write_text(json.dumps(document))
        with pytest.raises(ProofError, match=said):
            prove(tmp_path)

    def test_nothing_is_written(self, outdirs: dict[str, Path]) -> None:
        """Proving only reads."""
        before = files(outdirs["dev"])
        prove(outdirs["dev"])
        assert files(outdirs["dev"]) == before
