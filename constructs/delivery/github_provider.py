"""GitHub as somebody whose tokens the account believes."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from constructs.naming.component import Component, Scope

#: For whom GitHub's tokens are made out, unless a workflow asks for something else.
AUDIENCE = "sts.amazonaws.com"


class GitHubProvider(Component):
    """The OIDC provider of GitHub Actions, of which an account can have one.

    Without thumbprints: IAM knows the authority that signs GitHub's certificate (IAM user guide, "Obtain the
    thumbprint for an OpenID Connect identity provider").
    """

    def __init__(self, scope: Scope, id_: str, issuer: str) -> None:
        super().__init__(scope, id_)
        provider = self.add(IamOpenidConnectProvider, "github", url=f"https://{issuer}", client_id_list=[AUDIENCE])
        self.arn: str = provider.arn
