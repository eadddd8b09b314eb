"""The load balancer controller: what an Ingress makes it call is allowed, and only for what this cluster owns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests.security.policy_evaluator import Request, allows
from tests.security.proof import refused
from tests.security.role_account import Actor, RoleAccount
from tests.terraform.account import client

ROLE = "load_balancer_controller"
CLUSTER_TAG = "elbv2.k8s.aws/cluster"
OTHER_CLUSTER = "airflow-dev-2"


def tags(cluster: str = "airflow-dev") -> list[dict[str, str]]:
    """What the controller of a cluster writes on everything that it makes for an Ingress."""
    stack = "airflow/airflow-api-server"
    return [{"Key": CLUSTER_TAG, "Value": cluster}, {"Key": "ingress.k8s.aws/stack", "Value": stack}]


@dataclass
class Controller:
    """The controller's calls for an Ingress, in the order of its deployers."""

    ec2: Any
    elb: Any
    vpc: str
    subnets: list[str]
    cluster: str = "airflow-dev"
    group: str = ""
    balancer: str = ""
    targets: str = ""
    listener: str = ""
    rule: str = ""

    def look_around(self) -> None:
        """What it reads before it changes anything."""
        for operation in ("availability_zones", "vpcs", "subnets", "route_tables", "security_groups", "instances"):
            getattr(self.ec2, f"describe_{operation}")()
        self.ec2.describe_network_interfaces()
        self.ec2.describe_tags()
        self.elb.describe_load_balancers()
        self.elb.describe_target_groups()

    def make_security_group(self) -> None:
        """The balancer's own group, open to the Ingress's clients."""
        specification = [{"ResourceType": "security-group", "Tags": tags(self.cluster)}]
        answer = self.ec2.create_security_group(
            GroupName="k8s-airflow", Description="ALB", VpcId=self.vpc, TagSpecifications=specification
        )
        self.group = answer["GroupId"]
        self.open(self.group)

    def open(self, group: str) -> None:
        """HTTPS from a range."""
        ranges = [{"CidrIp": "203.0.113.0/24", "Description": ""}]
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": ranges}
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def close(self, group: str) -> None:
        """What `open` did, undone."""
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "203.0.113.0/24"}]}
        self.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def make_balancer(self) -> None:
        """Target group, load balancer, listener and rule, all tagged, and one target."""
        mark = tags(self.cluster)
        made = self.elb.create_target_group(
            Name="k8s-targets", Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip", Tags=mark
        )
        self.targets = made["TargetGroups"][0]["TargetGroupArn"]
        made = self.elb.create_load_balancer(
            Name="k8s-airflow",
            Subnets=self.subnets,
            SecurityGroups=[self.group],
            Scheme="internet-facing",
            Type="application",
            Tags=mark,
        )
        self.balancer = made["LoadBalancers"][0]["LoadBalancerArn"]
        refuse = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
        made = self.elb.create_listener(
            LoadBalancerArn=self.balancer, Protocol="HTTP", Port=80, DefaultActions=refuse, Tags=mark
        )
        self.listener = made["Listeners"][0]["ListenerArn"]
        made = self.elb.create_rule(
            ListenerArn=self.listener,
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": self.targets}],
            Tags=mark,
        )
        self.rule = made["Rules"][0]["RuleArn"]
        self.elb.register_targets(TargetGroupArn=self.targets, Targets=[{"Id": "10.0.0.10", "Port": 8080}])

    def compare(self) -> None:
        """What it reads of its own objects at every reconciliation."""
        self.elb.describe_tags(ResourceArns=[self.balancer, self.targets, self.listener, self.rule])
        self.elb.describe_load_balancer_attributes(LoadBalancerArn=self.balancer)
        self.elb.describe_listeners(LoadBalancerArn=self.balancer)
        self.elb.describe_listener_attributes(ListenerArn=self.listener)
        self.elb.describe_listener_certificates(ListenerArn=self.listener)
        self.elb.describe_rules(ListenerArn=self.listener)
        self.elb.describe_target_group_attributes(TargetGroupArn=self.targets)
        self.elb.describe_target_health(TargetGroupArn=self.targets)
        self.elb.describe_ssl_policies()

    def change(self) -> None:
        """What a changed annotation leads to."""
        attribute = {"Key": "idle_timeout.timeout_seconds", "Value": "120"}
        self.elb.modify_load_balancer_attributes(LoadBalancerArn=self.balancer, Attributes=[attribute])
        self.elb.set_security_groups(LoadBalancerArn=self.balancer, SecurityGroups=[self.group])
        self.elb.set_subnets(LoadBalancerArn=self.balancer, Subnets=self.subnets)
        self.elb.set_ip_address_type(LoadBalancerArn=self.balancer, IpAddressType="ipv4")
        self.elb.modify_target_group(TargetGroupArn=self.targets, HealthCheckPath="/api/v2/monitor/health")
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}
        self.elb.modify_target_group_attributes(TargetGroupArn=self.targets, Attributes=[delay])
        self.elb.modify_listener(ListenerArn=self.listener, Port=81)
        self.elb.modify_rule(RuleArn=self.rule, Conditions=[{"Field": "path-pattern", "Values": ["/airflow/*"]}])
        self.elb.set_rule_priorities(RulePriorities=[{"RuleArn": self.rule, "Priority": 2}])
        team = [{"Key": "Team", "Value": "data"}]
        for arn in (self.balancer, self.targets, self.listener, self.rule):
            self.elb.add_tags(ResourceArns=[arn], Tags=team)
            self.elb.remove_tags(ResourceArns=[arn], TagKeys=["Team"])
        self.ec2.create_tags(Resources=[self.group], Tags=team)
        self.ec2.delete_tags(Resources=[self.group], Tags=team)

    def delete(self) -> None:
        """Everything, in the order that AWS wants."""
        self.elb.deregister_targets(TargetGroupArn=self.targets, Targets=[{"Id": "10.0.0.10", "Port": 8080}])
        self.elb.delete_rule(RuleArn=self.rule)
        self.elb.delete_listener(ListenerArn=self.listener)
        self.elb.delete_load_balancer(LoadBalancerArn=self.balancer)
        self.elb.delete_target_group(TargetGroupArn=self.targets)
        self.close(self.group)
        self.ec2.delete_security_group(GroupId=self.group)


