"""Kubernetes and add-on versions that the emulated EKS offers.

Fixtures, placeholders throughout: the shape is EKS's (several versions per add-on and Kubernetes version, one default,
newest first), the numbers are invented. Never take a version for a real deployment from here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

#: Kubernetes version -> end of standard support. Oldest first.
END_OF_STANDARD_SUPPORT = {
    "1.30": datetime(2025, 7, 23, tzinfo=UTC),
    "1.31": datetime(2025, 11, 26, tzinfo=UTC),
    "1.32": datetime(2026, 3, 23, tzinfo=UTC),
    "1.33": datetime(2026, 7, 29, tzinfo=UTC),
    "1.34": datetime(2026, 12, 2, tzinfo=UTC),
    "1.35": datetime(2027, 3, 27, tzinfo=UTC),
}
KUBERNETES_VERSIONS = tuple(END_OF_STANDARD_SUPPORT)
#: "Today" of the catalog, so that support does not end while tests age.
CATALOG_DATE = datetime(2026, 11, 15, tzinfo=UTC)

ACCESS_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)


@dataclass(frozen=True)
class AddonVersions:
    """What EKS offers of one add-on for one Kubernetes version."""

    versions: tuple[str, ...]  #: newest first
    default: str


def is_supported(kubernetes_version: str) -> bool:
    """Whether EKS creates clusters of this version at all, in standard or extended support."""
    return kubernetes_version in END_OF_STANDARD_SUPPORT


def in_standard_support(kubernetes_version: str) -> bool:
    """Whether the version is in standard support on the catalog's date."""
    return END_OF_STANDARD_SUPPORT[kubernetes_version] > CATALOG_DATE


def minors_between(older: str, newer: str) -> int:
    """Returns how many minor versions `newer` is ahead of `older`; negative when it is behind."""
    return int(newer.split(".")[1]) - int(older.split(".")[1])


def node_release(kubernetes_version: str) -> str:
    """Returns the AMI release that a new managed node group gets."""
    return f"{kubernetes_version}.4-20261101"


def _offer(version: str) -> dict[str, AddonVersions]:
    """Returns what is offered for a Kubernetes version; newer Kubernetes gets newer add-ons."""
    step = KUBERNETES_VERSIONS.index(version)

    def pair(newest: str, default: str) -> AddonVersions:
        return AddonVersions((newest, default), default)

    return {
        "aws-ebs-csi-driver": pair(f"v1.{45 + step}.1-eksbuild.1", f"v1.{45 + step}.0-eksbuild.2"),
        "aws-efs-csi-driver": pair(f"v2.{1 + step}.4-eksbuild.1", f"v2.{1 + step}.0-eksbuild.1"),
        "coredns": pair(f"v1.{11 + step // 2}.4-eksbuild.{20 + step}", f"v1.{11 + step // 2}.3-eksbuild.{10 + step}"),
        "eks-pod-identity-agent": pair(f"v1.3.{6 + step}-eksbuild.2", f"v1.3.{5 + step}-eksbuild.1"),
        "kube-proxy": pair(f"v{version}.4-eksbuild.4", f"v{version}.0-eksbuild.2"),
        "metrics-server": pair(
            f"v0.{7 + step // 3}.2-eksbuild.{5 + step}", f"v0.{7 + step // 3}.1-eksbuild.{3 + step}"
        ),
        "snapshot-controller": pair(f"v8.{1 + step}.0-eksbuild.2", f"v8.{1 + step}.0-eksbuild.1"),
        "vpc-cni": pair(f"v1.{19 + step}.3-eksbuild.1", f"v1.{19 + step}.0-eksbuild.1"),
    }


#: Kubernetes version -> add-on name -> what is offered.
ADDONS = {version: _offer(version) for version in KUBERNETES_VERSIONS}
ADDON_NAMES = tuple(sorted(ADDONS["1.30"]))
#: Run as pods that need nodes; the others run on every node as it comes.
DEPLOYED_ADDONS = ("aws-ebs-csi-driver", "aws-efs-csi-driver", "coredns", "metrics-server", "snapshot-controller")
