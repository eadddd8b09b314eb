"""Where nodes come from, as the environment file has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from constructs.settings.document.problems import key_path
from constructs.settings.document.text import Location


@dataclass(frozen=True)
class Place:
    """A node group or a node pool, by its name."""

    setting: ClassVar[str]
    """What names it in the settings of pods."""

    capacity_setting: ClassVar[str]
    """Which of its settings says whether its nodes are spot instances."""

    name: str

    @property
    def location(self) -> Location:
        """Its place in the environment file."""
        return ("cluster", f"{self.setting}s", self.name)

    @property
    def key(self) -> str:
        """The same, as people read it."""
        return key_path(self.location)

    @property
    def capacity_key(self) -> str:
        """The key that says whether its nodes are spot instances."""
        return f"{self.key}.{self.capacity_setting}"
