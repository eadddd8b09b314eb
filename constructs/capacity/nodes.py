"""What a node has left for pods, once EKS and its daemon sets have taken theirs."""

from __future__ import annotations

from constructs.capacity.instance_types import InstanceType
from constructs.settings.sections.airflow.component import Demand

#: Of the memory that EC2 names, Linux sees up to so much less: firmware and kernel keep it (Karpenter's default,
#: `vmMemoryOverheadPercent`; of m7g.large it is 0.051).
UNSEEN_MEMORY = 0.075
#: kubelet evicts pods below it (nodeadm's `evictionHard`), in MiB.
EVICTION = 100
#: What kubelet and the container runtime keep: so many thousandths of the first core, of the second, of two more each.
#: Source: `getCPUMillicoresToReserve` in https://github.com/awslabs/amazon-eks-ami, nodeadm/internal/kubelet.
_RESERVED_CORES = (60.0, 10.0, 5.0, 5.0)
_RESERVED_OF_MORE = 2.5
#: ... and so many MiB, and for each pod (`GetMemoryMebibytesToReserve` there).
_RESERVED_MEMORY, _RESERVED_FOR_A_POD = 255, 11
#: Pods that use the node's own address: aws-node and kube-proxy.
ON_THE_HOST = 2
#: A range of addresses, with prefix delegation: a /28.
_RANGE = 16
#: What EKS holds managed groups to, whose template names no image: so many pods below so many vCPUs, and above.
_MANY_VCPUS, _FEW_PODS, _MANY_PODS = 30, 110, 250

#: One pod of each on every node: aws-node 2 x 25m, kube-proxy 100m, EBS CSI's 3 x (10m, 40Mi), the Pod Identity agent,
#: which asks for nothing (the add-ons' default configuration).
DAEMON_SETS = Demand(180, 120, 4)


def addressed_pods(kind: InstanceType, *, prefix_delegation: bool = False) -> int:
    """How many pods find an address on a node: one each of its interfaces' own, or 16, but for the interface's.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html
    """
    each = _RANGE if prefix_delegation and kind.nitro else 1
    return kind.interfaces * (kind.addresses - 1) * each + ON_THE_HOST


def most_pods(kind: InstanceType, *, prefix_delegation: bool = False) -> int:
    """How many pods EKS lets a node of a managed group have.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses-procedure.html: groups whose
    launch template names no image, as here, get the number from EKS, with or without prefix delegation, and no more.
    """
    most = _FEW_PODS if kind.vcpus < _MANY_VCPUS else _MANY_PODS
    return min(most, addressed_pods(kind, prefix_delegation=prefix_delegation))


def left_for_pods(
    kind: InstanceType, *, most: int | None = None, reserved_for: int | None = None, unseen: float = UNSEEN_MEMORY
) -> Demand:
    """Return what one node carries beside its daemon sets.

    `most`: how many pods it may have, the type's own number if not said. `reserved_for`: for how many pods memory is
    kept; if not said, for as many as have an address each without prefix delegation, as nodeadm of Amazon Linux counts
    whatever EKS allows. `unseen`: the share of memory that Linux does not see.
    """
    pods = most_pods(kind) if most is None else most
    kept_for = addressed_pods(kind) if reserved_for is None else reserved_for
    reserved = sum(_RESERVED_CORES[: kind.vcpus]) + _RESERVED_OF_MORE * max(0, kind.vcpus - len(_RESERVED_CORES))
    memory = int(kind.memory_mib * (1 - unseen)) - EVICTION - _RESERVED_MEMORY - _RESERVED_FOR_A_POD * kept_for
    return Demand(
        max(0, 1000 * kind.vcpus - round(reserved) - DAEMON_SETS.millicores),
        max(0, memory - DAEMON_SETS.mebibytes),
        max(0, pods - DAEMON_SETS.pods),
    )
