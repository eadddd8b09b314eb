"""The user's part of the chart's values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from constructs.airflow.user_values.file import FILE, read_user_values
from constructs.settings.document.problems import EnvironmentFileError

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.operated import OperatedEnvironment


def chart_values(operated: OperatedEnvironment) -> Mapping[str, Any]:
    """Return the values of helm/values.yaml.

    Raises:
        OperationError: it has mistakes.
    """
    try:
        return read_user_values(operated.root / FILE).values
    except EnvironmentFileError as mistake:
        raise OperationError(str(mistake), exit_code=ExitCode.MISTAKE) from mistake
