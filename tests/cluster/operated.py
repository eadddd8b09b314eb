"""The environment dev on a real Kubernetes API, worked on by `python -m ops`, its states in S3."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bootstrap.environments import bootstrap_stack
from tests.bootstrap.place import Place
from tests.bootstrap.recorder import Recorder
from tests.bootstrap.sufficiency import WorkflowRoles
from tests.cluster.cloud_account import CloudAccount
from tests.cluster.kubernetes_api import Kubeconfig, KubernetesApi
from tests.cluster.logins import logins
from tests.cluster.relay import Relay
from tests.cluster.stand_in import StandIn
from tests.emulator import Emulator
from tests.ops.operated import Operated
from tests.terraform.account import prepare_account
from tests.terraform.evolving import Evolving
from tests.terraform.interruptions import STATE_IN_S3, create_state_bucket
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

CLUSTER = "airflow-dev"

_AWS = """\
#!/bin/sh
# The API server can't check what the real command prints; all else is the real command's.
case " $* " in *" eks get-token "*) exec cat "{credential}" ;; esac
exec "{real}" "$@"
"""


@dataclass
class OperatedPlatform:
    """The environment, the account and the cluster that it is in, and the way to the cluster."""

    commands: Operated
    evolving: Evolving
    api: KubernetesApi
    account: CloudAccount
    stand_in: StandIn
    relay: Relay
    logins: Mapping[str, str]
    credential: Path
    roles: WorkflowRoles
    """Those that workflows would have, and the calls of the commands."""

    @property
    def aws(self) -> Emulator:
        """The account's endpoint."""
        return self.commands.aws

    @property
    def platform(self) -> Workspace:
        """The workspace of the second stack."""
        return self.commands.workspace

    def log_in(self, name: str) -> None:
        """Have `aws eks get-token` print another login's token."""
        self.credential.write_text(self.logins[name], encoding="utf-8")


def _with_own_aws(toolchain: Toolchain, folder: Path, credential: Path) -> Toolchain:
    """Beside Terraform, which stands before the caller's PATH, an `aws` that gets the token from a file."""
    programs = folder / "programs"
    programs.mkdir()
    terraform, aws = programs / "terraform", programs / "aws"
    terraform.symlink_to(toolchain.terraform)
    aws.write_text(_AWS.format(credential=credential, real=shutil.which("aws") or "/bin/false"), encoding="utf-8")
    aws.chmod(0o755)
    return replace(toolchain, terraform=str(terraform))


def _workflow_roles(folder: Path, recorder: Recorder) -> WorkflowRoles:
    """The roles of the same environment with a section `delivery`, which the deployed one does without."""
    folder.mkdir()
    delivery = {"repository": "acme/airflow", "create_state_bucket": False}
    file = environment_file("dev", folder, state=STATE_IN_S3, delivery=delivery)
    place = Place(
        region="eu-west-1", account_id="111122223333", environment="dev", state_key_arn=STATE_IN_S3["kms_key_id"]
    )
    return WorkflowRoles(bootstrap_stack(file, folder / "bootstrap"), recorder, place)


@contextmanager
def operated_platform(
    toolchain: Toolchain, folder: Path, kubeconfig: Kubeconfig, charts: Mapping[str, str]
) -> Iterator[OperatedPlatform]:
    """Nothing is deployed yet; the stacks are synthesized once, so that this machine's providers are laid beside."""
    authority, credential = folder / "authority.pem", folder / "credential.json"
    authority.write_bytes(kubeconfig.authority)
    api = KubernetesApi(kubeconfig, folder)
    with (
        Relay(kubeconfig.server) as relay,
        Emulator(eks_endpoint=relay.url, eks_ca_file=authority) as aws,
        Recorder(aws.endpoint) as recorder,
        logins(api) as tokens,
    ):
        account = CloudAccount(aws, CLUSTER)
        prepare_account(aws)
        create_state_bucket(aws)
        file = environment_file("dev", folder, state=STATE_IN_S3, airflow={"chart": dict(charts)})
        workspace = Workspace(
            _with_own_aws(toolchain, folder, credential),
            folder,
            file,
            aws.environment() | {"AWS_ENDPOINT_URL": recorder.endpoint},
            local_state=False,
        ).of("platform")
        workspace.synth()
        with StandIn(api, account) as stand_in:
            platform = OperatedPlatform(
                Operated(workspace, aws),
                Evolving(workspace),
                api,
                account,
                stand_in,
                relay,
                tokens,
                credential,
                _workflow_roles(folder / "delivered", recorder),
            )
            platform.log_in("administrator")
            yield platform
    api.close()
