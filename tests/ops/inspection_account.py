"""One account for all commands that only look: an environment whose placeholders are filled in, state in S3."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

from ops.__main__ import application
from tests.emulator import Emulator
from tests.ops.git_server import GitServer
from tests.ops.remembered_synthesis import synthesized_once
from tests.terraform.account import ADMINISTRATOR, client, prepare_account
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace, environment_file

ACCOUNT = "444455556666"
BUCKET = "acme-airflow-states"
KUBECONFIG = "kubeconfig"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ADMINISTRATOR}"
#: 2026-11-30: what is said of versions changes with the day.
THAT_DAY = {"SOURCE_DATE_EPOCH": "1795996800"}
#: Nobody listens there.
DEAD_ENDPOINT = "http://127.0.0.1:9"
_AWS = """#!/bin/sh
case "$*" in --version) echo "aws-cli/2.31.0 Python/3.13.7 Linux/6.1 exe/x86_64" ;; *) exec "{real}" "$@" ;; esac
"""


class _ApiServer(BaseHTTPRequestHandler):
    """A Kubernetes API that lets nobody in: whether one answers is all that is asked of it here."""

    def do_GET(self) -> None:
        """401, as EKS says to a caller without a token."""
        body = json.dumps({"kind": "Status", "message": "Unauthorized", "code": 401}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def api_server() -> Iterator[str]:
    """URL of a Kubernetes API that answers 401."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _ApiServer)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Said:
    """What a command said."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Both."""
        return self.stdout + self.stderr

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Inspected:
    """The environment dev and whoever looks at it."""

    aws: Emulator
    workspace: Workspace
    environ: Mapping[str, str] = field(repr=False)
    """As one of the cluster's administrators."""

    def ops(self, *arguments: str, **variables: str) -> Said:
        """Run a command in this process; what it raises is an error of the test, as it would be a traceback."""
        stdout, stderr = io.StringIO(), io.StringIO()
        environ = {**self.environ, **variables}
        with (
            mock.patch.dict(os.environ, environ, clear=True),
            synthesized_once(self.workspace.toolchain.synthesized or self.workspace.folder / "synthesized"),
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            try:
                application()(list(arguments), prog_name="python -m ops")
            except SystemExit as end:
                return Said(int(end.code or 0), stdout.getvalue(), stderr.getvalue())
        raise AssertionError("the command did not end")

    @property
    def settings(self) -> dict[str, Any]:
        """What the environment file says."""
        settings: dict[str, Any] = yaml.safe_load(self.workspace.environment_file.read_text(encoding="utf-8"))
        return settings

    def changed(self, folder: Path, **sections: Any) -> Path:
        """An environment file in which some sections are others."""
        file = folder / "environments" / "dev.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump({**self.settings, **sections}, sort_keys=False), encoding="utf-8")
        return file

    def client(self, service: str) -> Any:
        """A client with every permission."""
        return client(self.aws, service)

    def state(self, stack: str = "infrastructure") -> str:
        """Text of a state; empty where there is none."""
        s3 = self.client("s3")
        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"airflow/dev/{stack}.tfstate").get("Contents", [])
        keys = [item["Key"] for item in found]
        if f"airflow/dev/{stack}.tfstate" not in keys:
            return ""
        return str(s3.get_object(Bucket=BUCKET, Key=f"airflow/dev/{stack}.tfstate")["Body"].read().decode())

    def put_state(self, text: str, stack: str = "infrastructure") -> None:
        """Put a text into the state's place."""
        key = f"airflow/dev/{stack}.tfstate"
        s3 = self.client("s3")
        s3.put_object(Bucket=BUCKET, Key=key, Body=text.encode()) if text else s3.delete_object(Bucket=BUCKET, Key=key)

    def apply(self) -> subprocess.CompletedProcess[str]:
        """`terraform apply` of infrastructure."""
        return self.workspace.terraform("apply", "-auto-approve", "-input=false", "-parallelism=60", check=False)

    def with_local_state(self, folder: Path) -> Inspected:
        """The same with a copy of the state in files of `folder`, and the stacks beside them, not initialized."""
        file = folder / "dev.yaml"
        file.write_text(yaml.safe_dump({**self.settings, "state": {"backend": "local"}}), encoding="utf-8")
        workspace = Workspace(self.workspace.toolchain, folder, file, self.workspace.environ)
        # Without `.terraform`, which knows the other backend.
        stacks = self.workspace.stack_folder(""), workspace.stack_folder("")
        shutil.copytree(*stacks, ignore=shutil.ignore_patterns(".terraform"))
        for stack in ("infrastructure", "platform"):
            override = json.loads((workspace.stack_folder(stack) / "override.tf.json").read_text(encoding="utf-8"))
            override["terraform"]["backend"] = {"local": {"path": str(folder / f"{stack}.tfstate")}}
            (workspace.stack_folder(stack) / "override.tf.json").write_text(json.dumps(override), encoding="utf-8")
        workspace.state_file.write_text(self.state(), encoding="utf-8")
        environ = {**self.environ, "AIRFLOW_ENV_FILE": str(file), "CDKTF_OUTDIR": str(workspace.outdir)}
        return Inspected(self.aws, workspace, environ)