@pytest.fixture(scope="module")
def subnets(account: RoleAccount) -> list[str]:
    """Two subnets of the cluster's VPC."""
    ec2, vpc = client(account.aws, "ec2"), account.objects["aws_vpc.cluster.id"]
    ec2.attach_internet_gateway(
        InternetGatewayId=ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"], VpcId=vpc
    )
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"eu-west-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("ab")
    ]


@pytest.fixture
def actor(account: RoleAccount) -> Actor:
    """The controller's pod."""
    return account.act_as(ROLE)


@pytest.fixture
def controller(actor: Actor, subnets: list[str]) -> Controller:
    """The controller at work in the cluster's VPC."""
    vpc = actor.account.objects["aws_vpc.cluster.id"]
    return Controller(actor.client("ec2"), actor.client("elbv2"), vpc, subnets)


class TestIngress:
    def test_lives_and_dies(self, actor: Actor, controller: Controller) -> None:
        """Whatever an Ingress makes the controller call from its creation to its deletion is allowed."""
        controller.look_around()
        controller.make_security_group()
        controller.make_balancer()
        controller.compare()
        controller.change()
        controller.delete()
        assert refused(actor) == []
        called = {operation for _, operation in actor.operations}
        assert {"CreateRule", "AddTags", "DeleteLoadBalancer", "DeleteSecurityGroup"} <= called

    def test_opens_the_nodes_group_to_the_balancer(self, actor: Actor, controller: Controller) -> None:
        """The cluster's own group, which EKS made and the controller doesn't own, lets the balancer reach the pods."""
        ec2 = client(actor.account.aws, "ec2")
        group = ec2.create_security_group(GroupName="eks-cluster-sg", Description="EKS", VpcId=controller.vpc)[
            "GroupId"
        ]
        controller.open(group)
        controller.close(group)
        assert refused(actor) == []

    def test_may_have_a_certificate(self, actor: Actor) -> None:
        """Certificates are found by the Ingress's host name."""
        acm = actor.client("acm")
        acm.list_certificates()
        assert refused(actor) == []

    @pytest.mark.parametrize("service", ["elasticloadbalancing.amazonaws.com", "eks.amazonaws.com"])
    def test_makes_elbs_service_linked_role_and_no_other(self, account: RoleAccount, service: str) -> None:
        """The first load balancer of an account needs a role that ELB makes in the caller's name."""
        request = Request(
            action="iam:CreateServiceLinkedRole",
            resource=f"arn:aws:iam::111122223333:role/aws-service-role/{service}/AWSServiceRoleForElasticLoadBalancing",
            context={"iam:AWSServiceName": service},
        )
        assert allows(account.documents(ROLE), request) is service.startswith("elastic")


class TestOtherClusters:
    def test_load_balancers_are_refused(self, actor: Actor, controller: Controller) -> None:
        """A cluster with another name in the same VPC: none of its objects is changed or deleted, and none is made."""
        controller.cluster = OTHER_CLUSTER
        controller.make_security_group()
        controller.make_balancer()
        controller.change()
        controller.delete()
        allowed_in_vpc = {
            # The VPC's half of CreateSecurityGroup; the group's half, with the other cluster's tag, is refused.
            "ec2:CreateSecurityGroup",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupIngress",
        }
        documents = actor.account.documents(ROLE)
        allowed = [decision for decision in actor.decisions if allows(documents, decision.request)]
        assert {decision.request.action for decision in allowed} == allowed_in_vpc
        assert [
            d for d in allowed if d.request.action == "ec2:CreateSecurityGroup" and "vpc/" not in d.request.resource
        ] == []

    def test_other_vpcs_are_refused(self, actor: Actor, controller: Controller) -> None:
        """No group is made or opened in another VPC, the database's for instance, and no untagged one in its own."""
        ec2 = client(actor.account.aws, "ec2")
        controller.vpc = ec2.create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"]
        controller.make_security_group()
        lines = refused(actor)
        assert any("ec2:CreateSecurityGroup" in line and "vpc/" in line for line in lines), lines
        assert any("ec2:AuthorizeSecurityGroupIngress" in line for line in lines), lines
        untagged = Request(
            action="ec2:CreateSecurityGroup", resource="arn:aws:ec2:eu-west-1:111122223333:security-group/new"
        )
        assert not allows(actor.account.documents(ROLE), untagged)

    def test_tags_are_not_taken_over(self, account: RoleAccount) -> None:
        """What another cluster owns can't be made this one's by tagging it."""
        arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/theirs/1"
        context = {f"aws:RequestTag/{CLUSTER_TAG}": "airflow-dev", f"aws:ResourceTag/{CLUSTER_TAG}": OTHER_CLUSTER}
        request = Request(action="elasticloadbalancing:AddTags", resource=arn, context=context)
        assert not allows(account.documents(ROLE), request)
