"""Those who administrate the cluster: whether the caller is one of them, and whether they exist at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ops.clients.aws import Aws, Identity, readable, same_principal
from ops.console.errors import NotFoundError, OperationError
from ops.console.pages import Page
from ops.preflight.check import Check, ok, problem, unknown

CALLER, LISTED = "administrator", "administrators"

_SETTING = "cluster.administrators"


def check_caller(administrators: Sequence[str], identity: Identity, aws: Aws) -> Check:
    """Whether the caller is among those who administrate the cluster: the platform is deployed as such."""
    if identity.is_among(administrators):
        return ok(CALLER, identity.principal)
    detail = f"{identity.principal} is not among {_SETTING}: the cluster would refuse to deploy platform"
    _, _, resource = identity.principal.rpartition(":")
    if not resource.startswith(("role/", "user/")):
        return problem(
            CALLER,
            detail,
            f"use a role or a user of IAM, one of {_SETTING}: a cluster admits nobody else",
            Page.FILL_IN,
        )
    try:
        listed = _as_iam_has_it(identity.principal, aws)
    except OperationError:  # STS leaves out a role's path, and only IAM knows it
        name = resource.rpartition("/")[2]
        whole = f"aws iam get-role --role-name {name} --query Role.Arn --output text"
        return problem(
            CALLER, detail, f"add to {_SETTING} what this prints: {whole}; or use another role", Page.FILL_IN
        )
    return problem(CALLER, detail, f"add {listed} to {_SETTING}, or use another role", Page.FILL_IN)


def check_listed(administrators: Sequence[str], identity: Identity, aws: Aws) -> Iterator[Check]:
    """Whether each of them exists in IAM, under this very ARN: EKS makes no access entry for anybody else."""
    wrong: list[Check] = []
    unread: OperationError | None = None
    for arn in administrators:
        try:
            found = _as_iam_has_it(arn, aws)
        except NotFoundError:
            wrong.append(
                problem(LISTED, f"{arn} does not exist: EKS would refuse its access entry", _correct(arn), Page.FILL_IN)
            )
        except OperationError as refused:
            # Who calls exists; the path alone is not known then.
            unread = unread if same_principal(arn, identity.principal) else refused
        else:
            if found != arn:
                wrong.append(
                    problem(LISTED, f"IAM knows {arn} as {found}", f"write {found} into {_SETTING}", Page.FILL_IN)
                )
    yield from wrong
    if unread:
        yield unknown(LISTED, f"not all of them could be looked up: {unread.message}", unread.fix)
    elif not wrong:
        yield ok(LISTED, f"{len(administrators)} in IAM")


def _as_iam_has_it(arn: str, aws: Aws) -> str:
    """The ARN, with its path, of the role or user of that name.

    Raises:
        OperationError: there is none, or IAM doesn't say.
    """
    kind, _, rest = arn.rpartition(":")[2].partition("/")
    name = rest.rpartition("/")[2]
    iam = aws.client("iam")
    with readable(f"look up the {kind} {name}"):
        if kind == "user":
            return str(iam.get_user(UserName=name)["User"]["Arn"])
        return str(iam.get_role(RoleName=name)["Role"]["Arn"])


def _correct(arn: str) -> str:
    if arn.endswith("-ci-apply"):
        return "make bootstrap makes the role that workflows deploy with"
    return f"correct {_SETTING}, or make that role or user first"
