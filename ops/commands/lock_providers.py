"""`python -m ops lock-providers`: the lock file of an environment's providers, written anew."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from constructs.providers.demanded import required_providers
from constructs.providers.lock_file import RENEW, TERRAFORMS, blocks, lock_file

from ops.clients.terraform_program import TerraformProgram
from ops.commands import example
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.operated import STACKS
from ops.frame.session import AsJson, EnvFile, EnvName, Session, operate
from ops.stack_clients.terraform import QUIET, failure

#: Where people and workflows deploy from, unless --platform says it.
PLATFORMS = ("linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64")

HEADING = f"# Written by `{RENEW}`, for you to commit.\n"

Platforms = Annotated[
    list[str] | None,
    typer.Option(
        "--platform",
        help=f"Whose packages are locked, such as linux_amd64; may be repeated. Default: {', '.join(PLATFORMS)}; with "
        "--mirror this machine's.",
        show_default=False,
    ),
]
Mirror = Annotated[
    Path | None,
    typer.Option("--mirror", help="Folder that has the packages, in place of the registry.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lock-providers", epilog=example("lock-providers --env prod --platform linux_amd64"))(lock_providers)


def lock_providers(
    env: EnvName = None,
    env_file: EnvFile = None,
    platform: Platforms = None,
    mirror: Mirror = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the checksums of the providers' packages, in the environment's versions, beside the environment file."""
    operate(lambda session: lock(session, platform or (), mirror), env=env, env_file=env_file, as_json=as_json)


def lock(session: Session, platforms: Sequence[str], mirror: Path | None) -> ExitCode:
    """Ask the registry, or look into a mirror, and write the lock file; nothing of AWS is asked.

    Raises:
        OperationError: there is no Terraform, or it found no such packages.
    """
    operated = session.operated
    platforms = platforms or (() if mirror else PLATFORMS)
    demanded = required_providers(STACKS[-1], operated.environment.providers.model_dump())
    options = [f"-platform={platform}" for platform in platforms]
    options += [f"-fs-mirror={mirror.absolute()}"] if mirror else []
    where = str(mirror) if mirror else "the registry"
    with session.output.doing(f"reading the providers' packages from {where}"):
        text = _locked(operated.environ, demanded, options)
    file = lock_file(operated.file)
    found, before = blocks(text), blocks(file.read_text(encoding="utf-8", errors="replace") if file.exists() else "")
    file.write_text("\n".join([HEADING, *(found[each["source"]] for each in demanded.values())]), encoding="utf-8")
    changed = [name for name, each in demanded.items() if before.get(each["source"]) != found[each["source"]]]
    for name, each in demanded.items():
        said = "locked" if name in changed else "as it was"
        session.output.say(f"{each['source']} {each['version']}: {said}")
    session.output.say(f"Written: {file}. Commit it: from the next synth on Terraform takes these packages alone.")
    versions = {name: each["version"] for name, each in demanded.items()}
    session.output.result({"file": str(file), "providers": versions, "changed": changed})
    return ExitCode.DONE


def _locked(environ: Mapping[str, str], demanded: Mapping[str, Mapping[str, str]], options: Sequence[str]) -> str:
    """The lock file that Terraform writes."""
    program = TerraformProgram.chosen(environ)
    command = [program.find(environ), "providers", "lock", "-no-color", *options]
    with tempfile.TemporaryDirectory(prefix="airflow-lock-") as folder:
        stack = {"terraform": {"required_providers": demanded}}
        Path(folder, "main.tf.json").write_text(json.dumps(stack), encoding="utf-8")
        done = subprocess.run(
            command,
            cwd=folder,
            env={**environ, **QUIET},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stdout + done.stderr
            raise _refused(failure(("providers", "lock"), done.returncode, said, folder, program.name))
        return Path(folder, TERRAFORMS).read_text(encoding="utf-8")


def _refused(error: OperationError) -> OperationError:
    return OperationError(
        f"{error.message}\nNothing was written.",
        fix="see that the registry is reached and has these versions (`providers` of the environment file), for these "
        "platforms (--platform); where there is no network, --mirror names a folder that `terraform providers mirror` "
        "has filled",
        exit_code=error.exit_code,
    )
