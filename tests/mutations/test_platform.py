"""The platform broken on purpose, one line at a time: a named test has to fail for each.

A test that no breakage can make fail proves nothing. Each breakage is made in a copy of the checkout, in which the test
then runs. Those that a proof at synth catches are in tests/synth/test_proofs.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import constructs.bindings  # noqa: F401  # first: it makes the provider packages cheap to import
import pytest
from constructs.bindings.reduction import KEPT

from main import ROOT

pytestmark = pytest.mark.slow

#: What the tests need of the checkout.
COPIED = ("constructs", "environments", "helm", "main.py", "ops", "programs", "pyproject.toml", "tests", "tooling")

AIRFLOW = "constructs/airflow"
UNIT = "tests/unit/airflow"
SYNTH = "tests/synth/test_platform.py"


@dataclass(frozen=True)
class Breakage:
    """One line of the product, what it is broken to, and the test that has to notice."""

    file: str
    line: str
    broken: str
    test: str


BREAKAGES = {
    "the migration is nothing that the release waits for": Breakage(
        "constructs/stacks/platform.py",
        "storage_class.resource, job, *before_pods", "storage_class.resource, *before_pods",
        f"{SYNTH}::TestContract::test_comes_after_infrastructure",
    ),
    "another name of a secret": Breakage(
        f"{AIRFLOW}/secrets/secret_names.py", 'BROKER = f"{PREFIX}-broker"', 'BROKER = "airflow-broker-url"',
        f"{UNIT}/secrets/test_kubernetes_secrets.py",
    ),
    "a secret in an argument that the state holds": Breakage(
        f"{AIRFLOW}/secrets/written_secrets.py", "data_wo=dict(data),", "data=dict(data),",
        f"{UNIT}/secrets/test_kubernetes_secrets.py",
    ),
    "the revision of another secret": Breakage(
        f"{AIRFLOW}/secrets/kubernetes_secrets.py", '"jwt-secret", props.jwt)', '"jwt-secret", props.api)',
        f"{UNIT}/secrets/test_kubernetes_secrets.py",
    ),
    "PgBouncer encrypts and verifies nothing": Breakage(
        f"{AIRFLOW}/secrets/pgbouncer_configuration.py",
        '"server_tls_sslmode": "verify-full"', '"server_tls_sslmode": "require"',
        f"{UNIT}/secrets/test_pgbouncer_configuration.py",
    ),
    "the jobs verify nothing": Breakage(
        f"{AIRFLOW}/jobs/commands.py", '"PGSSLMODE": "verify-full"', '"PGSSLMODE": "require"',
        f"{UNIT}/jobs/test_jobs.py",
    ),
    "an inbound range is dropped": Breakage(
        f"{AIRFLOW}/web/ingress.py",
        '"inbound-cidrs": ",".join(props.allowed_cidrs)', '"inbound-cidrs": ",".join(props.allowed_cidrs[:1])',
        f"{UNIT}/web/test_web.py",
    ),
    "port 80 is left open": Breakage(
        f"{AIRFLOW}/web/ingress.py", '        "ssl-redirect": "443",\n', "",
        f"{UNIT}/web/test_web.py",
    ),
    "people's code reaches the instance metadata": Breakage(
        f"{AIRFLOW}/network/peers.py",
        'INSTANCE_METADATA = "169.254.169.254/32"', 'INSTANCE_METADATA = "169.254.169.253/32"',
        f"{UNIT}/network/test_network_policies.py",
    ),
    "everybody in the namespace is a component": Breakage(
        f"{AIRFLOW}/network/network_policies.py", '"default-deny", {}', '"default-deny", pod_labels("worker")',
        f"{UNIT}/network/test_network_policies.py",
    ),
    "PodSecurity only warns": Breakage(
        f"{AIRFLOW}/namespace.py", "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/inform",
        f"{UNIT}/test_namespace.py",
    ),
    "a job with a token for the Kubernetes API": Breakage(
        f"{AIRFLOW}/jobs/job.py", '"automount_service_account_token": False', '"automount_service_account_token": True',
        f"{UNIT}/jobs/test_jobs.py",
    ),
    "the controller answers for every service": Breakage(
        f"{AIRFLOW}/web/load_balancer_controller_release.py",
        '"enableServiceMutatorWebhook": False', '"enableServiceMutatorWebhook": True',
        f"{UNIT}/web/test_load_balancer_controller_release.py",
    ),
    "volumes in the clear": Breakage(
        f"{AIRFLOW}/storage_class.py", '"encrypted": "true"', '"encrypted": "false"',
        SYNTH,
    ),
    "the web server believes everybody": Breakage(
        f"{AIRFLOW}/web/proxy_trust.py", '",".join(proxy_cidrs)', '"*"',
        SYNTH,
    ),
    "the chart's migration is on": Breakage(
        f"{AIRFLOW}/computed_values/release.py", '_NO_JOB = {"enabled": False', '_NO_JOB = {"enabled": True',
        SYNTH,
    ),
    "Terraform does not wait for the pods": Breakage(
        f"{AIRFLOW}/release.py", "wait=True", "wait=False",
        SYNTH,
    ),
}  # fmt: skip


def run(checkout: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a copy of the checkout."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "AIRFLOW_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests],
        cwd=checkout,
        env=environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the checkout, compiled modules among it, without what was generated.

    Of the provider packages it has the checkout's reduced ones: it would make the same.
    """
    for name in COPIED:
        if (ROOT / name).is_dir():
            # Not what another process is compiling at this moment: it is gone when it is to be copied.
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc.*"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    if KEPT.is_dir():
        kept = tmp_path / KEPT.relative_to(ROOT)
        kept.parent.mkdir()
        kept.symlink_to(KEPT)
    return tmp_path


class TestBreakages:
    def test_the_tests_pass_in_an_unbroken_copy(self, copy: Path) -> None:
        """What fails below fails for the breakage, not for being a copy."""
        done = run(copy, *sorted({breakage.test for breakage in BREAKAGES.values()}))
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("what", BREAKAGES)
    def test_each_is_noticed(self, copy: Path, what: str) -> None:
        """The named test fails, or a proof refuses the synth before it."""
        breakage = BREAKAGES[what]
        file = copy / breakage.file
        text = file.read_text(encoding="utf-8")
        assert text.count(breakage.line) == 1, f"{breakage.file} has another text by now: {breakage.line}"
        file.write_text(text.replace(breakage.line, breakage.broken), encoding="utf-8")
        done = run(copy, breakage.test)
        assert done.returncode == 1, done.stdout
        assert "\nFAILED " in done.stdout or "ProofError" in done.stdout, done.stdout