def keys_of(aws: Emulator, role: str) -> dict[str, str]:
    """Variables with the credentials of a role, in whichever account it is."""
    keys = client(aws, "sts").assume_role(RoleArn=role, RoleSessionName="ann")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


@contextmanager
def inspected(toolchain: Toolchain, folder: Path) -> Iterator[Inspected]:
    """The environment dev of which nothing is deployed yet, synthesized; its DAGs are in a repository of their own."""
    with (
        api_server() as api,
        GitServer.running(folder / "git") as git,
        Emulator(account_id=ACCOUNT, eks_endpoint=api) as aws,
    ):
        prepare_account(aws)
        _make_state_bucket(aws)
        client(aws, "secretsmanager").create_secret(Name="acme/dags", SecretString=git.token)
        key = client(aws, "kms").create_key()["KeyMetadata"]["Arn"]
        state = {"backend": "s3", "bucket": BUCKET, "kms_key_id": key}
        file = environment_file("dev", folder, account_id=ACCOUNT, state=state, **_filled_in(git))
        environ = {**aws.environment(), **keys_of(aws, ROLE), "GIT_SSL_CAINFO": str(git.authority), **THAT_DAY}
        workspace = Workspace(toolchain, folder, file, environ, local_state=False)
        workspace.synth()
        workspace.init()
        yield Inspected(aws, workspace, _variables(workspace, toolchain, folder))


def _make_state_bucket(aws: Emulator) -> None:
    s3, location = client(aws, "s3"), {"LocationConstraint": aws.region}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=location)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def _filled_in(git: GitServer) -> dict[str, Any]:
    dev = yaml.safe_load((Path(__file__).resolve().parents[2] / "environments" / "dev.yaml").read_text())
    return {
        "cluster": {"administrators": [ROLE], "endpoint": {"public_access_cidrs": ["93.184.215.0/24"]}},
        "airflow": {
            "dags": {"repository": git.url, "branch": "main", "sub_path": "dags", "token_secret_name": "acme/dags"},
            "web": {**dev["airflow"]["web"], "allowed_cidrs": ["93.184.215.0/24"]},
            # On disk, so that a preflight asks no site on the Internet; nothing here comes as far as to read them.
            "chart": {"source": "./charts/airflow", "load_balancer_controller_source": "./charts/controller"},
        },
    }


def _with_aws_2(folder: Path) -> Path:
    """A folder with an `aws` of version 2 that hands everything else to the machine's, which may be another."""
    programs = folder / "programs"
    programs.mkdir()
    program = programs / "aws"
    program.write_text(_AWS.format(real=shutil.which("aws") or "/bin/false"), encoding="utf-8")
    program.chmod(0o755)
    return programs


def _variables(workspace: Workspace, toolchain: Toolchain, folder: Path) -> dict[str, str]:
    variables = toolchain.environment(workspace.environ, folder / "scratch")
    return {
        **variables,
        "PATH": os.pathsep.join([str(_with_aws_2(folder)), variables["PATH"]]),
        "AIRFLOW_ENV_FILE": str(workspace.environment_file),
        "CDKTF_OUTDIR": str(workspace.outdir),
        "KUBECONFIG": str(folder / KUBECONFIG),
    }
