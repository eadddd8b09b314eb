"""Proofs over the synthesized JSON, run at every synth.

They read what Terraform will read, not the constructs, so that they also hold for what a construct did by mistake.
"""

from constructs.checks.proofs import ProofError, prove

__all__ = ["ProofError", "prove"]
