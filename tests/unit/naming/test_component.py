"""Addresses, tags and ephemeral blocks of everything that a construct adds."""

from __future__ import annotations

from cdktf import TerraformVariable
from cdktf_cdktf_provider_aws.data_aws_eks_addon_version import DataAwsEksAddonVersion
from cdktf_cdktf_provider_aws.route import Route
from cdktf_cdktf_provider_aws.vpc import Vpc
from constructs.naming.component import Component, Ephemeral

from tests.unit.trial_stack import TrialStack


class TestAdd:
    def test_address_is_the_given_name(self, stack: TrialStack) -> None:
        """The state holds `aws_vpc.cluster`, also from a construct inside constructs, without a hash."""
        outer = Component(stack, "outer")
        Component(outer, "inner").add(Vpc, "cluster", cidr_block="10.0.0.0/16")
        assert stack.synthesized().addresses == ["aws_vpc.cluster"]

    def test_references_follow_the_address(self, stack: TrialStack) -> None:
        """Attributes refer to the readable address too."""
        component = Component(stack, "component")
        vpc = component.add(Vpc, "cluster", cidr_block="10.0.0.0/16")
        component.add(Route, "way", route_table_id=vpc.default_route_table_id)
        assert stack.resource("aws_route.way")["route_table_id"] == "${aws_vpc.cluster.default_route_table_id}"

    def test_taggable_resources_are_tagged(self, stack: TrialStack) -> None:
        """A resource that can carry tags has all of them without being asked, its address among them."""
        Component(stack, "component").add(Vpc, "cluster", cidr_block="10.0.0.0/16")
        assert stack.resource("aws_vpc.cluster")["tags"] == stack.labels.tags("aws_vpc.cluster")

    def test_own_tags_of_a_resource_come_on_top(self, stack: TrialStack) -> None:
        """A construct adds tags such as a subnet's role to the environment's."""
        Component(stack, "component").add(Vpc, "cluster", cidr_block="10.0.0.0/16", tags={"role": "elb"})
        expected = {**stack.labels.tags("aws_vpc.cluster"), "role": "elb"}
        assert stack.resource("aws_vpc.cluster")["tags"] == expected

    def test_untaggable_resources_are_not_tagged(self, stack: TrialStack) -> None:
        """A route can't carry tags and gets none."""
        Component(stack, "component").add(Route, "way", route_table_id="rtb-1")
        assert stack.resource("aws_route.way") == {"route_table_id": "rtb-1"}

    def test_one_name_serves_several_types(self, stack: TrialStack) -> None:
        """`cluster` may be a VPC and a route: names are unique per type."""
        component = Component(stack, "component")
        component.add(Vpc, "cluster", cidr_block="10.0.0.0/16")
        component.add(Route, "cluster", route_table_id="rtb-1")
        assert stack.synthesized().addresses == ["aws_route.cluster", "aws_vpc.cluster"]

    def test_data_sources_have_readable_addresses(self, stack: TrialStack) -> None:
        """A data source is `data.<type>.<name>`, as Terraform writes it."""
        component = Component(stack, "component")
        version = component.add(DataAwsEksAddonVersion, "coredns", addon_name="coredns", kubernetes_version="1.35")
        component.add(Route, "way", route_table_id=version.version)
        assert stack.synthesized().addresses == ["aws_route.way", "data.aws_eks_addon_version.coredns"]
        reference = "${data.aws_eks_addon_version.coredns.version}"
        assert stack.resource("aws_route.way")["route_table_id"] == reference

    def test_the_callers_tags_are_left_alone(self, stack: TrialStack) -> None:
        """A map of tags that several resources share is not changed by the first."""
        role = {"role": "elb"}
        Component(stack, "component").add(Vpc, "cluster", cidr_block="10.0.0.0/16", tags=role)
        assert role == {"role": "elb"}


class TestEphemeral:
    def test_is_a_block_of_its_own(self, stack: TrialStack) -> None:
        """The value is declared under Terraform's top-level `ephemeral`, neither resource nor data source."""
        Ephemeral(Component(stack, "c"), "aws_secretsmanager_random_password", "admin", {"password_length": 32})
        document = stack.synthesized().document
        assert document["ephemeral"] == {"aws_secretsmanager_random_password": {"admin": {"password_length": 32}}}
        assert "resource" not in document

    def test_attributes_are_expressions(self, stack: TrialStack) -> None:
        """An attribute is an expression over the block, for write-only arguments."""
        password = Ephemeral(Component(stack, "c"), "aws_secretsmanager_random_password", "admin", {})
        expression = password.attribute("random_password")
        assert expression == "${ephemeral.aws_secretsmanager_random_password.admin.random_password}"

    def test_arguments_may_be_tokens(self, stack: TrialStack) -> None:
        """References inside the block's arguments resolve like anywhere else."""
        variable = TerraformVariable(stack, "length", type="number")
        Ephemeral(Component(stack, "c"), "kind", "name", {"password_length": variable.number_value})
        assert stack.synthesized().document["ephemeral"]["kind"]["name"]["password_length"] == "${var.length}"

    def test_several_stand_side_by_side(self, stack: TrialStack) -> None:
        """A second block of the same type leaves the first in place."""
        component = Component(stack, "c")
        Ephemeral(component, "kind", "one", {"a": 1})
        Ephemeral(component, "kind", "two", {"a": 2})
        assert stack.synthesized().document["ephemeral"]["kind"] == {"one": {"a": 1}, "two": {"a": 2}}
