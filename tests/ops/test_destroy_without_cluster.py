"""`python -m ops destroy` where the cluster is gone: what it has left, and a state that still knows what was in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from constructs.providers.demanded import PROVIDERS

from tests.ops.operated import Operated, operated
from tests.terraform.account import client
from tests.terraform.toolchain import Toolchain
from tests.terraform.workspace import Workspace

pytestmark = pytest.mark.slow

CONFIRMED = ("destroy", "--confirm", "dev")


@pytest.fixture(scope="module")
def environment(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    """The environment dev, whose infrastructure is destroyed, or was never made."""
    with operated(toolchain, tmp_path_factory.mktemp("gone"), state_in_s3=False) as environment:
        yield environment


def replace_missing_providers(platform: Workspace) -> None:
    """Let Terraform take the AWS provider for the others, where this machine has that one alone.

    `terraform init` wants all of them, `terraform state rm` asks none.
    """
    toolchain = platform.toolchain
    if "aws" not in toolchain.mirrors:
        return
    file = platform.stack / "override.tf.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    substitute = toolchain.required_providers("infrastructure")["aws"]
    missing = {name: substitute for name in PROVIDERS if name not in toolchain.mirrors}
    content["terraform"]["required_providers"] |= missing
    file.write_text(json.dumps(content), encoding="utf-8")


def create_balancer(environment: Operated) -> str:
    """A load balancer as the cluster's controller makes it; return its ARN."""
    ec2, elb = client(environment.aws, "ec2"), client(environment.aws, "elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    tags = [{"Key": "elbv2.k8s.aws/cluster", "Value": "airflow-dev"}]
    created = elb.create_load_balancer(Name="k8s-airflow", Subnets=subnets, Type="application", Tags=tags)
    return str(created["LoadBalancers"][0]["LoadBalancerArn"])


class TestSweep:
    def test_what_the_cluster_has_left_is_swept(self, environment: Operated) -> None:
        """A volume and a log group that came again are listed (3), a load balancer stops it (3), as it would keep the
        network; all go by --sweep, and another cluster's stay.
        """
        ec2 = client(environment.aws, "ec2")
        volumes = [
            ec2.create_volume(
                AvailabilityZone="eu-west-1a",
                Size=1,
                TagSpecifications=[
                    {"ResourceType": "volume", "Tags": [{"Key": f"kubernetes.io/cluster/{name}", "Value": "owned"}]}
                ],
            )["VolumeId"]
            for name in ("airflow-dev", "airflow-dev-2")
        ]
        client(environment.aws, "logs").create_log_group(logGroupName="/aws/containerinsights/airflow-dev/application")
        listed = environment.ops(*CONFIRMED)
        assert listed.returncode == 3, listed.stdout
        assert f"aws ec2 delete-volume --volume-id {volumes[0]}" in listed.stdout
        assert (
            "aws logs delete-log-group --log-group-name /aws/containerinsights/airflow-dev/application" in listed.stdout
        )
        balancer = create_balancer(environment)
        stopped = environment.ops(*CONFIRMED)
        assert stopped.returncode == 3, stopped.stdout
        assert "which keep the network from going" in stopped.stdout
        assert f"aws elbv2 delete-load-balancer --load-balancer-arn {balancer}" in stopped.stdout
        environment.done(*CONFIRMED, "--sweep")
        assert client(environment.aws, "elbv2").describe_load_balancers()["LoadBalancers"] == []
        assert [volume["VolumeId"] for volume in ec2.describe_volumes()["Volumes"]] == volumes[1:]
        assert client(environment.aws, "logs").describe_log_groups()["logGroups"] == []


class TestClusterIsGone:
    def test_the_platform_is_abandoned_after_the_name_was_typed(self, environment: Operated) -> None:
        """What a state says of a cluster that is gone is forgotten with --abandon-platform, and by nothing less."""
        platform = environment.workspace.of("platform")
        replace_missing_providers(platform)
        instance = {"schema_version": 0, "attributes": {"id": "airflow"}, "sensitive_attributes": []}
        recorded = {
            "mode": "managed",
            "type": "terraform_data",
            "name": "namespace",
            "provider": 'provider["terraform.io/builtin/terraform"]',
            "instances": [instance],
        }
        state = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "l", "outputs": {}}
        platform.state_file.write_text(json.dumps(state | {"resources": [recorded]}), encoding="utf-8")
        forgetful = ("destroy", "--abandon-platform", "--confirm")
        assert environment.ops(*forgetful, "prod").returncode == 2
        stopped = environment.ops(*CONFIRMED)
        assert stopped.returncode == 1, stopped.stdout
        assert "--abandon-platform" in stopped.stdout
        assert json.loads(platform.state_file.read_text(encoding="utf-8"))["resources"]
        said = environment.done(*forgetful, "dev")
        assert "platform: abandoned: its state forgets all of it" in said
        assert json.loads(platform.state_file.read_text(encoding="utf-8"))["resources"] == []
