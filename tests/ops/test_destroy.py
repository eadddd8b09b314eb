"""`python -m ops destroy`: the gate, each kind of deletion refused once, an interrupt, and the same name again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from tests.documented import shows
from tests.ops.operated import AT_ONCE, Operated, operated
from tests.ops.undisturbed import undisturbed
from tests.terraform.toolchain import Toolchain

pytestmark = pytest.mark.slow

CONFIRMED = ("destroy", "--confirm", "dev")

#: The calls by which the stack's resources are deleted.
DELETING = {
    "cloudwatch": ("DeleteAlarms",),
    "ec2": (
        "DeleteFlowLogs",
        "DeleteInternetGateway",
        "DeleteLaunchTemplate",
        "DeleteNatGateway",
        "DeleteRoute",
        "DeleteRouteTable",
        "DeleteSecurityGroup",
        "DeleteSubnet",
        "DeleteVpc",
        "DeleteVpcEndpoints",
        "DeleteVpcPeeringConnection",
        "DisassociateRouteTable",
        "ReleaseAddress",
    ),
    "eks": ("DeleteAccessEntry", "DeleteAddon", "DeleteCluster", "DeleteNodegroup", "DeletePodIdentityAssociation"),
    "iam": ("DeleteRole", "DeleteRolePolicy", "DetachRolePolicy"),
    "kms": ("DeleteAlias", "ScheduleKeyDeletion"),
    "logs": ("DeleteLogGroup",),
    "rds": ("DeleteDBInstance", "DeleteDBParameterGroup", "DeleteDBSubnetGroup"),
    "s3": ("DeleteBucket",),
    "secretsmanager": ("DeleteSecret",),
}
MOST_RUNS = 12


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, protected as prod is: deletion protection, final snapshot, a window for secrets."""
    protection = {"database": {"deletion_protection": True, "final_snapshot": True}}
    folder = tmp_path_factory.mktemp("destroyed")
    secrets = {"recovery_window_days": 7}
    with operated(toolchain, folder, state_in_s3=False, secrets=secrets, **protection) as environment:
        yield environment


def unprotect(environment: Operated) -> None:
    """Switch deletion protection off in the file."""
    file = environment.workspace.environment_file
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["database"]["deletion_protection"] = False
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def left(environment: Operated) -> set[str]:
    """What the account still holds of the environment: without region, in few words."""
    return {line.removeprefix("eu-west-1 ").partition(" airflow-dev")[0] for line in environment.inventory()}


class TestGate:
    def test_what_was_deployed(self, environment: Operated) -> None:
        """A deploy that nobody disturbs makes what is committed as its inventory, and says how it went."""
        said = environment.deploy()
        shows("deploy-done", said)
        assert environment.inventory() == undisturbed()

    def test_refused_while_the_database_is_protected(self, environment: Operated) -> None:
        """Deletion protection refuses (2) and names its switch; turned off in the file alone it still does.

        What RDS would refuse is known from the state, so that nothing else is destroyed before.
        """
        before = environment.inventory()
        by_file = environment.ops(*CONFIRMED)
        assert by_file.returncode == 2, by_file.stdout
        shows("destroy-refused", by_file.stdout)
        unprotect(environment)
        by_state = environment.ops(*CONFIRMED)
        assert by_state.returncode == 2, by_state.stdout
        assert "aws_db_instance.metadata (airflow-dev) is protected against deletion." in by_state.stdout
        assert environment.inventory() == before
        assert "changed" in environment.deploy()

    def test_a_dry_run_says_what_goes_and_what_stays_and_does_nothing(self, environment: Operated) -> None:
        """The dry run counts what goes, names what is lost and what stays, and leaves the account as it was."""
        before = environment.aws.inventory()
        said = environment.done("destroy", "--dry-run")
        shows("destroy-dry-run", said)
        document = environment.done("destroy", "--dry-run", "--json")
        assert json.loads(document[document.index("{") : document.rindex("}") + 1])["objects"] == {
            "platform": 0,
            "infrastructure": 112,
        }
        assert environment.aws.inventory() == before

    def test_without_the_name_nothing_is_destroyed(self, environment: Operated) -> None:
        """Another name than the environment's is refused (2), and so is none where nobody can be asked."""
        before = environment.aws.inventory()
        assert environment.ops("destroy", "--confirm", "prod").returncode == 2
        assert environment.ops("destroy").returncode == 2
        assert environment.aws.inventory() == before


class TestDestroyed:
    def test_every_deletion_refused_once(self, environment: Operated) -> None:
        """Run again after each refusal, destroy ends clean: what is left are the secrets in their window and the
        final snapshot.
        """
        for service, actions in DELETING.items():
            for action in actions:
                environment.aws.fail(service, action)
        codes: list[int] = []
        while len(codes) < MOST_RUNS and 0 not in codes:
            done = environment.ops(*CONFIRMED)
            codes.append(done.returncode)
            if done.returncode:
                assert "Next: python -m ops destroy again" in done.stdout, done.stdout
        assert set(codes[:-1]) == {1}
        assert codes[-1] == 0, codes
        refused = {(call.service, call.action) for call in environment.aws.calls() if call.status == 403}
        assert refused == {(service, action) for service, actions in DELETING.items() for action in actions}
        assert left(environment) == {"secretsmanager:secret", "rds:snapshot"}
        assert json.loads(environment.state())["resources"] == []

    def test_a_deploy_under_the_same_name_afterwards(self, environment: Operated) -> None:
        """Secrets that wait for their deletion are taken back with new values, and the environment is there again."""
        said = environment.deploy()
        assert "6 secrets of this name are scheduled for deletion: taken back." in said
        assert [line for line in environment.inventory() if "rds:snapshot" not in line] == undisturbed()
        assert environment.workspace.plan().returncode == 0

    def test_interrupted_and_run_again(self, environment: Operated) -> None:
        """Ctrl-C ends it with 130 once Terraform has ended; run again it ends clean, with a second final snapshot."""
        with environment.aws.hold("rds", "DeleteDBInstance", moment="after") as hold:
            with environment.running(*CONFIRMED, variables=AT_ONCE) as destroy:
                hold.wait()
                destroy.interrupt()
                destroy.wait_for_output("Terraform was told once")
                code = destroy.wait()
            assert code == 130, destroy.output
            assert "Next: python -m ops destroy again" in destroy.output
        said = environment.done(*CONFIRMED)
        shows("destroy-done", said)
        assert left(environment) == {"secretsmanager:secret", "rds:snapshot"}
        assert len([line for line in environment.inventory() if "rds:snapshot" in line]) == 2
