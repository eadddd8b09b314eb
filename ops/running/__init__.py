"""Terraform at work on one stack: supervised, its progress told, its end explained."""

from ops.running.applying import Applying, Change
from ops.running.outcome import Ended, Outcome
from ops.running.supervision import Finished, supervise

__all__ = ["Applying", "Change", "Ended", "Finished", "Outcome", "supervise"]
