"""Whether a deploy can succeed, before it begins: every line is ok, or says what to do."""

from ops.preflight.check import Check, Result
from ops.preflight.checking import CHECKING, run_preflight

__all__ = ["CHECKING", "Check", "Result", "run_preflight"]
