from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ops.state.location import StateFile
from ops.state.reading import StackState, parse_state
from ops.workflows.job_summary import job_summary


def state(stack: str, *, tainted: bool = False, **outputs: Any) -> StackState:
    """The state of a stack with one resource, or none where nothing was ever deployed."""
    instance: dict[str, Any] = {"attributes": {}} | ({"status": "tainted"} if tainted else {})
    content = {
        "version": 4,
        "serial": 3,
        "resources": [{"mode": "managed", "type": "aws_vpc", "name": "cluster", "instances": [instance]}],
        "outputs": {name: {"value": value} for name, value in outputs.items()},
    }
    return parse_state(stack, StateFile(Path("x")), json.dumps(content))


def nothing(stack: str) -> StackState:
    """A stack that was never deployed."""
    return parse_state(stack, StateFile(Path("x")), "")


class TestJobSummary:
    def test_begins_with_the_address_of_airflow(self) -> None:
        """What people look for after a deploy is a link at the top; the outputs are folded below."""
        infrastructure = state("infrastructure", cluster_name="airflow-dev", private_subnet_ids=["subnet-1"])
        text = job_summary("dev", [infrastructure, state("platform", airflow_url="https://airflow.example.com")])
        assert text.startswith("## dev\n\nAirflow: <https://airflow.example.com>\n\n")
        assert "- infrastructure: 1 resource (serial 3)\n- platform: 1 resource (serial 3)\n" in text
        assert "<summary>Outputs of infrastructure</summary>" in text
        assert 'cluster_name = airflow-dev\nprivate_subnet_ids = ["subnet-1"]\n' in text

    def test_says_how_far_a_deploy_has_come(self) -> None:
        """Without its outputs an apply has not ended; what is tainted is counted; nothing is called nothing."""
        text = job_summary("dev", [state("infrastructure", tainted=True), nothing("platform")])
        assert "Airflow has no address: platform is not deployed." in text
        assert "1 resource, 1 of them to be made again (serial 3); its last apply did not come to its end" in text
        assert "- platform: nothing is deployed" in text

    def test_shows_outputs_as_text(self) -> None:
        """An output is no Markdown, and a long one is whole: it is copied."""
        text = job_summary("dev", [state("infrastructure", odd="``` </details>\n# x", long="x" * 1000)])
        assert "odd = ``` </details>\\n# x\n" in text
        assert "x" * 1000 + "\n" in text
