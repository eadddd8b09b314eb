"""The life of an environment on the local AWS endpoint: deploy, plan again, destroy, deploy under the same names."""

from __future__ import annotations

import pytest
from constructs.checks.synthesized import SynthesizedStack

from tests.emulator import Emulator
from tests.security.secret_scan import leaks
from tests.terraform.account import client, secret_values
from tests.terraform.toolchain import ROOT, Toolchain
from tests.terraform.workspace import Deployed, Workspace

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def dev(shipped: Toolchain, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """environments/dev.yaml as it is, deployed by `cdktf deploy infrastructure`, with the provider as shipped."""
    folder = tmp_path_factory.mktemp("a folder with spaces")
    workspace = Workspace(shipped, folder, ROOT / "environments" / "dev.yaml", emulator.environment())
    before = emulator.inventory()
    workspace.synth()
    workspace.cdktf("deploy")
    return Deployed(workspace, before)


class TestDeployed:
    def test_the_second_plan_is_empty(self, dev: Deployed) -> None:
        """Planning what was just deployed finds nothing to change (exit code 0)."""
        plan = dev.workspace.plan()
        assert plan.returncode == 0, plan.stdout

    def test_the_state_list_is_the_stack(self, dev: Deployed) -> None:
        """The state lists exactly the addresses of the stack, as people read them; ephemeral ones are not kept."""
        stack = SynthesizedStack.read(dev.workspace.stack)
        assert sorted(dev.workspace.addresses()) == [a for a in stack.addresses if not a.startswith("ephemeral.")]

    def test_the_outputs_name_what_exists(self, dev: Deployed, emulator: Emulator) -> None:
        """Every output has a value, and cluster, database and bucket are found in AWS by them."""
        outputs = dev.workspace.outputs()
        assert all(value not in (None, "", []) for value in outputs.values()), outputs
        cluster = client(emulator, "eks").describe_cluster(name=outputs["cluster_name"])["cluster"]
        assert cluster["endpoint"] == outputs["cluster_endpoint"]
        assert cluster["version"] == outputs["cluster_version"]
        [database] = client(emulator, "rds").describe_db_instances()["DBInstances"]
        assert database["Endpoint"]["Address"] == outputs["database_host"]
        assert client(emulator, "s3").list_objects_v2(Bucket=outputs["log_bucket"])["KeyCount"] == 0

    def test_no_secret_leaves_secrets_manager(self, dev: Deployed, emulator: Emulator) -> None:
        """State, outputs, plan and JSON hold no value in any encoding; a planted one is found."""
        values, workspace = secret_values(emulator), dev.workspace
        assert len(values) == 6
        plan = workspace.folder / "again"
        workspace.terraform("plan", "-input=false", f"-out={plan}")
        state = workspace.state_file.read_text(encoding="utf-8")
        texts = {
            "state": state,
            "outputs": workspace.terraform("output", "-json").stdout,
            "plan": workspace.terraform("show", "-json", str(plan)).stdout,
            "JSON": SynthesizedStack.read(workspace.stack).text,
        }
        assert leaks(values, texts) == []
        assert leaks(values, {"planted": state + next(iter(values.values()))})

    @pytest.mark.usefixtures("dev")
    def test_secrets_have_the_form_that_their_readers_need(self, emulator: Emulator) -> None:
        """Letters and digits only, so that they fit into URLs; the Fernet key is the Base64 of 32 of them."""
        by_name = {name.rpartition("/")[2].partition(":")[0]: value for name, value in secret_values(emulator).items()}
        assert {name: len(value) for name, value in by_name.items()} == {
            "admin": 32,
            "api": 64,
            "database": 32,
            "fernet-1": 44,
            "jwt": 64,
            "redis": 32,
        }
        assert all(value.isalnum() for name, value in by_name.items() if name != "fernet-1")

    def test_every_object_leads_to_its_line(self, dev: Deployed, emulator: Emulator) -> None:
        """The tag Address of the cluster, its nodes, the database and the VPCs is their address in the state."""
        eks, outputs = client(emulator, "eks"), dev.workspace.outputs()
        cluster = eks.describe_cluster(name=outputs["cluster_name"])["cluster"]
        nodes = eks.describe_nodegroup(clusterName=cluster["name"], nodegroupName="default")["nodegroup"]
        [database] = client(emulator, "rds").describe_db_instances()["DBInstances"]
        found = {
            cluster["tags"]["Address"],
            nodes["tags"]["Address"],
            {tag["Key"]: tag["Value"] for tag in database["TagList"]}["Address"],
        }
        assert found == {"aws_eks_cluster.cluster", "aws_eks_node_group.default", "aws_db_instance.metadata"}
        assert found <= set(dev.workspace.addresses())

    @pytest.mark.usefixtures("dev")
    def test_the_endpoint_knows_every_call(self, emulator: Emulator) -> None:
        """No call that Terraform made was unknown to the endpoint, so nothing was left out or guessed."""
        assert len(emulator.calls()) > 500
        assert [call for call in emulator.calls() if call.status == 501] == []


class TestDestroyedAndDeployedAgain:
    def test_nothing_is_left_and_the_names_are_free(self, dev: Deployed, emulator: Emulator) -> None:
        """After destroy the account is as before (keys pending deletion aside); the same file deploys again."""
        dev.workspace.cdktf("destroy")
        assert emulator.inventory() == dev.inventory_before
        dev.workspace.cdktf("deploy")
        assert dev.workspace.plan().returncode == 0
        dev.workspace.cdktf("destroy")
        assert emulator.inventory() == dev.inventory_before
