"""What IAM is asked for calls to EC2."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bootstrap.ledger import EC2_TYPES, MADE, Ledger, ids, mapping, specified
from tests.bootstrap.operations import Operation
from tests.bootstrap.place import Place, tagged
from tests.security.policy_evaluator import Request

#: What a route leads to isn't asked about, nor a group that a rule names.
ASKED_ALONE = {"CreateRoute": "RouteTableId", "DeleteRoute": "RouteTableId", "AuthorizeSecurityGroupIngress": "GroupId"}


def network(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    """Everything that has to be allowed for one call to EC2."""
    name, parameters = operation.name, operation.parameters
    action = f"ec2:{name}"
    if name == "DescribeVpcAttribute":
        yield Request(action=action, resource=place.arn("ec2", f"vpc/{parameters['VpcId']}"))
        return
    if operation.reads:
        yield Request(action=action)
        return
    tags = specified(parameters)
    context = tagged("aws:RequestTag", tags or mapping(parameters.get("Tags")))
    if made := MADE.get(name):
        new = place.arn("ec2", f"{made}/new")
        yield Request(action=action, resource=new, context=context)
        if tags:
            yield Request(action="ec2:CreateTags", resource=new, context={**context, "ec2:CreateAction": name})
    for identifier in sorted(_subjects(operation, ledger)):
        of_resource = tagged("aws:ResourceTag", ledger.tags.get(identifier, {}))
        kind = EC2_TYPES[identifier.partition("-")[0]]
        # Who makes something in a VPC gives tags to what is made, not to the VPC.
        given = {} if made else context
        yield Request(
            action=action, resource=place.arn("ec2", f"{kind}/{identifier}"), context={**given, **of_resource}
        )
    if name == "DisassociateAddress":
        yield Request(action=action, resource=place.arn("ec2", "network-interface/eni-1"))
    if name == "CreateFlowLogs":
        service = {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}
        yield Request(action="iam:PassRole", resource=parameters["DeliverLogsPermissionArn"], context=service)


def nodes(template: str, subnets: list[str], ledger: Ledger, place: Place) -> Iterator[Request]:
    """What EKS asks in the name of who makes a node group: whether he may start its instances himself."""
    arn = place.arn("ec2", f"launch-template/{template}")
    from_it = {"ec2:LaunchTemplate": arn}
    owned = {arn: template, **{place.arn("ec2", f"subnet/{subnet}"): subnet for subnet in subnets}}
    for resource, identifier in owned.items():
        context = {**from_it, **tagged("aws:ResourceTag", ledger.tags[identifier])}
        yield Request(action="ec2:RunInstances", resource=resource, context=context)
    for kind in ("instance", "volume", "network-interface", "security-group"):
        yield Request(action="ec2:RunInstances", resource=place.arn("ec2", f"{kind}/new"), context=from_it)
    image = f"arn:aws:ec2:{place.region}::image/ami-1"
    yield Request(action="ec2:RunInstances", resource=image, context=from_it)
    tags = {"Project": "airflow", "Environment": place.environment, "Stack": "infrastructure"}
    for kind in ("instance", "volume", "network-interface"):
        context = {**tagged("aws:RequestTag", tags), "ec2:CreateAction": "RunInstances"}
        yield Request(action="ec2:CreateTags", resource=place.arn("ec2", f"{kind}/new"), context=context)


def _subjects(operation: Operation, ledger: Ledger) -> set[str]:
    """IDs of the objects that a call is about."""
    name, parameters = operation.name, operation.parameters
    if name in ASKED_ALONE:
        return {parameters[ASKED_ALONE[name]]}
    if association := parameters.get("AssociationId"):
        return set(ledger.joined[association])
    return {each for each in ids(parameters) if each.partition("-")[0] in EC2_TYPES}
