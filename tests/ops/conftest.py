"""Terraform and its provider, as in tests/terraform."""

from __future__ import annotations

from tests.terraform.conftest import shipped, toolchain

__all__ = ["shipped", "toolchain"]
