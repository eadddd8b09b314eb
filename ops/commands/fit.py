"""`python -m ops fit`: whether the pods of an environment fit on its nodes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import typer
from constructs.capacity.fit import Case, Fit, words
from constructs.capacity.instance_types import source
from constructs.capacity.remarks import remarks
from constructs.settings.sections.airflow.component import Demand
from constructs.settings.values.quantities import CPU, MEMORY

from ops.commands import example
from ops.console.exit_codes import ExitCode
from ops.console.output import table
from ops.console.wording import counted
from ops.environment.chart_values import chart_values
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate

#: How many nodes there are -> what it is called.
CASES = {"start": (Case(), "at the start"), "most": (Case(largest=True), "on the most nodes")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit", epilog=example("fit --env prod"))(fit)


def fit(env: EnvName = None, env_file: EnvFile = None, *, as_json: AsJson = False) -> None:
    """Show what the nodes carry, what the pods ask for, and what finds no room. Reads files, and asks nobody.

    Exit code 3: something finds no room when it is needed.
    """
    operate(show, env=env, env_file=env_file, as_json=as_json)


def show(session: Session) -> ExitCode:
    """Show nodes and pods as tables, and below them what finds no room; 3 where something does not.

    Raises:
        OperationError: helm/values.yaml has mistakes.
    """
    operated, output = session.operated, session.output
    values = chart_values(operated)
    report = reported(Fit.of(operated.environment, values))
    said = remarks(operated.environment, values)
    groups = table("NODE GROUP", "INSTANCE TYPES", "NODES", "EACH CARRIES")
    for group in report["node_groups"]:
        types, nodes = ", ".join(group["instance_types"]), f"{group['min_size']} to {group['max_size']}"
        groups.add_row(group["name"], types, nodes, _words_of(group["carries"]))
    for pool in report.get("node_pools", ()):
        types, limits = ", ".join(pool["instance_types"]), pool["limits"]
        nodes = f"up to {limits['cpu']} cores, {limits['memory']}"
        groups.add_row(pool["name"], types, nodes, _words_of(pool["carries"]))
    pods = table("PODS", "NUMBER", "EACH ASKS FOR", "MAY RUN ON", "WITHOUT A NODE AT THE START")
    for kind in report["pods"]:
        groups_of = ", ".join(kind["node_groups"]) or "no group"
        missing = "not known" if kind["unplaced"] is None else str(kind["unplaced"] or "")
        pods.add_row(words(kind["name"]), str(kind["count"]), _words_of(kind["asks"]), groups_of, missing)
    output.show(groups)
    output.say()
    output.show(pods)
    output.say()
    for case, (_, name) in CASES.items():
        if case in report:
            shares = ", ".join(f"{share} % of the {part}" for part, share in report[case]["full_percent"].items())
            output.say(f"Full {name}: {shares}.{_room(report[case]['more_workers'])}")
    adds = "Karpenter adds nodes of node pools." if "node_pools" in report else "Nothing adds nodes by itself."
    output.say(f"{adds} Instance types {source()}.")
    for remark in said:
        output.warn(f"Warning: {remark}")
    output.result({"environment": operated.name, **report, "warnings": said})
    return ExitCode.DECISION if said else ExitCode.DONE


def reported(made: Fit) -> dict[str, Any]:
    """Return all of it as a document; what instance types carry that the project doesn't know is null, or left out."""
    known = not made.unknown
    unplaced = made.unplaced(Case()) if known else {}
    groups = [
        {
            "name": group.name,
            "instance_types": list(group.settings.instance_types),
            "min_size": group.settings.min_size,
            "max_size": group.settings.max_size,
            "carries": None if group.unknown else asdict(group.each),
        }
        for group in made.groups
    ]
    pods = [
        {
            "name": kind.name,
            "count": kind.count,
            "asks": asdict(kind.each),
            "node_groups": sorted(kind.groups),
            "unplaced": unplaced.get(kind.name, 0) if known else None,
        }
        for kind in made.pods
    ]
    pools = [
        {
            "name": pool.name,
            "instance_types": [*pool.settings.instance_families, *pool.settings.instance_types],
            "limits": pool.settings.limits.model_dump(),
            # Of the type that suffices for the largest pod.
            "carries": None if pool.unknown else asdict(made.nodes_of(pool).each),
        }
        for pool in made.pools
    ]
    return {
        "node_groups": groups,
        **({"node_pools": pools} if pools else {}),
        "pods": pods,
        **(_cases(made) if known else {}),
    }


def _cases(made: Fit) -> dict[str, Any]:
    workers = next((kind for kind in made.components if kind.name == "workers"), None)
    return {
        name: {
            "full_percent": made.full_percent(case),
            "more_workers": made.free_for(workers, case) if workers else None,
        }
        for name, (case, _) in CASES.items()
    }


def _words_of(amounts: dict[str, int] | None) -> str:
    if amounts is None:
        return "not known"
    demand = Demand(**amounts)
    pods = f", {demand.pods} pods" if demand.pods > 1 else ""
    return f"{CPU.text(demand.millicores)}, {MEMORY.text(demand.mebibytes)}{pods}"


def _room(workers: int | None) -> str:
    return "" if workers is None else f" Room for {counted(workers, 'more worker')}."
