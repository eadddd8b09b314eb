"""Where a Helm chart comes from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ChartSource:
    """A chart by name and version, in a repository, in an OCI registry or as a folder or archive on disk."""

    source: str
    """URL of the repository (`https://...`), the chart's own reference (`oci://...`), or a path."""

    chart: str
    version: str

    @property
    def is_path(self) -> bool:
        """Whether the chart lies on disk."""
        return "://" not in self.source

    def arguments(self) -> dict[str, str]:
        """`chart`, `repository` and `version` of a `helm_release`; a chart on disk is of the version that it is of."""
        if self.is_path:
            return {"chart": self.source}
        if self.source.startswith("oci://"):
            return {"chart": self.source, "version": self.version}
        return {"chart": self.chart, "repository": self.source, "version": self.version}

    def seen_from(self, folder: Path, root: Path) -> ChartSource:
        """The same source with a path as Terraform sees it, which runs in `folder`; paths are relative to `root`."""
        if not self.is_path:
            return self
        path = os.path.relpath(root / self.source, folder)
        return ChartSource(source=path, chart=self.chart, version=self.version)
