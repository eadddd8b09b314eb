"""Imports: all together in one plan where that changes nothing else, else one by one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ops.console.errors import LockRefusedError, OperationError, UnwrittenStateError
from ops.console.output import Output
from ops.recovery.finding import Finding, Repair
from ops.running.applying import Applying, Change
from ops.running.outcome import Ended, Outcome
from ops.running.supervision import Finished, supervise
from ops.stack_clients.terraform import Terraform, failure

#: Lies beside the stack while a plan is made and applied, and only then.
IMPORTS = "recover-imports.tf.json"

#: What may be made along with an import: secret versions are, on purpose; the rest is Terraform's own memory.
MADE_ALONG = frozenset({"aws_secretsmanager_secret_version", "terraform_data"})

_IMPORTED = frozenset({Repair.IMPORT, Repair.IMPORT_BROKEN, Repair.RESTORE})


@dataclass
class Imported:
    """What an import did."""

    addresses: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Address -> what Terraform said."""

    later: list[str] = field(default_factory=list)
    """Versions of secrets that can't be written without making something else first."""

    interrupted: bool = False


def forget_imports(folder: Path) -> None:
    """Remove what a killed `recover` has left beside the stack."""
    with suppress(FileNotFoundError):
        (folder / IMPORTS).unlink()


def import_all(terraform: Terraform, stack: str, findings: Sequence[Finding], output: Output) -> Imported:
    """Record what was found; write new versions of secrets.

    First in one plan with import blocks, limited to what was found and what it needs. Such a plan also brings what was
    imported in line with the file, as the next deploy would. Where it would make, replace or delete anything else, or
    where one import fails, each object is imported by itself, which changes nothing.

    Raises:
        OperationError: Terraform failed in a way that says nothing about the objects.
    """
    imports = [finding for finding in findings if finding.repair in _IMPORTED]
    versions = [finding for finding in findings if finding.repair is Repair.RENEW]
    if not imports:
        return _write(terraform, stack, versions, output)
    together = _together(terraform, stack, imports, versions, output)
    if together is not None:
        return together
    done = _one_by_one(terraform, stack, imports, output)
    if done.interrupted:
        return done
    written = _write(terraform, stack, versions, output)
    done.renewed, done.later, done.interrupted = written.renewed, written.later, written.interrupted
    done.refused |= written.refused
    return done


def _together(
    terraform: Terraform, stack: str, imports: Sequence[Finding], versions: Sequence[Finding], output: Output
) -> Imported | None:
    """None: not that way."""
    try:
        outcome, made = _planned(terraform, stack, imports, versions, output)
    except (LockRefusedError, UnwrittenStateError):
        raise
    except OperationError:
        return None
    if outcome.ended is Ended.INTERRUPTED:
        return Imported(interrupted=True)
    if not outcome.went_on:
        return None
    return Imported([finding.what for finding in imports], made)


def _write(terraform: Terraform, stack: str, versions: Sequence[Finding], output: Output) -> Imported:
    """Write new versions of secrets, and nothing else."""
    if not versions:
        return Imported()
    try:
        outcome, made = _planned(terraform, stack, (), versions, output)
    except (LockRefusedError, UnwrittenStateError):
        raise
    except OperationError as refused:
        return Imported(refused={finding.what: refused.message for finding in versions})
    if outcome.ended is Ended.INTERRUPTED:
        return Imported(interrupted=True)
    if outcome.ended is Ended.DECLINED:
        return Imported(later=[finding.what for finding in versions])
    if outcome.went_on:
        return Imported(renewed=made)
    recorded = set(terraform.state_list())
    why = "\n".join(map(str, outcome.failures)) or outcome.reason
    return Imported(
        renewed=[address for address in made if address in recorded],
        refused={finding.what: why for finding in versions if finding.what not in recorded},
    )


def _planned(
    terraform: Terraform, stack: str, imports: Sequence[Finding], versions: Sequence[Finding], output: Output
) -> tuple[Outcome, list[str]]:
    """How one plan with both ended, if it is harmless, and the addresses that it makes.

    Raises:
        OperationError: the plan failed.
    """
    path = terraform.folder / IMPORTS
    blocks = [{"to": finding.what, "id": finding.identifier} for finding in imports]
    path.write_text(json.dumps({"import": blocks} if blocks else {}), encoding="utf-8")
    made: list[str] = []

    def acceptable(changes: Sequence[Change]) -> bool:
        made.extend(change.address for change in changes if change.actions == ("create",))
        return all(_harmless(change) for change in changes)

    try:
        targets = [f"-target={finding.what}" for finding in [*imports, *versions]]
        outcome = Applying(terraform, stack, output).run(
            *targets, approve=lambda _changes, _text: True, acceptable=acceptable
        )
    finally:
        forget_imports(terraform.folder)
    if outcome.kept:
        raise UnwrittenStateError(f"{stack}: {outcome.reason}.", fix="remove the cause, then python -m ops recover")
    return outcome, made


def _harmless(change: Change) -> bool:
    if change.actions == ("create",):
        return change.address.partition(".")[0] in MADE_ALONG
    return change.importing and change.actions in (("update",), ("no-op",))


def _one_by_one(terraform: Terraform, stack: str, imports: Sequence[Finding], output: Output) -> Imported:
    done = Imported()
    recorded = set(terraform.state_list())
    for finding in imports:
        if finding.what in recorded:  # by the plan that failed half-way
            done.addresses.append(finding.what)
            continue
        lines: list[str] = []
        command = ("import", finding.what, finding.identifier)
        with output.doing(f"{finding.what}: importing"):
            finished: Finished = supervise(partial(terraform.start, *command), output, lines.append)
        if finished.exit_code == 0:
            done.addresses.append(finding.what)
        elif finished.interrupted:
            done.interrupted = True
            return done
        else:
            said, name = "\n".join(lines), terraform.program.name
            refused = failure(("import",), finished.exit_code, said, stack, name)
            if isinstance(refused, LockRefusedError):  # the next one would hear the same
                raise refused
            done.refused[finding.what] = refused.message
    return done
