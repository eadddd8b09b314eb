"""EC2: what moto answers otherwise than AWS, so that Terraform's second plan is not empty or a destroy fails."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses import EC2Response
from moto.ec2.utils import random_eip_association_id
from moto.kms.models import kms_backends

from tests.emulator.differences import Replacement, difference


def _description(rule: Any) -> str | None:
    found = rule.ip_range.get("Description") or rule.source_group.get("Description") or rule.prefix_list_description
    return str(found) if found else None


@difference(SecurityGroupRule, "__init__", "moto loses the description of a rule whose peer is a group or prefix list")
def keep_description(original: Replacement, rule: Any, *args: Any, **options: Any) -> None:
    """Keeps the description of a prefix list beside its id."""
    original(rule, *args, **options)
    rule.prefix_list_description = (options.get("prefix_list_id") or {}).get("Description")
    type(rule).description = property(_description)


@difference(LaunchTemplate, "create_version", "moto answers a template's own tags as if they were its instances' tags")
def separate_own_tags(original: Replacement, template: Any, data: dict[str, Any], description: str) -> Any:
    """Takes the tags of the template itself out of the template's data."""
    theirs = [tags for tags in data.get("TagSpecifications", []) if tags.get("ResourceType") != "launch-template"]
    kept = {key: value for key, value in data.items() if key != "TagSpecifications"}
    return original(template, kept | ({"TagSpecifications": theirs} if theirs else {}), description)


def _current_tags(template: Any) -> list[dict[str, str]]:
    tags: list[dict[str, str]] = template.get_tags()
    return tags


def _ignore_tags(template: Any, tags: list[dict[str, str]]) -> None:
    """Takes the place of moto's own copy, made once."""


@difference(LaunchTemplate, "__init__", "moto keeps answering the tags that a template was made with")
def current_tags(original: Replacement, template: Any, *args: Any, **options: Any) -> None:
    """Answers the tags as they are now."""
    type(template).tags = property(_current_tags, _ignore_tags)
    original(template, *args, **options)


@difference(EC2Response, "get_ebs_default_kms_key_id", "moto lets the default key be changed, and never tells it")
def default_key(original: Replacement, response: Any) -> Any:
    """Answers the key that was chosen, or the alias of AWS's own, as EC2 does."""
    del original
    backend, own = response.ec2_backend, "alias/aws/ebs"
    keys = kms_backends[backend.account_id][backend.region_name]
    chosen = backend.default_kms_key_id
    is_own = not chosen or (keys.alias_exists(own) and keys.describe_key(own).arn == chosen)
    return ActionResult({"KmsKeyId": own if is_own else chosen})


@difference(EC2Backend, "create_nat_gateway", "moto leaves the elastic IP unassociated, so that it could be released")
def associate_address(original: Replacement, backend: Any, *args: Any, **options: Any) -> Any:
    """Associates the elastic IP with the gateway's network interface."""
    gateway = original(backend, *args, **options)
    for address in gateway.address_set:
        if allocation_id := address.get("allocationId"):
            elastic_ip = backend.address_by_allocation([allocation_id])[0]
            elastic_ip.eni, elastic_ip.association_id = gateway._eni, random_eip_association_id()
            address["associationId"] = elastic_ip.association_id
    return gateway


@difference(EC2Backend, "delete_nat_gateway", "moto leaves the gateway's network interface behind")
def remove_interface(original: Replacement, backend: Any, nat_gateway_id: str) -> Any:
    """Frees the elastic IP and removes the network interface."""
    gateway = original(backend, nat_gateway_id)
    for elastic_ip in backend.addresses:
        if elastic_ip.eni is gateway._eni:
            elastic_ip.eni, elastic_ip.association_id = None, None
    backend.enis.pop(gateway._eni.id, None)
    return gateway
