"""What the emulator adds to moto and changes in it, by service."""

import importlib

from tests.emulator.differences import apply_differences
from tests.emulator.options import Options
from tests.emulator.repeated_work import work_once
from tests.emulator.services import eks

_CHANGED = (
    "ec2_answers",
    "ec2_refusals",
    "log_groups",
    "quotas",
    "rds_answers",
    "rds_refusals",
    "rds_modifications",
    "rds_restarts",
    "storage_and_secrets",
)


def install(options: Options) -> None:
    """Changes moto in this process, once. Raises ImportError where moto has another shape than expected."""
    for module in _CHANGED:
        importlib.import_module(f"{__name__}.{module}")
    eks.install(options)
    apply_differences()
    work_once()
