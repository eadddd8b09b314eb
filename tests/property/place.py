"""What the sections of one environment file must agree on, and strategies that several of them use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Values = dict[str, Any]

PARTITIONS = {"eu-west-1": "aws", "ap-southeast-7": "aws", "us-gov-west-1": "aws-us-gov", "cn-northwest-1": "aws-cn"}


@dataclass(frozen=True)
class Place:
    """What the sections of one file must agree on."""

    region: str
    account_id: str
    zones: tuple[str, ...]
    everything: bool
    """Every optional key is there."""

    @property
    def partition(self) -> str:
        """The region's."""
        return PARTITIONS[self.region]

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """The ARN of something in this account."""
        return f"arn:{self.partition}:{service}:{self.region if regional else ''}:{self.account_id}:{resource}"

    def section(
        self, optional: Mapping[str, SearchStrategy[Any]], required: Mapping[str, SearchStrategy[Any]] | None = None
    ) -> SearchStrategy[Values]:
        """A map of all required keys and some of the optional ones."""
        if self.everything:
            return st.fixed_dictionaries({**(required or {}), **optional})
        return st.fixed_dictionaries(dict(required or {}), optional=dict(optional))


def whole(lowest: int, highest: int) -> SearchStrategy[int]:
    """A whole number, the bounds more often than others."""
    return st.sampled_from((lowest, highest)) | st.integers(lowest, highest)


def words(alphabet: str, longest: int) -> SearchStrategy[str]:
    """One or more of the characters, now and then as many as there may be."""
    return st.text(alphabet, min_size=1, max_size=min(longest, 12)) | st.sampled_from(alphabet).map(
        lambda character: character * longest
    )


def principals(place: Place, kinds: tuple[str, ...]) -> SearchStrategy[str]:
    """ARNs of what IAM has: roles, users, policies."""
    names = words("aZ9+=,.@_-", 64)
    paths = st.sampled_from(("", "team/", "a/b+c/", "p" * 100 + "/"))
    return st.builds(
        lambda kind, path, name: place.arn("iam", f"{kind}/{path}{name}", regional=False),
        st.sampled_from(kinds),
        paths,
        names,
    )
