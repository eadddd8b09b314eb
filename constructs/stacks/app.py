"""The app that an environment's stacks are made in."""

from __future__ import annotations

from pathlib import Path

from cdktf import App

#: Which programs the JSON is for. Write-only arguments are of 1.11 in both; CDK Terrain refuses them unless it is told.
TARGETS = {"terraform": ">=1.11.0", "opentofu": ">=1.11.0"}


def new_app(outdir: Path) -> App:
    """Return an app without stacks, which writes its JSON into `outdir`."""
    return App(outdir=str(outdir), context={"targetVersions": TARGETS})
