"""What is asked before an environment is deployed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from constructs.settings.loading.environment_file import load_environment

from ops.clients.aws import Aws
from ops.destruction.destroyable import ROOT
from ops.preflight.deployable import main, objection, refused_zones
from ops.recovery.pools import RELEASE

DEV = ROOT / "environments" / "dev.yaml"

#: What people write in place of the placeholders of dev.yaml.
OWN = {
    "111122223333": "444455556666",
    "203.0.113.0/24": "8.8.4.4/32",
    "github.com/example/": "github.com/acme/",
}


def filled_in(folder: Path) -> Path:
    """A copy of dev.yaml with values of one's own."""
    text = DEV.read_text(encoding="utf-8")
    for placeholder, own in OWN.items():
        text = text.replace(placeholder, own)
    file = folder / "dev.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def account(zones: list[dict[str, str]]) -> Aws:
    """AWS that answers with these zones."""
    aws = Aws("eu-west-1", "444455556666")
    aws._clients["ec2", "eu-west-1"] = SimpleNamespace(describe_availability_zones=lambda: {"AvailabilityZones": zones})
    return aws


class TestDeployable:
    def test_placeholders_are_named_before_anything_happens(self) -> None:
        """All five of the shipped file, by their keys."""
        refused = objection(load_environment(DEV), {})
        assert refused is not None
        for key in (
            "account_id",
            "cluster.administrators[0]",
            "airflow.dags.repository",
            "airflow.web.allowed_cidrs[0]",
        ):
            assert key in refused
        assert "Nothing was deployed." in refused

    def test_a_file_that_is_filled_in_may_be_deployed(self, tmp_path: Path) -> None:
        """Nothing is left to say."""
        assert objection(load_environment(filled_in(tmp_path)), {}) is None

    def test_a_local_endpoint_takes_placeholders(self) -> None:
        """Nobody pays for what is tried out there."""
        assert objection(load_environment(DEV), {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}) is None

    @pytest.mark.parametrize(
        ("zones", "said"),
        [
            ([{"ZoneName": "eu-west-1a", "ZoneId": "euw1-az1"}], "the account has no eu-west-1b in eu-west-1"),
            (
                [{"ZoneName": "eu-west-1a", "ZoneId": "use1-az3"}, {"ZoneName": "eu-west-1b", "ZoneId": "euw1-az2"}],
                "EKS places no control plane in eu-west-1a",
            ),
        ],
    )
    def test_zones_are_asked_for_as_preflight_does(
        self, zones: list[dict[str, str]], said: str, tmp_path: Path
    ) -> None:
        """A zone that the account lacks, or in which EKS has no control plane, is refused with those to choose from."""
        refused = refused_zones(load_environment(filled_in(tmp_path)), account(zones))
        assert refused is not None
        assert said in refused
        assert "Fix: choose" in refused
        assert refused.endswith("Nothing was deployed.")

    def test_the_exit_code_stops_make(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        """2 and a sentence with the file for placeholders, 0 and silence without."""
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.delenv("AIRFLOW_ENV_FILE", raising=False)
        monkeypatch.setenv("AIRFLOW_ENV", "dev")
        assert main() == 2
        assert "dev.yaml: dev still has placeholders" in capsys.readouterr().err
        zones = [{"ZoneName": f"eu-west-1{letter}", "ZoneId": f"euw1-az{letter}"} for letter in "ab"]
        monkeypatch.setattr("ops.preflight.deployable.Aws", lambda *_: account(zones))
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(filled_in(tmp_path)))
        assert main() == 0
        assert capsys.readouterr().err == ""


def recorded(folder: Path, stack: str, *addresses: str) -> None:
    """Put a state of these objects where Terraform of the stack is told to look; `folder` is the output folder."""
    state = folder / f"{stack}.tfstate"
    resources = [
        {
            "mode": "managed",
            "type": kind,
            "name": name,
            "instances": [{"attributes": {"name": name, "service_account": name}}],
        }
        for kind, name in (address.split(".") for address in addresses)
    ]
    state.write_text(json.dumps({"version": 4, "resources": resources}), encoding="utf-8")
    override = folder / "stacks" / stack / "override.tf.json"
    override.parent.mkdir(parents=True)
    backend = {"terraform": {"backend": {"local": {"path": str(state)}}}}
    override.write_text(json.dumps(backend), encoding="utf-8")


class TestLastPool:
    ROLE = "aws_eks_pod_identity_association.karpenter"
    POOL = "{tasks: {instance_families: [m7g], limits: {cpu: 64, memory: 256Gi}}}"

    @pytest.fixture
    def file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The environment file that is deployed, which has no node pools; the states are in the folder `tmp_path`."""
        zones = [{"ZoneName": f"eu-west-1{letter}", "ZoneId": f"euw1-az{letter}"} for letter in "ab"]
        monkeypatch.setattr("ops.preflight.deployable.Aws", lambda *_: account(zones))
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        file = filled_in(tmp_path)
        monkeypatch.setenv("AIRFLOW_ENV_FILE", str(file))
        return file

    def test_its_nodes_go_before_karpenters_role(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """`cdktf deploy` applies infrastructure first: refused with the file, the key and the two steps by make."""
        recorded(tmp_path, "infrastructure", self.ROLE)
        recorded(tmp_path, "platform", RELEASE)
        assert main() == 2
        said = capsys.readouterr().err
        assert said.startswith(f"{file.name}: cluster.node_pools is not there any more, and Karpenter still runs")
        assert "Nothing was applied.\nFix: in two steps: make deploy STACKS=platform, " in said
        assert said.endswith(
            "; then make deploy\nPage: docs/scaling.md#can-there-be-as-many-nodes-as-there-are-pods-for\n"
        )

    @pytest.mark.parametrize("stacks", [("platform",), ("infrastructure", "platform")], ids=["first", "second"])
    def test_the_two_steps_are_let_through(
        self,
        file: Path,  # noqa: ARG002  # it is named in the environment
        stacks: tuple[str, ...],
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Platform alone while Karpenter runs; both once it is gone."""
        recorded(tmp_path, "infrastructure", self.ROLE)
        recorded(tmp_path, "platform", *([RELEASE] if stacks == ("platform",) else []))
        assert main(stacks) == 0
        assert capsys.readouterr().err == ""

    def test_with_a_pool_in_the_file_no_state_is_read(self, file: Path, tmp_path: Path) -> None:
        """Nor is one that nobody could read a reason to stop."""
        recorded(tmp_path, "infrastructure", self.ROLE)
        (tmp_path / "infrastructure.tfstate").write_text("damaged", encoding="utf-8")
        (tmp_path / "platform.tfstate").write_text("damaged", encoding="utf-8")
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("cluster:\n", f"cluster:\n  node_pools: {self.POOL}\n", 1), encoding="utf-8")
        assert main() == 0
