"""All checks, in an order in which the first problem is the one to put right first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache

from constructs.capacity.fit import Fit

from ops.clients.aws import Identity
from ops.console.errors import OperationError
from ops.console.exit_codes import ExitCode
from ops.environment.chart_values import chart_values
from ops.environment.operated import STACKS
from ops.frame.session import Session
from ops.preflight import (
    account,
    certificate,
    charts,
    cluster,
    connections,
    git_host,
    image,
    keys,
    named_secrets,
    node_images,
    offered,
    pool_quotas,
    queue_volume,
    quotas,
    repository,
    room,
    tools,
)
from ops.preflight import administrators as who
from ops.preflight.check import Check, ok, problem, unknown

#: What is said to be going on meanwhile.
CHECKING = "checking what a deploy needs"

CREDENTIALS = "credentials"
INFRASTRUCTURE, PLATFORM = STACKS

#: Checks wait for answers nearly all of their time.
THREADS = 16
#: Checks that are named as not answered yet.
NAMED = 3


@dataclass(frozen=True)
class Step:
    """One or a few checks that are made together."""

    subject: str
    """What stands in the line where the step itself fails."""

    checks: Callable[[], Iterable[Check]]


def run_preflight(
    session: Session,
    *,
    quick: bool = False,
    stacks: Collection[str] = STACKS,
    tell: Callable[[str], None] = lambda _: None,
) -> Sequence[Check]:
    """Return every check, in the order of a deploy; they are made beside each other. Changes nothing.

    `quick` leaves out the repository of the DAGs and its host, whose answers may take a minute. Without `platform`
    among `stacks` nothing is asked that only that stack needs. What needs AWS is not checked where AWS can't be asked
    as somebody of the environment's account. `tell` is told what is still waited for.
    """
    environ, environment = session.operated.environ, session.operated.environment
    steps = [
        *(Step(tool.name, lambda tool=tool: [tools.check_tool(tool, environ)]) for tool in tools.tools(environ)),  # type: ignore[misc]
        Step("environment file", lambda: [account.check_placeholders(environment)]),
    ]
    with ThreadPoolExecutor(THREADS) as pool:
        local = [pool.submit(made, step) for step in steps]
        of_aws: list[list[Check]] = []
        try:
            identity = session.aws.require_account()
        except OperationError as error:
            not_checked = unknown("the rest", "not checked, as AWS has to be asked for it")
            of_aws = [[problem(CREDENTIALS, error.message, error.fix or "see above", error.page), not_checked]]
        else:
            of_aws = [[ok(CREDENTIALS, f"account {identity.account}, {identity.arn}")]]
            asked = {
                pool.submit(made, step): step.subject
                for step in _of_account(session, identity, quick=quick, stacks=stacks)
            }
            of_aws += _answers(asked, tell)
        return [check for checks in ([future.result() for future in local] + of_aws) for check in checks]


def _answers(asked: Mapping[Future[list[Check]], str], tell: Callable[[str], None]) -> list[list[Check]]:
    for _ in as_completed(asked):
        waited_for = [subject for future, subject in asked.items() if not future.done()]
        if waited_for:
            tell(f"{CHECKING}; not answered yet: {', '.join(waited_for[:NAMED])}")
    return [future.result() for future in asked]


def made(step: Step) -> list[Check]:
    """The checks of a step; what AWS refuses to tell is a check that could not be made."""
    try:
        return list(step.checks())
    except OperationError as error:
        if error.exit_code is ExitCode.MISTAKE:
            return [problem(step.subject, error.message, error.fix, error.page)]
        return [unknown(step.subject, error.message, error.fix, error.page)]


def _of_account(session: Session, identity: Identity, *, quick: bool, stacks: Collection[str]) -> Iterator[Step]:
    """What needs the account."""
    aws, environment, environ = session.aws, session.operated.environment, session.operated.environ
    administrators = session.operated.administrators
    prefix = session.operated.labels(INFRASTRUCTURE).names.prefix
    yield Step(account.BUCKET, lambda: [account.check_state_bucket(environment, aws)])
    yield Step("region and zones", lambda: account.check_zones(environment, aws))
    yield from (
        Step(need.subject, lambda need=need: [quotas.check_quota(need, aws)])  # type: ignore[misc]
        for need in quotas.needs(environment, aws, prefix)
    )
    if environment.cluster.node_pools:
        yield Step(pool_quotas.SUBJECT, lambda: pool_quotas.check_pool_quotas(environment, aws))
    yield Step(keys.EBS, lambda: [keys.check_default(environment, aws)])
    yield Step(keys.NAMED, lambda: keys.check_named(environment, aws))
    yield Step(cluster.VERSION, lambda: [cluster.check_version(environment, cluster.describe(aws, prefix), aws)])
    yield Step(offered.DATABASE, lambda: [offered.check_postgresql(environment, aws, prefix)])
    yield Step(certificate.SUBJECT, lambda: certificate.check_certificates(environment, aws))
    if INFRASTRUCTURE in stacks:
        yield Step(who.LISTED, lambda: who.check_listed(administrators, identity, aws))
    if PLATFORM not in stacks:
        return
    yield Step(image.SUBJECT, lambda: image.check_image(environment, aws))
    yield Step(named_secrets.SUBJECT, lambda: named_secrets.check_named_secrets(environment, aws))
    yield Step(who.CALLER, lambda: [who.check_caller(administrators, identity, aws)])
    # A new administrator may well be the one who deploys the entry of his own.
    made_first = INFRASTRUCTURE in stacks and identity.is_among(administrators)
    yield Step("access entry", lambda: [account.check_access_entry(aws, prefix, identity, made=made_first)])
    yield Step(
        cluster.ENDPOINT,
        lambda: [
            cluster.check_endpoint(environment, cluster.describe(aws, prefix), changed_first=INFRASTRUCTURE in stacks)
        ],
    )
    if environment.cluster.node_pools:
        yield Step(node_images.SUBJECT, lambda: node_images.check_node_images(environment, aws))
    fit = cache(lambda: Fit.of(environment, chart_values(session.operated)))
    yield Step(room.SUBJECT, lambda: [room.check_room(fit(), aws, prefix)])
    yield Step(queue_volume.SUBJECT, lambda: queue_volume.check_queue_volume(fit(), aws, prefix))
    yield Step(charts.SUBJECT, lambda: charts.check_charts(environment))
    yield Step(
        connections.SUBJECT,
        lambda: [connections.check_connections(environment, aws, prefix, changed_first=INFRASTRUCTURE in stacks)],
    )
    if not quick:
        yield Step(repository.SUBJECT, lambda: repository.check_repositories(environment, aws, environ))
        yield Step(git_host.SUBJECT, lambda: git_host.check_host(environment))
