"""Account, region and objects that requests to IAM are about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an environment is deployed."""

    region: str
    account_id: str
    environment: str
    state_key_arn: str

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def role(self, name: str) -> str:
        """ARN of a role."""
        return f"arn:aws:iam::{self.account_id}:role/{name}"


def tagged(key: str, tags: dict[str, str]) -> dict[str, str]:
    """Context keys of tags, `aws:RequestTag/Project` and the like."""
    return {f"{key}/{name}": text for name, text in tags.items()}
