"""Which environment file a command works on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from constructs.settings.document.problems import EnvironmentFileError, Problem, printable, shown
from constructs.settings.values.shapes import closest

ENVIRONMENTS = "environments"
DEFAULT = "dev"


def environment_file(env: Mapping[str, str], root: Path, *, by_options: bool = False) -> Path:
    """Return the path that the environment variables choose.

    `AIRFLOW_ENV_FILE` is a path, relative to the working directory. Without it `AIRFLOW_ENV` (default `dev`) names a
    file in `root`/environments. If both are set, `AIRFLOW_ENV_FILE` wins. A variable that is empty counts as unset.
    `by_options` says that the user has given both as options, --env and --env-file, which a mistake is then called by.
    Raises `EnvironmentFileError` for a name that has no file; whether the path holds a file is for the loading to say.
    """
    if env.get("AIRFLOW_ENV_FILE"):
        return _expanded(env["AIRFLOW_ENV_FILE"], "--env-file" if by_options else "AIRFLOW_ENV_FILE")
    name = env.get("AIRFLOW_ENV") or DEFAULT
    folder = root / ENVIRONMENTS
    path = folder / f"{name}.yaml"
    names = sorted(file.stem for file in folder.glob("*.yaml"))
    if name in names:
        return path
    nearest = closest(name, names)
    raise EnvironmentFileError(
        [
            Problem(
                shown(folder),
                None,
                "--env" if by_options else "AIRFLOW_ENV",
                f"{printable(name, quoted=True)}, which has no file there",
                f"one of {', '.join(names)}" if names else f"the name of a file in {ENVIRONMENTS}/, which has none",
                f"did you mean {nearest}?"
                if nearest
                else "give one of these, or the path of a file with --env-file"
                if by_options
                else "set AIRFLOW_ENV to one of these, or AIRFLOW_ENV_FILE to a path",
            )
        ]
    )


def _expanded(path: str, said: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        problem = Problem(
            printable(path),
            None,
            said,
            f"{printable(path, quoted=True)}, whose ~ names no home folder: {error}",
            "the path of an environment file",
            "write the whole path",
        )
        raise EnvironmentFileError([problem]) from error
