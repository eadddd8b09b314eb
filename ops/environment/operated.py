"""The environment that a command works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from constructs.naming.labels import Labels
from constructs.settings.document.problems import EnvironmentFileError
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.loading.selection import environment_file
from constructs.stacks.labels import stack_labels
from constructs.stacks.output_folder import OutputFolderError, output_folder

from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from programs.own_tools import ROOT, own_tools

#: The stacks in the order of their deployment.
STACKS = ("infrastructure", "platform")


@dataclass(frozen=True, kw_only=True)
class OperatedEnvironment:
    """An environment, its file, and the folders in which Terraform works on it."""

    environment: Environment
    file: Path
    """The environment file."""

    root: Path
    """The checkout."""

    outdir: Path
    """The output folder, as `cdktf deploy` uses it."""

    environ: Mapping[str, str]
    """Variables for subprocesses; AIRFLOW_ENV_FILE among them names `file`."""

    @property
    def name(self) -> str:
        """Name of the environment."""
        return self.environment.name

    @property
    def administrators(self) -> tuple[str, ...]:
        """ARNs of those whom the cluster lets deploy: the file's, and the role that workflows deploy with."""
        listed = self.environment.cluster.administrators
        if not self.environment.delivery:
            return listed
        names = self.labels(STACKS[0]).names
        return (*listed, names.iam(f"role/{names.workflow_role('apply')}"))

    def stack_folder(self, stack: str) -> Path:
        """The folder that Terraform runs in for one of `STACKS`."""
        return self.outdir / "stacks" / stack

    @property
    def keep_folder(self) -> Path:
        """What must outlive `outdir`: a state that could not be written, the mark of who is at work.

        Beside the local states, unless AIRFLOW_KEEP_DIR names another folder, as where the checkout is read-only.
        """
        return Path(self.environ.get("AIRFLOW_KEEP_DIR") or self.root / "state").absolute() / self.name

    def labels(self, stack: str) -> Labels:
        """Names and tags of one of `STACKS`."""
        return stack_labels(self.environment, stack)


def load(
    environ: Mapping[str, str], *, env: str | None = None, env_file: Path | None = None, root: Path = ROOT
) -> OperatedEnvironment:
    """Return the environment that the options name, else the variables AIRFLOW_ENV_FILE and AIRFLOW_ENV.

    Raises:
        OperationError: both options are given, there is no such environment, or its file has mistakes.
    """
    if env and env_file:
        raise OperationError("--env and --env-file are both given.", fix="give one of them", exit_code=ExitCode.MISTAKE)
    chosen = dict(environ)
    if env or env_file:
        chosen.pop("AIRFLOW_ENV_FILE", None)
        chosen |= {"AIRFLOW_ENV_FILE": str(env_file)} if env_file else {"AIRFLOW_ENV": str(env)}
    try:
        file = environment_file(chosen, root, by_options=bool(env or env_file)).absolute()
        environment = load_environment(file)
    except EnvironmentFileError as mistake:
        raise OperationError(str(mistake), exit_code=ExitCode.MISTAKE) from mistake
    try:
        outdir = output_folder(environ, environment.name, root)
    except OutputFolderError as mistake:
        raise OperationError(str(mistake), exit_code=ExitCode.MISTAKE) from mistake
    variables = {
        **{name: value for name, value in environ.items() if name != "AIRFLOW_ENV"},
        **own_tools(environ, root),
        "AIRFLOW_ENV_FILE": str(file),
        "CDKTF_OUTDIR": str(outdir),
    }
    return OperatedEnvironment(environment=environment, file=file, root=root, outdir=outdir, environ=variables)
