"""The chart's own parameters for secrets: none of them takes one in clear."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from constructs.airflow.charts.airflow_chart import values_schema
from constructs.airflow.user_values.file import read_user_values
from constructs.airflow.user_values.secret_signs import names_a_secret
from constructs.settings.document.problems import EnvironmentFileError

SECRET = "hunter2-hunter2"
#: Ends of the chart's names for secrets that are nobody else's.
ENDS = ("Base64Content", "sshKey", "ssl.key", ".pass")


def parameters(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of each parameter that takes text."""
    for name, value in schema.get("properties", {}).items():
        kinds = value.get("type", ())
        if "string" in ([kinds] if isinstance(kinds, str) else kinds):
            yield (*above, name)
        yield from parameters(value, (*above, name))


def reported(path: Path, parameter: tuple[str, ...]) -> str:
    """What is said of a file with a text in this parameter."""
    nested: object = SECRET
    for name in reversed(parameter):
        nested = {name: nested}
    path.write_text(json.dumps(nested), encoding="utf-8")
    try:
        return "\n".join(read_user_values(path).warnings)
    except EnvironmentFileError as error:
        return str(error)


class TestParametersForSecrets:
    def test_take_none(self, tmp_path: Path, chart_folder: Path) -> None:
        """By the names of all that the schema has; a new version's are seen here."""
        path = tmp_path / "values.yaml"
        found = [
            parameter
            for parameter in parameters(values_schema(chart_folder))
            if names_a_secret(parameter[-1]) or ".".join(parameter).endswith(ENDS)
        ]
        assert len(found) > 20
        reports = {".".join(parameter): reported(path, parameter) for parameter in found}
        said = ("secret in clear", "a value that is not this file's")
        assert [name for name, report in reports.items() if not any(words in report for words in said)] == []
        assert [name for name, report in reports.items() if SECRET in report] == []
