"""A chart as it was released, known by its bytes: those of the archive, or of the files that are in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ReleasedChart:
    """One version of a chart."""

    name: str
    version: str
    archive_sha256: str = ""
    """Of `<name>-<version>.tgz`, as the repository's index.yaml has it too. Empty: not known to this project."""

    files_sha256: str = ""
    """Of the unpacked archive, see `files_digest`. Empty: not known."""

    @property
    def archive(self) -> str:
        """Name of the archive's file."""
        return f"{self.name}-{self.version}.tgz"

    @property
    def is_known(self) -> bool:
        """Whether anything can be compared with it by its bytes."""
        return bool(self.archive_sha256)

    def is_at(self, path: Path) -> bool:
        """Whether an archive or a folder is this release, and nothing else; of one whose bytes nobody knows anything.

        Raises:
            OSError: it can't be read.
        """
        if not self.is_known:
            return True
        if path.is_dir():
            return files_digest(path) == self.files_sha256
        return archive_digest(path) == self.archive_sha256


#: Of 2026-06, as https://airflow.apache.org/index.yaml has it; the archive is at
#: https://downloads.apache.org/airflow/helm-chart/1.22.0/. Others called themselves 1.22.0 before it.
AIRFLOW = ReleasedChart(
    name="airflow",
    version="1.22.0",
    archive_sha256="1f7d1dfe3d58e2c54899950aba907a43625a18c8b6fb3c54760c21592129a5b6",
    files_sha256="c729d7da112be635fc79c440aa4475b54baeac09d7f38d08d43f00073f3f41c6",
)

#: Chart and controller have one version. The digest is that of index.yaml in branch gh-pages of
#: github.com/aws/eks-charts (commit c7f9ea5 of 2026-08-03), which is what https://aws.github.io/eks-charts serves.
#: Before another one is used, its published policy (docs/install/iam_policy.json) is compared with
#: `constructs.cluster.load_balancer_controller`.
LOAD_BALANCER_CONTROLLER = ReleasedChart(
    name="aws-load-balancer-controller",
    version="3.5.0",
    archive_sha256="45051f634b33e10baccb3354d0681b7de787c60445e599fa276e0c9aedd4ccd5",
    files_sha256="8259d74ea097d187d47c0521a623ed49c978d3a973cff9b567bc986a02275090",
)

#: Chart and operator have one version. The archive's digest is that of https://kedacore.github.io/charts/index.yaml
#: (github.com/kedacore/charts, docs/index.yaml, of 2026-08-13).
KEDA = ReleasedChart(
    name="keda",
    version="2.20.2",
    archive_sha256="db60b1fa60f0565fefa4ce2f87e855b6a8854363ee82962fbe28a12a70d64c4c",
    files_sha256="46739faed729e0219a7c511ad212fd26270b5953f296c524eaa35867d58a4769",
)

#: Controller and charts have one version. They are in an OCI registry alone, public.ecr.aws, which hands out no index;
#: what is in them was read in github.com/aws/karpenter-provider-aws (charts/, commit 1d92708 of 2026-08-21), so that
#: their digests are not known here: `python -m tooling.chart digests ARCHIVE` prints them. Before another version is
#: used, its published policies (cloudformation.yaml of its guide) are compared with
#: `constructs.cluster.karpenter_permissions`.
KARPENTER = ReleasedChart(name="karpenter", version="1.14.1")
KARPENTER_CRD = ReleasedChart(name="karpenter-crd", version="1.14.1")


def archive_digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        OSError: it can't be read.
    """
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_digest(folder: Path) -> str:
    """Return one SHA-256 for all files of a folder: of what `sha256sum` prints for them, in the order of their paths.

    Terraform computes the same, see `chart_check`.

    Raises:
        OSError: one can't be read.
    """
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    lines = (f"{archive_digest(folder / path)}  {path}\n" for path in paths)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
