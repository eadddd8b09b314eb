"""What must hold of every synthesized stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from constructs.checks.order import comes_up_and_goes_down_in_order
from constructs.checks.platform_proofs import PLATFORM_PROOFS
from constructs.checks.reachability import CLUSTER_SECURITY_GROUP, POSTGRESQL, IngressRule, Network
from constructs.checks.synthesized import SynthesizedStack
from constructs.providers.demanded import AWS
from constructs.providers.newer_arguments import newer_than


class ProofError(Exception):
    """Something doesn't hold: a defect of this project, not of the environment file."""


def prove(outdir: Path) -> list[str]:
    """Check every stack in `outdir`; return their names.

    Raises:
        ProofError: with all that doesn't hold.
    """
    stacks = [SynthesizedStack.read(folder.parent) for folder in sorted((outdir / "stacks").glob("*/cdk.tf.json"))]
    found = [f"{stack.name}: {failure}" for stack in stacks for failure in failures(stack)]
    if found:
        raise ProofError("\n".join(["A defect of this project (please report it); nothing should be applied:", *found]))
    return [stack.name for stack in stacks]


def failures(stack: SynthesizedStack) -> Iterator[str]:
    """Yield what does not hold of a stack."""
    for proof in (*PROOFS, *OF_STACK.get(stack.name, ())):
        yield from proof(stack)


def no_token_is_left(stack: SynthesizedStack) -> Iterator[str]:
    """A CDKTF token that was cut or upper-cased stays in the JSON and means nothing to Terraform."""
    if "tftoken" in stack.text.casefold():
        yield "an unresolved CDKTF token"


def infrastructure_is_aws_only(stack: SynthesizedStack) -> Iterator[str]:
    """With a Kubernetes or Helm resource in it the first run would fail: no cluster exists yet."""
    for address in stack.addresses:
        # terraform_data is Terraform's own and has no provider.
        if not address.removeprefix("data.").removeprefix("ephemeral.").startswith(("aws_", "terraform_data.")):
            yield f"{address} is no AWS resource"


def the_demanded_provider_knows_every_argument(stack: SynthesizedStack) -> Iterator[str]:
    """An argument that only a newer provider has makes Terraform refuse the whole stack."""
    demanded = stack.document.get("terraform", {}).get("required_providers", {}).get(AWS.name)
    if not demanded:
        return
    for block in ("resource", "data"):
        for terraform_type, named in stack.document.get(block, {}).items():
            if not terraform_type.startswith("aws_"):
                continue
            for name, arguments in named.items():
                for argument in newer_than(demanded["version"], terraform_type, arguments):
                    yield f"{terraform_type}.{name} has {argument}; the stack demands {demanded['version']}"


def nodes_reach_the_database(stack: SynthesizedStack) -> Iterator[str]:
    """From every subnet with nodes to every subnet of the database, and back, and in at its port."""
    network = Network(stack)
    for node in sorted(network.node_subnets):
        for database in sorted(network.database_subnets):
            for source, target in ((node, database), (database, node)):
                if not network.reaches(source, target):
                    yield f"no route from subnet {source} to subnet {target}"
    if network.node_subnets and not any(map(_is_for_the_nodes, network.database_rules)):
        yield "no rule lets the nodes in at the database's port"
    for name in network.foreign_node_groups:
        yield f"nodes of aws_launch_template.{name} don't carry the cluster's security group, which is let in"


def nothing_else_reaches_the_database(stack: SynthesizedStack) -> Iterator[str]:
    """No way out of its subnets but the peering; one port for the nodes' security group and for nothing else."""
    network = Network(stack)
    for subnet in sorted(network.database_subnets):
        for route in network.ways_out(subnet):
            target = {key: value for key, value in route.items() if key.endswith(("_id", "_block")) and value}
            yield f"subnet {subnet} of the database has a route out: {target}"
    for rule in network.database_rules:
        if not _is_for_the_nodes(rule):
            sources = ", ".join(sorted(rule.sources))
            yield f"the database accepts {rule.protocol} {rule.from_port}-{rule.to_port} from {sources}"
    for name, instance in stack.resources("aws_db_instance").items():
        if instance.get("publicly_accessible") is not False:
            yield f"aws_db_instance.{name} is public"
        if not instance.get("vpc_security_group_ids") or not network.database_subnets:
            yield f"aws_db_instance.{name} lies in no subnets or carries no security group of the stack"


def _is_for_the_nodes(rule: IngressRule) -> bool:
    port = (rule.protocol, rule.from_port, rule.to_port)
    nodes_only = rule.sources and all(source.endswith(CLUSTER_SECURITY_GROUP) for source in rule.sources)
    return port == ("tcp", POSTGRESQL, POSTGRESQL) and bool(nodes_only)


PROOFS: tuple[Callable[[SynthesizedStack], Iterator[str]], ...] = (
    no_token_is_left,
    the_demanded_provider_knows_every_argument,
    nodes_reach_the_database,
    nothing_else_reaches_the_database,
)

#: Stack -> what must hold of it alone.
OF_STACK: Mapping[str, tuple[Callable[[SynthesizedStack], Iterator[str]], ...]] = {
    "infrastructure": (infrastructure_is_aws_only, comes_up_and_goes_down_in_order),
    "platform": PLATFORM_PROOFS,
}
