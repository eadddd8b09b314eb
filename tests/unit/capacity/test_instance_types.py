"""The table of instance types."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import pytest
from constructs.capacity.instance_types import TABLE, InstanceType, instance_type, known_types, source
from constructs.settings.sections.node_groups import INSTANCE_TYPE, architecture_of
from moto import mock_aws

from tooling.instance_types import described, ec2_types, table


@pytest.fixture(scope="module")
def ec2() -> list[Mapping[str, Any]]:
    """What a local EC2 describes."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(variable, "local")
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        with mock_aws():
            return list(ec2_types("us-east-1"))


class TestTable:
    def test_has_what_ec2_says_of_a_type(self) -> None:
        """m7g.large: 2 vCPU, 8 GiB, 3 network interfaces of 10 addresses, on Nitro; m4.large is on Xen."""
        assert instance_type("m7g.large") == InstanceType("m7g.large", 2, 8192, 3, 10, nitro=1)
        assert instance_type("m4.large") == InstanceType("m4.large", 2, 8192, 2, 10, nitro=0)

    def test_a_newer_type_is_not_known(self) -> None:
        """The beginning of a name is no name."""
        assert instance_type("m99g.large") is None
        assert instance_type("m7g") is None

    def test_is_whole(self) -> None:
        """Each line is a type that can be a node, in order, once."""
        names = list(known_types())
        assert names == sorted(set(names))
        assert len(names) > 1000
        assert all(kind.vcpus > 0 and kind.memory_mib >= 500 and kind.interfaces > 0 for kind in known_types().values())

    def test_says_of_what_day_it_is(self) -> None:
        """And where it comes from; a table of more than 400 days lacks what AWS has brought since."""
        found = re.match(r"as of (\d{4}-\d\d-\d\d): EC2 DescribeInstanceTypes", source())
        assert found
        assert dt.date.fromisoformat(found[1]) >= dt.date(2026, 11, 30)


class TestWritingAnew:
    def test_gives_the_table_as_it_is(self, ec2: list[Mapping[str, Any]]) -> None:
        """Nothing in it is written by hand: what EC2 says gives each of its lines."""
        day, origin = dt.date(2026, 11, 30), source().partition(": ")[2]
        assert table(described(ec2), day, origin) == TABLE.read_text(encoding="utf-8")

    def test_keeps_what_this_region_does_not_have(self) -> None:
        """A region says nothing of the types that it lacks."""
        written = table(iter([InstanceType("m99g.large", 2, 8192, 3, 10)]), dt.date(2027, 1, 2), "EC2")
        assert written.startswith("# as of 2027-01-02: EC2\n")
        assert "\nm99g.large,2,8192,3,10,1\n" in written
        assert "\nm7g.large,2,8192,3,10,1\n" in written

    def test_names_tell_the_architecture(self, ec2: list[Mapping[str, Any]]) -> None:
        """Of every type that EC2 knows, its name says what `architecture_of` reads from it."""
        wrong = {
            found["InstanceType"]: found["ProcessorInfo"]["SupportedArchitectures"]
            for found in ec2
            if architecture_of(found["InstanceType"]) not in found["ProcessorInfo"]["SupportedArchitectures"]
        }
        assert wrong == {}

    def test_every_type_of_the_table_can_be_written_into_a_file(self) -> None:
        """What EC2 has, `instance_types` takes."""
        assert [name for name in known_types() if not INSTANCE_TYPE.fullmatch(name)] == []
