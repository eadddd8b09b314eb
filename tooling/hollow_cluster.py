"""`make cluster`: runs tests/cluster/ on a Kubernetes API of its own, made by kwokctl and gone afterwards.

kwokctl starts etcd, the API server, its controllers and the scheduler in Docker; no node and no container. kwok's own
controller is left out: it would call any pod ready, where the tests' stand-in looks for the secrets that the pod names.
kwokctl itself is built by Go, whose module checksums prove what it is. Its variables work here as well: KWOK_RUNTIME,
KWOK_KUBE_VERSION and others.
"""

from __future__ import annotations

import programs  # noqa: F401  # first: imports of constructs start Node.js

# isort: split

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tooling.virtual_environments import ROOT, TOOLS

KWOKCTL = "sigs.k8s.io/kwok/cmd/kwokctl"
KWOKCTL_VERSION = "v0.7.0"
#: kwokctl's own default is older than what environment files ask for.
KUBERNETES_VERSION = "v1.35.0"
NAME = "airflow-tests"


class ClusterError(Exception):
    """There is no cluster to be had; the message says what to do."""


def kwokctl(folder: Path) -> Path:
    """Return kwokctl of the project's version, built into `folder` where it isn't there yet.

    Raises:
        ClusterError: there is no Go, or it can't build it.
    """
    program = folder / f"kwokctl-{KWOKCTL_VERSION}" / "kwokctl"
    if program.is_file():
        return program
    if not shutil.which("go"):
        raise ClusterError("Go is not on PATH: it builds kwokctl. Install it (go.dev/doc/install), then again.")
    built = subprocess.run(
        ["go", "install", f"{KWOKCTL}@{KWOKCTL_VERSION}"],
        env={**os.environ, "GOBIN": str(program.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        raise ClusterError(f"go install {KWOKCTL}@{KWOKCTL_VERSION} failed:\n{built.stderr.strip()[-2000:]}")
    return program


@contextmanager
def cluster(program: Path) -> Iterator[Path]:
    """Make a cluster for the length of a block; give the path of its kubeconfig.

    Raises:
        ClusterError: kwokctl can't make it.
    """
    with tempfile.TemporaryDirectory(prefix="hollow-") as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        create = ("create", "cluster", "--disable", "kwok-controller", "--wait", "5m")
        try:
            made = _run(program, *create, "--kubeconfig", str(kubeconfig))
            if made.returncode:
                raise ClusterError(f"kwokctl made no cluster:\n{made.stdout.strip()[-2000:]}")
            yield kubeconfig
        finally:
            _run(program, "delete", "cluster", "--kubeconfig", str(kubeconfig))


def _run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), f"--name={NAME}", *arguments],
        env={"KWOK_KUBE_VERSION": KUBERNETES_VERSION, **os.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def what_to_run(arguments: Sequence[str]) -> list[str]:
    """Return the arguments for pytest: tests/cluster, unless they name files or folders themselves."""
    named = any("/" in argument and (ROOT / argument.partition("::")[0]).exists() for argument in arguments)
    return [*arguments] if named else ["tests/cluster", *arguments]


def main(arguments: Sequence[str]) -> int:
    """Run pytest on a cluster (`arguments` are for it); return its exit code, 1 where there is no cluster."""
    try:
        with cluster(kwokctl(TOOLS)) as kubeconfig:
            variables = {**os.environ, "CLUSTER_KUBECONFIG": str(kubeconfig), "CI_NO_SKIP": "1"}
            command = [sys.executable, "-m", "pytest", "-rs", *what_to_run(arguments)]
            return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
