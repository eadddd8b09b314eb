"""Proofs over the synthesized JSON, run at every synth: they read what Terraform will read, not the constructs."""
