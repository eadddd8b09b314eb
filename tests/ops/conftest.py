"""Terraform and its provider, as in tests/terraform."""

from __future__ import annotations

from tests.terraform.conftest import toolchain

__all__ = ["toolchain"]
