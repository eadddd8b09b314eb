"""What a deploy or destroy has left, for the summary of a workflow's job: the address first, then the outputs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ops.state.reading import StackState
from ops.workflows import markdown


def job_summary(environment: str, states: Sequence[StackState]) -> str:
    """Return Markdown: Airflow's address, what each stack holds, its outputs folded."""
    address = next((str(state.outputs["airflow_url"]) for state in states if "airflow_url" in state.outputs), "")
    parts = [f"## {markdown.plain(environment)}"]
    parts.append(f"Airflow: {_link(address)}" if address else "Airflow has no address: platform is not deployed.")
    parts.append("\n".join(f"- {markdown.plain(state.stack)}: {_holds(state)}" for state in states))
    parts.extend(markdown.folded(f"Outputs of {state.stack}", _outputs(state)) for state in states if state.outputs)
    return "\n\n".join(parts) + "\n"


def _link(address: str) -> str:
    return (
        f"<{address}>" if address.startswith(("http://", "https://")) and ">" not in address else markdown.code(address)
    )


def _holds(state: StackState) -> str:
    if state.empty:
        return "nothing is deployed"
    tainted = f", {len(state.tainted)} of them to be made again" if state.tainted else ""
    unfinished = "" if state.outputs else "; its last apply did not come to its end"
    count = len(state.instances)
    return f"{count:,} resource{'' if count == 1 else 's'}{tainted} (serial {state.serial}){unfinished}"


def _outputs(state: StackState) -> str:
    lines = [f"{name} = {_shown(value)}" for name, value in sorted(state.outputs.items())]
    return markdown.block(lines)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return markdown.one_line(text)  # whole: it is copied
