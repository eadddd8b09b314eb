"""Who reaches what: pods, the database and the outside, by the rules that let them; all else is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ops.pictures.places import networks, places
from ops.pictures.policies import Peer, Policy, Ports, common, is_open, together
from ops.pictures.stacks import Stacks

_POLICY = "kubernetes_network_policy_v1"
#: What is no pod, and comes in.
LOAD_BALANCER, PROXY = "load balancer", "Ingress controller"


@dataclass(frozen=True)
class Way:
    """Something is let through."""

    source: str
    target: str
    open: Ports
    rules: tuple[str, ...]
    """Addresses of the resources that let it: of both sides, where both have rules."""

    @property
    def ports(self) -> Sequence[str]:
        """Numbers of the open ports, or `all`."""
        return ["all"] if self.open is None else [str(number) for number in sorted({port[0] for port in self.open})]


class Reach:
    """All ways of an environment."""

    def __init__(self, stacks: Stacks) -> None:
        """Read the network policies, routes and the database's security group."""
        self._policies = {
            str(policy["spec"]["pod_selector"]["match_labels"]["component"]): Policy(
                f"{_POLICY}.{name}", policy["spec"]
            )
            for name, policy in stacks.platform.resources(_POLICY).items()
            if policy["spec"]["pod_selector"].get("match_labels", {}).get("component")
        }
        self._places = places(stacks, self._policies.values())
        self._in_front = LOAD_BALANCER if stacks.platform.resources("kubernetes_ingress_v1") else PROXY
        self.has_unbound_pods = "Kubernetes" in stacks.executor
        """Whether there are pods of tasks, which EKS holds to no policy: no Deployment or the like owns them."""

        self._nodes = networks(stacks, "cluster", stacks.network.node_subnets)

    @cached_property
    def by_pair(self) -> Mapping[tuple[str, str], Way]:
        """Source and target -> all that is let through from the one to the other."""
        found: dict[tuple[str, str], Way] = {}
        for way in self._ways():
            pair = (way.source, way.target)
            known = found.get(pair, way)
            rules = tuple(dict.fromkeys((*known.rules, *way.rules)))
            found[pair] = Way(*pair, together(known.open, way.open), rules)
        return found

    @property
    def sources(self) -> Sequence[str]:
        """Who could reach something: what is in front of Airflow, and each kind of pod."""
        return list(dict.fromkeys((*(source for source, _ in self.by_pair), *self._policies)))

    def is_decided(self, source: str, target: str) -> bool:
        """Whether a policy of Airflow's decides it: of none of its pods, and of a pod to itself, none does."""
        return source != target and bool({source, target} & self._policies.keys())

    @property
    def targets(self) -> Sequence[str]:
        """What somebody may reach: pods, services, addresses."""
        reached = {target for _, target in self.by_pair}
        return [name for name in (*self._policies, *(place.name for place in self._places)) if name in reached]

    def _ways(self) -> Iterator[Way]:
        yield from self._from_outside()
        for source, policy in self._policies.items():
            for peer, ports in policy.rules("egress"):
                for target in self._policies:
                    yield from self._to_pod(source, target, peer, ports)
                for place in self._places:
                    both = common(ports, place.takes)
                    if is_open(both) and place.is_reached(peer):
                        yield Way(source, place.name, both, (policy.address, *place.rules))

    def _to_pod(self, source: str, target: str, peer: Peer, ports: Ports) -> Iterator[Way]:
        """Yield what both let through: the source's rule, and the target's policy."""
        if source == target or not self._is_among(target, peer):
            return
        there = self._policies[target]
        for sender, taken in there.rules("ingress"):
            both = common(ports, taken)
            if is_open(both) and self._is_among(source, sender):
                yield Way(source, target, both, (self._policies[source].address, there.address))

    def _is_among(self, component: str, peer: Peer) -> bool:
        """Whether a rule names these pods, by label or by their nodes' addresses."""
        return peer.block.touches(self._nodes) if peer.block else peer.is_pod(component)

    def _from_outside(self) -> Iterator[Way]:
        """Into pods: from the load balancer, a user's own Ingress controller, pods of other namespaces."""
        for target, policy in self._policies.items():
            for peer, ports in policy.rules("ingress"):
                if peer.block:
                    yield Way(self._in_front, target, ports, (policy.address,))
                elif peer.elsewhere:
                    yield Way(peer.name, target, ports, (policy.address,))
