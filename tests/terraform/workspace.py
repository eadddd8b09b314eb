"""One environment in folders of its own: synthesized, then worked on by cdktf and Terraform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.terraform.synthesized_once import SynthesizedOnce
from tests.terraform.toolchain import ROOT, Toolchain

if TYPE_CHECKING:
    from tests.property.program import Program

#: Plan without any AWS (the provider's own switches); dummy keys, as it wants some.
OFFLINE_PROVIDER = {
    "access_key": "test",
    "secret_key": "test",
    "skip_credentials_validation": True,
    "skip_requesting_account_id": True,
    "skip_metadata_api_check": "true",
    "allowed_account_ids": [],
}

#: One version for every add-on: with them the stack reads nothing from AWS at plan.
PINNED_ADDONS = dict.fromkeys(
    ("aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "metrics-server", "vpc-cni"),
    "v1.0.0-eksbuild.1",
)


#: No questions, no download of checksums.
_QUIET = ("--auto-approve", "--skip-provider-lock")
#: One stack of the two without the other. Never for both: with it cdktf runs all of them at once, in no order.
_ALONE = "--ignore-missing-stack-dependencies"


def cdktf_options(stacks: Sequence[str]) -> tuple[str, ...]:
    """Options of `cdktf deploy` and `cdktf destroy` for these stacks."""
    return (*_QUIET, _ALONE) if len(stacks) == 1 else _QUIET


class CommandError(Exception):
    """A command failed; the message holds its output."""


def environment_file(name: str, folder: Path, /, **changes: Any) -> Path:
    """Write a copy of environments/<name>.yaml with `changes` merged in, section by section; return its path."""
    content = yaml.safe_load((ROOT / "environments" / f"{name}.yaml").read_text(encoding="utf-8"))
    for section, values in changes.items():
        content[section] = {**content.get(section, {}), **values} if isinstance(values, dict) else values
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Workspace:
    """Folders and variables of one environment; nothing of it touches the checkout's own output and state."""

    toolchain: Toolchain
    folder: Path
    environment_file: Path
    environ: Mapping[str, str]
    local_state: bool = True
    """False: the backend stays the environment file's."""

    offline: bool = False
    """True: the provider makes no call on its own account."""

    name: str = "infrastructure"
    """The stack that `terraform` and what is built on it work on."""

    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Stack -> what else has to differ in it, as in its JSON."""

    program: Program | None = None
    """A process that synthesizes one file after the other; None: each is synthesized by a process of its own."""

    @property
    def outdir(self) -> Path:
        """The output folder."""
        return self.folder / "cdktf.out"

    @property
    def stack(self) -> Path:
        """The folder that Terraform runs in."""
        return self.stack_folder(self.name)

    @property
    def state_file(self) -> Path:
        """The state, where it is local."""
        return self._state_file(self.name)

    def of(self, stack: str) -> Workspace:
        """The same workspace, working on another stack."""
        return replace(self, name=stack)

    def stack_folder(self, stack: str) -> Path:
        """The folder of a stack in the output folder."""
        return self.outdir / "stacks" / stack

    def _state_file(self, stack: str) -> Path:
        return self.folder / f"{stack}.tfstate"

    def run(self, *command: str, check: bool = True, timeout: float = 900) -> subprocess.CompletedProcess[str]:
        """Run a command in the checkout with the workspace's variables.

        Raises:
            CommandError: it failed and `check` is true.
        """
        with self.start(*command) as process:
            output, _ = process.communicate(timeout=timeout)
        done = subprocess.CompletedProcess(command, process.returncode, output)
        if check and done.returncode:
            raise CommandError(f"{' '.join(command)}: exit code {done.returncode}\n{output}")
        return done

    @contextmanager
    def start(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command as `run` does and hand it over; it is ended with the block."""
        scratch = self.folder / "scratch"
        scratch.mkdir(parents=True, exist_ok=True)
        variables = self.toolchain.environment(self.environ, scratch) | {"AIRFLOW_ENV_FILE": str(self.environment_file)}
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A group of its own: Ctrl-C reaches us alone, and what cdktf has started ends with it.
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def synth(self) -> None:
        """Synthesize, and lay beside the JSON what has to differ here: provider version, state, provider switches."""
        self._synthesize()
        for folder in self.stack_folder("").iterdir():
            (folder / "override.tf.json").write_text(json.dumps(self._override(folder)), encoding="utf-8")

    def _synthesize(self) -> None:
        once = SynthesizedOnce(self.toolchain.synthesized) if self.toolchain.synthesized else None
        variables = {**self.environ, "AIRFLOW_ENV_FILE": str(self.environment_file), "CDKTF_OUTDIR": str(self.outdir)}
        if once and once.recall(variables) is not None:
            return
        said = self._run_program()
        if once:
            once.keep(variables, said)

    def _run_program(self) -> str:
        if not self.program:
            return self.run("env", f"CDKTF_OUTDIR={self.outdir}", sys.executable, "main.py").stdout
        outcome = self.program.run(self.environment_file, self.outdir)
        if outcome.exit_code != 0:
            raise CommandError(f"main.py: exit code {outcome.exit_code}\n{outcome.stderr}{outcome.traceback}")
        return outcome.stderr

    def _override(self, folder: Path) -> dict[str, Any]:
        stack, template = folder.name, json.loads((folder / "cdk.tf.json").read_text(encoding="utf-8"))
        terraform: dict[str, Any] = {"required_providers": self.toolchain.required_providers(stack)}
        override: dict[str, Any] = {"terraform": terraform, **self.overrides.get(stack, {})}
        if self.local_state:
            terraform["backend"] = {"local": {"path": str(self._state_file(stack))}}
            states = template.get("data", {}).get("terraform_remote_state", {})
            if states:
                read = {of: {"config": {"path": str(self._state_file(of))}} for of in states}
                override["data"] = {"terraform_remote_state": read}
        if self.offline:
            override["provider"] = {"aws": [OFFLINE_PROVIDER]}
        return override

    def cdktf(self, action: str, *stacks: str, **options: Any) -> str:
        """`cdktf deploy` or `cdktf destroy` of some stacks, by default of the workspace's; return what it printed."""
        chosen = stacks or (self.name,)
        command = ["cdktf", action, *chosen, "--output", str(self.outdir), *cdktf_options(chosen)]
        return self.run(*command, **options).stdout

    def terraform(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Terraform itself, in the stack's folder, without colours."""
        colourless = () if arguments[0] == "state" else ("-no-color",)
        return self.run(self.toolchain.terraform, f"-chdir={self.stack}", *arguments, *colourless, check=check)

    def init(self) -> None:
        """`terraform init`, which cdktf does by itself."""
        self.terraform("init", "-input=false")

    def plan(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A plan whose exit code is 0 without changes, 2 with some, 1 after an error."""
        return self.terraform("plan", "-input=false", "-detailed-exitcode", *arguments, check=False)

    def outputs(self) -> dict[str, Any]:
        """Outputs as the state holds them."""
        return {name: output["value"] for name, output in json.loads(self.terraform("output", "-json").stdout).items()}

    def addresses(self) -> list[str]:
        """The state list, as people read it."""
        return self.terraform("state", "list").stdout.splitlines()


@dataclass(frozen=True)
class Deployed:
    """A deployed environment and what the account held before."""

    workspace: Workspace
    inventory_before: list[str]
