"""ECR: the repository of images, asked for by its declared name, and what expires in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ops.unrecorded.account import Account, tag_mapping, unless
from ops.unrecorded.declared import Declared
from ops.unrecorded.finding import Found

#: What ECR answers where there is no such repository, or nothing expires in it.
_NONE = frozenset({"RepositoryNotFoundException", "LifecyclePolicyNotFoundException"})


def named(account: Account, declared: Declared) -> Iterator[Found]:
    """Declared repositories that exist and carry the stack's tags. Where none is declared nothing is asked."""
    for address, repository in declared.each("aws_ecr_repository"):
        name = repository["name"]
        if account.address("aws_ecr_repository", _tags(account, name)) == address:
            yield Found(address, name, f"repository {name} carries the tag Address")


def _tags(account: Account, name: str) -> Mapping[str, str]:
    ecr, arn = account.client("ecr"), account.labels.names.arn("ecr", f"repository/{name}")
    return unless(_NONE, lambda: tag_mapping(ecr.list_tags_for_resource(resourceArn=arn)["tags"]), {})


def children(account: Account, declared: Declared) -> Iterator[Found]:
    """What expires, which carries no tags, of the stack's repositories."""
    for address, policy in declared.each("aws_ecr_lifecycle_policy"):
        for name in declared.values(policy["repository"]):
            if _expires(account, name):
                yield Found(address, name, f"repository {name} has a lifecycle policy")


def _expires(account: Account, name: str) -> bool:
    ecr = account.client("ecr")
    return unless(
        _NONE, lambda: bool(ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"]), instead=False
    )
