"""Environment files as the settings' tests write them."""

from __future__ import annotations

from tests.unit.settings.conftest import load, problems, write

__all__ = ["load", "problems", "write"]
