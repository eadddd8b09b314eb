"""environments/prod.yaml on the local AWS endpoint, with its state in a bucket, as workflows would deliver it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.bootstrap.environments import bootstrap_stack
from tests.bootstrap.place import Place
from tests.bootstrap.recorder import Recorder
from tests.bootstrap.sufficiency import WorkflowRoles, refused
from tests.emulator import Emulator
from tests.security.secret_scan import leaks
from tests.terraform.account import client, secret_values
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Deployed, Workspace, environment_file

pytestmark = pytest.mark.slow

STATE_BUCKET = "example-terraform-state"
IMAGES = {"image": {"repository": "managed"}}
STATE_KEY = "arn:aws:kms:eu-west-1:111122223333:key/11111111-1111-4111-8111-111111111111"


@dataclass(frozen=True)
class Delivered(Deployed):
    """The environment, the roles that deliver it, and every call from the first on."""

    roles: WorkflowRoles


@pytest.fixture(scope="module")
def prod(toolchain: Toolchain, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivered]:
    """The production file, deployed; only what would keep its database from being deleted is switched off.

    A section `delivery` is added, for an existing bucket, and a repository for images.
    """
    folder = tmp_path_factory.mktemp("prod")
    delivery = {"repository": "acme/airflow", "create_state_bucket": False}
    file = environment_file("prod", folder, database={"deletion_protection": False}, delivery=delivery, airflow=IMAGES)
    client(emulator, "s3").create_bucket(
        Bucket=STATE_BUCKET, CreateBucketConfiguration={"LocationConstraint": emulator.region}
    )
    stack = bootstrap_stack(file, folder / "bootstrap")
    make_identities(emulator, stack)
    before = emulator.inventory()
    with Recorder(emulator.endpoint) as recorder:
        environ = emulator.environment() | {"AWS_ENDPOINT_URL": recorder.endpoint}
        workspace = Workspace(toolchain, folder, file, environ, local_state=False)
        workspace.synth()
        workspace.cdktf("deploy")
        place = Place(region="eu-west-1", account_id="111122223333", environment="prod", state_key_arn=STATE_KEY)
        yield Delivered(workspace, before, WorkflowRoles(stack, recorder, place))


def make_identities(emulator: Emulator, stack: SynthesizedStack) -> None:
    """Make what the environment refers to of the stack `bootstrap`: its roles, to be let in, and the boundary."""
    iam = client(emulator, "iam")
    boundary = stack.resources("aws_iam_policy")["boundary"]
    iam.create_policy(PolicyName=boundary["name"], PolicyDocument=boundary["policy"])
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for role in stack.resources("aws_iam_role").values():
        iam.create_role(RoleName=role["name"], AssumeRolePolicyDocument=trust)


class TestProductionOnS3State:
    def test_the_second_plan_is_empty(self, prod: Delivered) -> None:
        """Planning what was just deployed finds nothing to change."""
        plan = prod.workspace.plan()
        assert plan.returncode == 0, plan.stdout

    def test_the_state_is_encrypted_in_the_bucket_and_unlocked(self, prod: Delivered, emulator: Emulator) -> None:
        """The state lies under the environment's key, encrypted with the named KMS key, and no lock is left."""
        s3 = client(emulator, "s3")
        keys = [item["Key"] for item in s3.list_objects_v2(Bucket=STATE_BUCKET)["Contents"]]
        assert keys == ["airflow/prod/infrastructure.tfstate"]
        state = s3.get_object(Bucket=STATE_BUCKET, Key=keys[0])
        assert state["ServerSideEncryption"] == "aws:kms"
        content = state["Body"].read().decode()
        assert json.loads(content)["outputs"]["cluster_name"]["value"] == "airflow-prod"
        texts = {"state": content, "outputs": prod.workspace.terraform("output", "-json").stdout}
        assert leaks(secret_values(emulator), texts) == []
        assert not prod.workspace.state_file.exists()

    def test_the_role_for_planning_suffices(self, prod: Delivered) -> None:
        """Every call of a plan without a lock, as the workflow makes it, is allowed by the role's policies."""
        before = prod.roles.calls
        assert prod.workspace.plan("-lock=false").returncode == 0
        assert prod.roles.calls - before > 150
        assert refused(prod.roles.policies("plan"), prod.roles.asked(since=before)) == []

    def test_recover_finds_nothing(self, prod: Delivered) -> None:
        """A healthy environment has nothing to recover; its calls are among those that the roles have to allow."""
        outdir = f"CDKTF_OUTDIR={prod.workspace.outdir}"
        command = (sys.executable, "-m", "ops", "recover", "--stack", "infrastructure")
        assert prod.workspace.run("env", outdir, *command, check=False).returncode == 0

    def test_destroy_keeps_what_the_file_says(self, prod: Delivered, emulator: Emulator) -> None:
        """Left are the final snapshot and the secrets in their recovery window, and nothing else."""
        prod.workspace.cdktf("destroy")
        left = set(emulator.inventory()) - set(prod.inventory_before)
        kept = sorted(line for line in left if STATE_BUCKET not in line)
        assert [line for line in kept if "snapshot" not in line and "secret" not in line] == []
        assert len([line for line in kept if "snapshot" in line]) == 1
        assert len([line for line in kept if "secret" in line]) == 6

    def test_the_role_for_applying_suffices(self, prod: Delivered) -> None:
        """Every call so far, of deploy, plan and destroy, is allowed by the role's policies; none of them is idle."""
        assert prod.roles.calls > 1000
        policies, asked = prod.roles.policies("apply"), prod.roles.asked()
        assert refused(policies, asked) == []
        for policy in policies:
            assert refused([other for other in policies if other is not policy], asked) != []
