"""Plans of an environment's stacks, made as a workflow makes them: without a lock, nothing changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

from constructs.checks.synthesized import SynthesizedStack

from ops.console.errors import OperationError
from ops.environment.operated import STACKS, OperatedEnvironment
from ops.environment.synthesis import SYNTHESIZING, synthesize
from ops.plan_report.report import EnvironmentPlan, StackPlan, Status
from ops.plans.failures import told_to_all
from ops.plans.reading import read_plan
from ops.stack_clients.terraform import Terraform, without_reading
from ops.state.reading import StackState

#: How a stack refers to an output of another one.
_READ = re.compile(r"data\.terraform_remote_state\.infrastructure\.outputs\.(\w+)")

NOT_PUBLISHED = (
    "infrastructure does not publish {missing} yet, which platform reads. Deploy it, then the next plan shows "
    "platform, too."
)
NEVER_APPLIED = (
    "infrastructure has never been applied to its end, and platform reads what it publishes. Deploy it once, then the "
    "next plan shows platform, too."
)


def plan_environment(
    operated: OperatedEnvironment,
    state: Callable[[str], StackState],
    say: Callable[[str], None],
    stacks: Sequence[str] = STACKS,
    doing: Callable[[str], AbstractContextManager[object]] = lambda _: nullcontext(),
) -> EnvironmentPlan:
    """Synthesize and plan the stacks; that something fails is part of the report, its whole text is for the log.

    `state` reads the state of a stack, `say` gets Terraform's own words, `doing` what is going on meanwhile.
    """
    try:
        with doing(SYNTHESIZING):
            synthesize(operated)
    except OperationError as error:
        return EnvironmentPlan(environment=operated.name, failed=True, sentence=error.message)
    plans: list[StackPlan] = []
    for stack in stacks:
        try:
            known = state(stack)
            if stack == "platform" and (sentence := _why_not(operated, state("infrastructure"))):
                plans.append(StackPlan(stack=stack, status=Status.SKIPPED, sentence=sentence))
                continue
            with doing(f"{stack}: planning"):
                plans.append(replace(_plan(operated, stack, say), first=known.empty))
        except OperationError as error:
            say(error.message)
            sentence = told_to_all(error.message)
            plans.append(StackPlan(stack=stack, status=Status.FAILED, sentence=sentence, exit_code=1))
    return EnvironmentPlan(environment=operated.name, stacks=tuple(plans))


def _why_not(operated: OperatedEnvironment, infrastructure: StackState) -> str:
    """Why platform, as it is synthesized, can't be planned: it reads what that state doesn't have. Empty where it has.

    An apply that failed records some outputs, so that it is not enough that there are any.
    """
    infrastructure.require_known_format()
    wanted = set(_READ.findall(SynthesizedStack.read(operated.stack_folder("platform")).text))
    missing = sorted(wanted - set(infrastructure.outputs))
    if not missing:
        return ""
    return NEVER_APPLIED if not infrastructure.outputs else NOT_PUBLISHED.format(missing=", ".join(missing))


def _plan(operated: OperatedEnvironment, stack: str, say: Callable[[str], None]) -> StackPlan:
    terraform = Terraform(operated.stack_folder(stack), operated.environ)
    terraform.init()
    # A plan file holds values in clear: it has no name, is gone with this block, and no other job ever sees it.
    with terraform.unnamed_file() as (planning, file):
        done = planning.plan("-lock=false", out=file)
        say(without_reading(done.stdout))
        synthesized = SynthesizedStack.read(terraform.folder).document
        return read_plan(stack, planning.show(file), exit_code=done.returncode, synthesized=synthesized)
