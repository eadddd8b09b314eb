"""IAM: roles, users, policies and what ties them together."""

from collections.abc import Iterator

from moto.iam.models import iam_backends


def lines(account_id: str) -> Iterator[str]:
    """Yields a line per IAM resource of the account's own, service-linked roles left out."""
    iam = iam_backends[account_id]["aws"]
    for kind, identities in (("role", iam.roles.values()), ("user", iam.users.values())):
        for identity in identities:
            if identity.path.startswith("/aws-service-role/"):
                continue
            yield f"iam:{kind} {identity.name}"
            yield from (f"iam:{kind}-policy {identity.name}/{name}" for name in identity.policies)
            for policy in identity.managed_policies.values():
                yield f"iam:{kind}-policy-attachment {identity.name} {policy.arn}"
    for arn, policy in iam.managed_policies.items():
        if arn.split(":")[4] == account_id:
            yield f"iam:policy {policy.name}"
    yield from (f"iam:instance-profile {profile.name}" for profile in iam.instance_profiles.values())
    yield from (f"iam:open-id-connect-provider {arn}" for arn in iam.open_id_providers)
