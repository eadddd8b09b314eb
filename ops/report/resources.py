"""The resources of an environment: what its JSON declares, and what its states know of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from constructs.checks.synthesized import SynthesizedStack

from ops.report.console import Console
from ops.state.reading import StackState, StateInstance

NOT_READ, NOT_DEPLOYED, MISSING = "state not read", "not deployed", "missing"
TAINTED, LEFT_OVER = "is made again", "not in the file any more"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource of a stack."""

    stack: str
    address: str
    id: str = ""
    standing: str = ""
    """What is not as it should be; empty where nothing is."""

    page: str = ""
    """Its address in the AWS console."""

    @property
    def kind(self) -> str:
        """`aws_vpc`."""
        return self.address.partition(".")[0]


def resources(stack: SynthesizedStack, state: StackState | None, console: Console) -> list[Resource]:
    """Return what a stack declares and what else its state has, by address; None: the state was not read."""
    declared = stack.declared
    if state is None or state.empty:
        standing = NOT_READ if state is None else NOT_DEPLOYED
        return [Resource(stack=stack.name, address=address, standing=standing) for address in sorted(declared)]
    known = {instance.address: instance for instance in state.instances if not instance.deposed}
    recorded = {address.partition("[")[0] for address in known}
    missing = [
        Resource(stack=stack.name, address=address, standing=MISSING) for address in declared if address not in recorded
    ]
    there = _recorded(stack.name, known, frozenset(declared), console)
    return sorted([*missing, *there], key=lambda resource: resource.address)


def by_kind(all_of_them: list[Resource]) -> dict[str, list[Resource]]:
    """Type -> its resources."""
    kinds: dict[str, list[Resource]] = {}
    for resource in all_of_them:
        kinds.setdefault(resource.kind, []).append(resource)
    return kinds


def _recorded(
    stack: str, known: Mapping[str, StateInstance], declared: frozenset[str], console: Console
) -> Iterator[Resource]:
    for address, instance in known.items():
        left_over = "" if address.partition("[")[0] in declared else LEFT_OVER
        yield Resource(
            stack=stack,
            address=address,
            id=str(instance.attributes.get("id") or ""),
            standing=TAINTED if instance.tainted else left_over,
            page=console.page(instance.type, instance.attributes),
        )
