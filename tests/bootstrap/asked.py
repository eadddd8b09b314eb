"""What IAM is asked when Terraform plans, applies and destroys an environment.

After AWS's Service Authorization Reference, for the operations that Terraform calls and for those alone; another one is
an error, never "nothing is asked".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.bootstrap.asked_network import network, nodes
from tests.bootstrap.asked_storage import storage
from tests.bootstrap.ledger import Ledger, mapping
from tests.bootstrap.operations import Operation
from tests.bootstrap.place import Place, tagged
from tests.security.policy_evaluator import Request

#: Parameter of a call -> the service that gets the role.
_HANDED_OVER = {
    "CreateCluster": ("roleArn", "eks.amazonaws.com"),
    "CreateNodegroup": ("nodeRole", "eks.amazonaws.com"),
    "CreatePodIdentityAssociation": ("roleArn", "pods.eks.amazonaws.com"),
}
_EKS_PARTS = {
    "AccessEntry": ("access-entry", "principalArn"),
    "AccessPolicy": ("access-entry", "principalArn"),
    "AssociatedAccessPolicies": ("access-entry", "principalArn"),
    "Addon": ("addon", "addonName"),
    "Nodegroup": ("nodegroup", "nodegroupName"),
    "PodIdentityAssociation": ("podidentityassociation", "associationId"),
}
_RDS_PARTS = {
    "DBInstanceIdentifier": "db",
    "DBParameterGroupName": "pg",
    "DBSubnetGroupName": "subgrp",
    "FinalDBSnapshotIdentifier": "snapshot",
}


def asked(operation: Operation, ledger: Ledger, place: Place) -> list[Request]:
    """Everything that has to be allowed for one call."""
    if operation.service == "sts":  # GetCallerIdentity needs no permission
        return []
    return list(_SERVICES[operation.service](operation, ledger, place))


def _eks(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    action, context = f"eks:{name}", tagged("aws:RequestTag", mapping(parameters.get("tags")))
    if name in ("DescribeAddonVersions", "ListClusters"):
        yield Request(action=action)
        return
    cluster = parameters.get("clusterName") or parameters["name"]
    resource = place.arn("eks", f"cluster/{cluster}")
    kind = next((part for part in _EKS_PARTS if name.endswith(part)), None)
    if kind and not name.startswith("Create"):
        part, parameter = _EKS_PARTS[kind]
        resource = place.arn("eks", f"{part}/{cluster}/{parameters[parameter]}/1")
    yield Request(action=action, resource="*" if name == "CreateCluster" else resource, context=context)
    if name.startswith("Create"):
        made = place.arn("eks", f"{_EKS_PARTS[kind][0]}/{cluster}/new/1") if kind else resource
        yield Request(action="eks:TagResource", resource=made, context=context)
    if name in _HANDED_OVER:
        parameter, service = _HANDED_OVER[name]
        role = parameters[parameter]
        yield Request(action="iam:PassRole", resource=role, context={"iam:PassedToService": service})
        yield Request(action="iam:GetRole", resource=role)
    if name == "CreateCluster":
        for encryption in parameters["encryptionConfig"]:
            yield from _granting(encryption["provider"]["keyArn"], ledger)
        yield from _linked("eks.amazonaws.com", place)
    if name == "CreateNodegroup":
        yield from nodes(parameters["launchTemplate"]["id"], parameters["subnets"], ledger, place)
        yield from _linked("eks-nodegroup.amazonaws.com", place)


def _rds(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    action, tags = f"rds:{name}", tagged("aws:RequestTag", mapping(parameters.get("Tags")))
    arns = [place.arn("rds", f"{kind}:{parameters[key]}") for key, kind in _RDS_PARTS.items() if parameters.get(key)]
    arns += [parameters["ResourceName"]] if "ResourceName" in parameters else []
    # A list is asked for as for all that could be in it.
    for arn in arns or [place.arn("rds", "db:*")]:
        yield Request(action=action, resource=arn, context=tags)
    if tags:
        yield Request(action="rds:AddTagsToResource", resource=arns[0], context=tags)
    if parameters.get("FinalDBSnapshotIdentifier"):
        for arn in arns:
            yield Request(action="rds:CreateDBSnapshot", resource=arn)
    if name == "CreateDBInstance":
        yield Request(action=action, resource=place.arn("rds", "og:default:postgres-17"), context=tags)
        monitoring = {"iam:PassedToService": "monitoring.rds.amazonaws.com"}
        yield Request(action="iam:PassRole", resource=parameters["MonitoringRoleArn"], context=monitoring)
        yield from _granting(parameters["KmsKeyId"], ledger)
        yield from _linked("rds.amazonaws.com", place)


def _iam(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    if name == "ListRoles":
        yield Request(action="iam:ListRoles")
        return
    role = parameters["RoleName"]
    context = tagged("aws:RequestTag", mapping(parameters.get("Tags")))
    if boundary := parameters.get("PermissionsBoundary") or ledger.boundaries.get(role):
        context["iam:PermissionsBoundary"] = boundary
    if policy := parameters.get("PolicyArn"):
        context["iam:PolicyARN"] = policy
    yield Request(action=f"iam:{name}", resource=place.role(role), context=context)
    if name == "CreateRole":
        yield Request(action="iam:TagRole", resource=place.role(role), context=context)


def _kms(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    action = f"kms:{name}"
    if name in ("ListAliases", "ListKeys"):
        yield Request(action=action)
        return
    if name == "CreateKey":
        context = tagged("aws:RequestTag", mapping(parameters["Tags"]))
        yield Request(action=action, context=context)
        yield Request(action="kms:TagResource", resource=place.arn("kms", "key/new"), context=context)
        return
    if alias := str(parameters.get("AliasName", "")):
        yield Request(action=action, resource=place.arn("kms", alias))
    key = parameters.get("KeyId") or parameters.get("TargetKeyId") or ledger.aliases[alias]
    yield _on_key(action, key, ledger, place)


def _secretsmanager(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    action = f"secretsmanager:{name}"
    if name in ("GetRandomPassword", "ListSecrets"):
        yield Request(action=action)
        return
    tags = tagged("aws:RequestTag", mapping(parameters.get("Tags")))
    resource = str(parameters.get("SecretId") or parameters.get("Name"))
    if not resource.startswith("arn:"):  # IAM is asked for the ARN, whose end is chosen by AWS
        resource = place.arn("secretsmanager", f"secret:{resource}-AbCdEf")
    yield Request(action=action, resource=resource, context=tags)
    if tags:
        yield Request(action="secretsmanager:TagResource", resource=resource, context=tags)
    if name in ("CreateSecret", "GetSecretValue", "PutSecretValue"):
        # All of the environment's secrets have one key.
        key = next(arn for arn, tags in ledger.tags.items() if tags.get("Address") == "aws_kms_key.secrets")
        through = {"kms:ViaService": f"secretsmanager.{place.region}.amazonaws.com"}
        for use in ("kms:Decrypt",) if name == "GetSecretValue" else ("kms:Decrypt", "kms:GenerateDataKey"):
            request = _on_key(use, key, ledger, place)
            yield Request(action=use, resource=request.resource, context={**request.context, **through})


def _elbv2(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    del ledger, place
    if not operation.reads:
        raise KeyError(operation.name)
    yield Request(action=f"elasticloadbalancing:{operation.name}")


def _logs(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    del ledger
    parameters = operation.parameters
    group = parameters.get("logGroupName") or parameters.get("resourceArn", "").partition("log-group:")[2]
    # As CloudWatch Logs writes the resource when it refuses a call; a list is asked for as for all groups.
    resource = place.arn("logs", f"log-group:{group}:log-stream:")
    tags = tagged("aws:RequestTag", mapping(parameters.get("tags")))
    yield Request(action=f"logs:{operation.name}", resource=resource, context=tags)
    if tags:
        yield Request(action="logs:TagResource", resource=resource, context=tags)


def _cloudwatch(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    del ledger
    name, parameters = operation.name, operation.parameters
    tags = tagged("aws:RequestTag", mapping(parameters.get("Tags")))
    alarms = [parameters["AlarmName"]] if "AlarmName" in parameters else parameters.get("AlarmNames", [])
    arns = [place.arn("cloudwatch", f"alarm:{alarm}") for alarm in alarms]
    for arn in arns or [parameters.get("ResourceARN") or place.arn("cloudwatch", "alarm:*")]:
        yield Request(action=f"cloudwatch:{name}", resource=arn, context=tags)
        if tags:
            yield Request(action="cloudwatch:TagResource", resource=arn, context=tags)


def _sns(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    del ledger
    name, parameters = operation.name, operation.parameters
    tags = tagged("aws:RequestTag", mapping(parameters.get("Tags")))
    if name == "CreateTopic":
        resource = place.arn("sns", parameters["Name"])
    elif "SubscriptionArn" in parameters:  # as SNS writes the resource when it refuses such a call: the topic
        resource = parameters["SubscriptionArn"].rpartition(":")[0]
    else:
        resource = parameters.get("TopicArn") or parameters["ResourceArn"]
    yield Request(action=f"sns:{name}", resource=resource, context=tags)
    if tags and name == "CreateTopic":
        yield Request(action="sns:TagResource", resource=resource, context=tags)


def _ecr(operation: Operation, ledger: Ledger, place: Place) -> Iterator[Request]:
    name, parameters = operation.name, operation.parameters
    tags = tagged("aws:RequestTag", mapping(parameters.get("tags")))
    repository = parameters.get("repositoryName") or [*parameters.get("repositoryNames", ()), ""][0]
    resource = parameters.get("resourceArn") or place.arn("ecr", f"repository/{repository}")
    yield Request(action=f"ecr:{name}", resource=resource, context=tags)
    if name == "CreateRepository":
        yield Request(action="ecr:TagResource", resource=resource, context=tags)
        yield from _granting(parameters["encryptionConfiguration"]["kmsKey"], ledger)


def _on_key(action: str, key: str, ledger: Ledger, place: Place) -> Request:
    identifier = key.rpartition("/")[2]
    context = tagged("aws:ResourceTag", ledger.tags.get(identifier, {}))
    return Request(action=action, resource=place.arn("kms", f"key/{identifier}"), context=context)


def _granting(key_arn: str, ledger: Ledger) -> Iterator[Request]:
    """A service that encrypts with a key has who asks for it grant it the use."""
    context = tagged("aws:ResourceTag", ledger.tags[key_arn.rpartition("/")[2]])
    yield Request(action="kms:DescribeKey", resource=key_arn, context=context)
    for_service = {"kms:GrantIsForAWSResource": "true"}
    yield Request(action="kms:CreateGrant", resource=key_arn, context={**context, **for_service})


def _linked(service: str, place: Place) -> Iterator[Request]:
    """At its first use in an account a service makes a role of its own."""
    arn = place.role(f"aws-service-role/{service}/AWSServiceRoleFor")
    yield Request(action="iam:CreateServiceLinkedRole", resource=arn, context={"iam:AWSServiceName": service})


_SERVICES: Mapping[str, Any] = {
    "cloudwatch": _cloudwatch,
    "ec2": network,
    "ecr": _ecr,
    "eks": _eks,
    "elbv2": _elbv2,
    "iam": _iam,
    "kms": _kms,
    "logs": _logs,
    "rds": _rds,
    "s3": storage,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
}
