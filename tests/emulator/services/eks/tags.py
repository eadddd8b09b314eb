"""Tags of everything in EKS that can carry them."""

from collections.abc import Iterator

from tests.emulator.services.eks.state import Description, EksRegion, Parameters, not_found, operation

_ARN_KEYS = ("arn", "nodegroupArn", "addonArn", "accessEntryArn", "associationArn")


def _taggable(region: EksRegion) -> Iterator[Description]:
    for cluster in region.clusters.values():
        yield cluster.description
        yield from cluster.node_groups.values()
        yield from cluster.addons.values()
        yield from cluster.access_entries.values()
        yield from cluster.pod_identities.values()


def _tags(region: EksRegion, parameters: Parameters) -> dict[str, str]:
    arn = parameters["resourceArn"]
    for description in _taggable(region):
        if arn in [description.get(key) for key in _ARN_KEYS]:
            tags: dict[str, str] = description["tags"]
            return tags
    return not_found(f"Resource was not found: {arn}")


@operation("TagResource")
def tag_resource(region: EksRegion, parameters: Parameters) -> Description:
    """Adds tags."""
    _tags(region, parameters).update(parameters["tags"])
    return {}


@operation("UntagResource")
def untag_resource(region: EksRegion, parameters: Parameters) -> Description:
    """Removes tags."""
    tags, keys = _tags(region, parameters), parameters["tagKeys"]
    for key in [keys] if isinstance(keys, str) else keys:
        tags.pop(key, None)
    return {}


@operation("ListTagsForResource")
def list_tags_for_resource(region: EksRegion, parameters: Parameters) -> Description:
    """Lists tags."""
    return {"tags": _tags(region, parameters)}
