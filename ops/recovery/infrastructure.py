"""What is not as it should be between the state of `infrastructure` and the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from constructs.checks.synthesized import SynthesizedStack
from constructs.naming.labels import Labels

from ops.console.pages import Page
from ops.recovery.finding import Finding, Repair
from ops.recovery.health import Health, look
from ops.unrecorded.account import ADDRESS, Clients, tag_mapping
from ops.unrecorded.finding import Unrecorded
from ops.unrecorded.recorded import Recorded
from ops.unrecorded.survey import find_unrecorded

STACK = "infrastructure"
_SCHEDULED_TYPE = "aws_secretsmanager_secret"

_FERNET = (
    "A new Fernet key can't decrypt the connections and variables that Airflow has stored. `python -m ops recover "
    f"--renew-fernet` accepts that; {Page.LOST_STATE} says how to put the old key back afterwards."
)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """The stack, what its state knows, and the account. Reads only."""

    stack: SynthesizedStack
    recorded: Recorded
    clients: Clients
    labels: Labels
    airflow_runs: bool
    """Airflow has been released with the stored secrets."""

    renew_fernet: bool = False

    def findings(self) -> list[Finding]:
        """Everything that is not as a finished run leaves it, sorted by address."""
        everything = find_unrecorded(self.stack, Recorded({}), self.clients, self.labels)
        unknown = [item for item in everything if not self.recorded.knows(item.address, item.import_id)]
        times = Counter(item.address for item in unknown)
        found = [self._unknown(item, times[item.address]) for item in unknown]
        found += self._tainted({(item.address, item.import_id) for item in everything})
        found += self._scheduled()
        return sorted(found, key=lambda finding: (finding.what, finding.identifier))

    def _unknown(self, item: Unrecorded, times: int) -> Finding:
        found = Finding(
            stack=STACK, what=item.address, identifier=item.import_id, evidence=item.evidence, repair=Repair.DECIDE
        )
        if item.never_import:
            return self._version(item, found)
        if item.address in self.recorded.import_ids:
            return replace(
                found,
                stops=False,
                advice=f"The state knows {self.recorded.import_ids[item.address]} under this address. Look at "
                f"{item.import_id}; nothing of this project uses it, so delete it if it is nobody's.",
            )
        if times > 1:
            return replace(found, advice=f"{times} objects bear this address. Delete all but one, then recover again.")
        if item.address not in self.stack.addresses:
            return replace(
                found,
                stops=False,
                advice="The environment file does not ask for it any more. Delete it, or put it back into the file "
                "and recover: then it can be destroyed by the next change.",
            )
        health, status = look(self.clients, item.terraform_type, item.import_id)
        return replace(
            found,
            repair=Repair.IMPORT_BROKEN if health is Health.BROKEN else Repair.IMPORT,
            evidence=f"{item.evidence}, {status}" if status else item.evidence,
        )

    def _version(self, item: Unrecorded, found: Finding) -> Finding:
        if item.address in self.recorded.import_ids:  # Terraform's own is still there, as AWSPREVIOUS
            return replace(found, repair=Repair.LEAVE)
        if ".fernet" in item.address and self.airflow_runs and not self.renew_fernet:
            return replace(found, advice=_FERNET, stops=True)
        return replace(found, repair=Repair.RENEW)

    def _tainted(self, existing: set[tuple[str, str]]) -> Iterator[Finding]:
        for address in self.recorded.tainted:
            identifier = self.recorded.import_ids[address]
            if (address, identifier) not in existing:
                repair, evidence = Repair.REPLACE, "tainted, and it does not exist"
            else:
                health, status = look(self.clients, address.partition(".")[0], identifier)
                repair = Repair.REPLACE if health is Health.BROKEN else Repair.UNTAINT
                evidence = "tainted: its creation was not seen to end" + (f"; it is {status} now" if status else "")
            yield Finding(stack=STACK, what=address, identifier=identifier, evidence=evidence, repair=repair)

    def _scheduled(self) -> Iterator[Finding]:
        """Secrets of an environment that was destroyed: their names are taken until they are deleted for good."""
        manager = self.clients("secretsmanager")
        pages = manager.get_paginator("list_secrets").paginate(
            IncludePlannedDeletion=True, Filters=[{"Key": "name", "Values": [f"{self.labels.names.prefix}/"]}]
        )
        addresses = {
            str(secret["name"]): f"{_SCHEDULED_TYPE}.{name}"
            for name, secret in self.stack.resources(_SCHEDULED_TYPE).items()
        }
        for secret in (secret for page in pages for secret in page["SecretList"]):
            address = addresses.get(secret["Name"])
            if "DeletedDate" in secret and address and self._ours(secret, address):
                yield Finding(
                    stack=STACK,
                    what=address,
                    identifier=secret["ARN"],
                    evidence=f"{secret['Name']} is scheduled for deletion and keeps its name until then",
                    repair=Repair.RESTORE,
                )

    def _ours(self, secret: dict[str, Any], address: str) -> bool:
        tags = tag_mapping(secret.get("Tags"))
        constant = self.labels.constant_tags
        return tags.get(ADDRESS) == address and all(tags.get(key) == value for key, value in constant.items())
