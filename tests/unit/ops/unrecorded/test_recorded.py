from __future__ import annotations

import json
from typing import Any

import pytest

from ops.console.errors import OperationError
from ops.unrecorded.recorded import Recorded

_RESOURCE = '{"version": 4, "resources": [{"mode": "managed", "type": "aws_vpc", "name": "it", "instances": %s}]}'
DAMAGED = [
    *("{", "[]", "1", '"text"', '{"version": 4, "resources": null}', '{"version": 4, "resources": [1]}'),
    '{"version": 4, "resources": [{"mode": "managed"}]}',
    *(_RESOURCE % instances for instances in ("null", "[1]", "[{}]", '[{"attributes": null}]', '[{"attributes": {}}]')),
    "[" * 100_000,
]


def state(terraform_type: str, attributes: dict[str, Any], **instance: str) -> str:
    """A state with one object, as `terraform state pull` prints it."""
    instances = [{"attributes": attributes, **instance}]
    resource = {"mode": "managed", "type": terraform_type, "name": "it", "instances": instances}
    return json.dumps({"version": 4, "resources": [resource]})


class TestRecorded:
    def test_no_state_yet(self) -> None:
        """Where nothing was ever applied `state pull` prints nothing, and nothing is known."""
        assert Recorded.read("").import_ids == {}

    def test_a_state_without_objects(self) -> None:
        """Terraform takes a state that has its format alone: nothing is known."""
        assert Recorded.read('{"version": 4}').import_ids == {}

    @pytest.mark.parametrize("text", DAMAGED)
    def test_a_damaged_one(self, text: str) -> None:
        """What is no state is refused with the way to an earlier version, whatever is wrong with it."""
        with pytest.raises(OperationError, match="This is no Terraform state") as refused:
            Recorded.read(text)
        assert "keeps versions" in refused.value.fix

    @pytest.mark.parametrize(
        ("terraform_type", "attributes", "import_id"),
        [
            ("aws_vpc", {"id": "vpc-1"}, "vpc-1"),
            ("aws_db_instance", {"id": "db-ABC", "identifier": "airflow-dev"}, "airflow-dev"),
            (
                "aws_route",
                {"id": "r-rtb-1080289494", "route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"},
                "rtb-1_0.0.0.0/0",
            ),
            (
                "aws_route_table_association",
                {"id": "rtbassoc-1", "subnet_id": "subnet-1", "route_table_id": "rtb-1"},
                "subnet-1/rtb-1",
            ),
            ("aws_iam_role_policy_attachment", {"id": "x-1", "role": "x", "policy_arn": "arn:p"}, "x/arn:p"),
            (
                "aws_eks_pod_identity_association",
                {"id": "a-1", "cluster_name": "airflow-dev", "association_id": "a-1"},
                "airflow-dev,a-1",
            ),
        ],
        ids=lambda value: value if isinstance(value, str) and value.startswith("aws_") else "",
    )
    def test_objects_are_known_by_what_an_import_wants(
        self, terraform_type: str, attributes: dict[str, Any], import_id: str
    ) -> None:
        """The identity of an object is its import ID, which is not always the attribute `id`."""
        recorded = Recorded.read(state(terraform_type, attributes))
        assert recorded.knows(f"{terraform_type}.it", import_id)
        assert not recorded.knows(f"{terraform_type}.it", "another")

    def test_a_tainted_object_is_known(self) -> None:
        """An object whose creation was not seen to end is in the state all the same."""
        assert Recorded.read(state("aws_vpc", {"id": "vpc-1"}, status="tainted")).knows("aws_vpc.it", "vpc-1")

    def test_a_deposed_object_does_not_stand_for_its_successor(self) -> None:
        """What a broken-off replacement left behind is not what the address means."""
        assert Recorded.read(state("aws_vpc", {"id": "vpc-1"}, deposed="d1")).import_ids == {}

    def test_what_is_not_in_aws_is_left_out(self) -> None:
        """Terraform's own resources exist in the state alone."""
        assert Recorded.read(state("terraform_data", {"id": "1"})).import_ids == {}
