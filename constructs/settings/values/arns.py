"""Amazon Resource Names of what the user made outside this project, each of the environment's own account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from constructs.settings.document.problems import printable
from constructs.settings.values import facts
from constructs.settings.values.shapes import fitting, mistake
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

#: Characters; IAM's own bound (API reference, "Arn").
LONGEST = 2048
_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws)?:(.+)")


@dataclass(frozen=True)
class Arn:
    """The ARN of a resource of one kind; its partition, region and account are compared with the environment's."""

    service: str
    resource: str
    kind: str
    example: str
    regional: bool = True
    any_region: bool = False
    any_account: bool = False
    refuse: Callable[[str], PydanticCustomError | None] = lambda _resource: None
    """What is wrong with a resource of the right kind."""

    aws_managed: bool = False

    def check(self, value: object) -> str:
        """Return `value` if it is such an ARN."""
        allowed = f"the ARN of {self.kind}, such as {self.example}"
        parts = fitting(_ARN, value, LONGEST)
        if not isinstance(value, str) or not parts:
            raise mistake(allowed=allowed, fix=f"copy the ARN from the AWS console; it looks like {self.example}")
        partition, service, region, account, resource = parts.groups()
        if service != self.service or not fitting(self.resource, resource, LONGEST) or bool(region) != self.regional:
            raise mistake(
                allowed=allowed, fix=f"name {self.kind}", note=f"this one names {printable(f'{service} {resource}')}"
            )
        if refused := self.refuse(resource):
            raise refused
        known = facts.known()
        expected = {"partition": known.partition}
        if self.regional and not self.any_region:
            expected["region"] = known.region
        if not self.any_account and not (self.aws_managed and account == "aws"):
            expected["account"] = known.account_id
        given = {"partition": partition, "region": region, "account": account}
        wrong = {part: wanted for part, wanted in expected.items() if wanted and given[part] != wanted}
        if wrong:
            raise mistake(
                allowed=f"{allowed}, with {' and '.join(f'{part} {wanted}' for part, wanted in wrong.items())}",
                fix="name one that this environment can use, or correct region and account_id at the top of the file",
                note=" and ".join(f"{part} {given[part]}" for part in wrong),
            )
        return value

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the ARN to an editor."""
        region = "[a-z0-9-]+" if self.regional else ""
        account = "([0-9]{12}|aws)" if self.aws_managed else "[0-9]{12}"
        pattern = f"^arn:aws(-cn|-us-gov)?:{self.service}:{region}:{account}:({self.resource})$"
        return {"type": "string", "pattern": pattern}


_KMS_KEY = Arn(
    service="kms",
    # As Terraform's S3 backend checks it: a UUID by RFC 4122, or the ID of a multi-region key.
    resource="key/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})",
    kind="a KMS key (not an alias)",
    example="arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-44cd-96ef-1234567890ab",
)
_PATH_AND_NAME = r"(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}"

#: IAM's bounds (API reference, CreateRole): characters of a role's or user's name, and of its path with both slashes.
LONGEST_PATH = 512
_PRINCIPAL = r"(?:role|user)/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,64}"
_SSO_PATH = "aws-reserved/sso.amazonaws.com/"


def _path_too_long(what: str, path_and_name: str) -> PydanticCustomError | None:
    if len(path_and_name.rpartition("/")[0]) + len("//") <= LONGEST_PATH:
        return None
    return mistake(
        allowed=f"{what} whose path has at most {LONGEST_PATH} characters, as IAM's have",
        fix="copy the ARN from the AWS console",
    )


def _no_principal(resource: str) -> PydanticCustomError | None:
    """Roles that an access entry of EKS can't name, or not so (EKS user guide, "Create access entries")."""
    _, _, path_and_name = resource.partition("/")
    if path_and_name.startswith("aws-service-role/"):
        return mistake(
            allowed="a role that people or programs take: only AWS's own services take service-linked ones",
            fix="name the role that you sign in with: aws sts get-caller-identity shows it",
            note="a service-linked role",
        )
    if re.match(r"AWSServiceRoleFor[A-Z]", path_and_name):
        return mistake(
            allowed="a role that people or programs take, with its path: by its name this one is service-linked, which "
            "only AWS's own services take",
            fix="name the role that you sign in with: aws sts get-caller-identity shows it",
            note="its path is missing",
        )
    if too_long := _path_too_long("a role or user", path_and_name):
        return too_long
    if path_and_name.startswith("AWSReservedSSO_"):
        name = printable(path_and_name)
        return mistake(
            allowed="a role of IAM Identity Center with its path, "
            f"arn:aws:iam::111122223333:role/{_SSO_PATH}eu-west-1/AWSReservedSSO_...",
            fix=f"copy the whole ARN from: aws iam get-role --role-name {name} --query Role.Arn --output text",
            note="its path is missing",
        )
    return None


KmsKeyArn = Annotated[str, _KMS_KEY]
#: A key that may lie in another region, which the section compares itself.
KmsKeyArnOfAnyRegion = Annotated[str, replace(_KMS_KEY, any_region=True)]
PrincipalArn = Annotated[
    str,
    Arn(
        service="iam",
        resource=_PRINCIPAL,
        refuse=_no_principal,
        kind="an IAM role or user, its name at most 64 characters (no root user, no session of sts)",
        example="arn:aws:iam::111122223333:role/platform-engineers",
        regional=False,
    ),
]
PolicyArn = Annotated[
    str,
    Arn(
        service="iam",
        resource=f"policy/{_PATH_AND_NAME}",
        refuse=lambda resource: _path_too_long("a policy", resource.partition("/")[2]),
        kind="an IAM policy, the account's own or AWS's",
        example="arn:aws:iam::aws:policy/AmazonAthenaFullAccess",
        regional=False,
        aws_managed=True,
    ),
]
TopicArn = Annotated[
    str,
    Arn(
        service="sns",
        resource=r"[A-Za-z0-9_-]{1,256}",
        kind="a standard SNS topic",
        example="arn:aws:sns:eu-west-1:111122223333:alarms",
    ),
]
CertificateArn = Annotated[
    str,
    Arn(
        service="acm",
        resource="certificate/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        kind="an ACM certificate",
        example="arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-44cd-96ef-1234567890ab",
    ),
]
#: A snapshot may be shared by another account, but RDS restores within a region only.
SnapshotArn = Arn(
    service="rds",
    resource=r"snapshot:[A-Za-z][A-Za-z0-9:-]{0,254}",
    kind="an RDS snapshot",
    example="arn:aws:rds:eu-west-1:111122223333:snapshot:before-upgrade",
    any_account=True,
)


class _ArnOrNone(Arn):
    """Such an ARN, or the word `none`."""

    def check(self, value: object) -> str:
        """Return `value` if it is one of the two."""
        return value if value == "none" and isinstance(value, str) else super().check(value)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe both to an editor."""
        return {"anyOf": [{"const": "none"}, super().__get_pydantic_json_schema__(core, handler)]}


WebAclArnOrNone = Annotated[
    str,
    _ArnOrNone(
        service="wafv2",
        resource=r"regional/webacl/[A-Za-z0-9_-]{1,128}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        kind="a regional web ACL of AWS WAF (none of CloudFront's)",
        example="arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/airflow/1234abcd-12ab-44cd-96ef-1234567890ab",
    ),
]
