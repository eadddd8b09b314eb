"""What every section of the environment file has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A map of the environment file: read-only, no unknown keys, nothing converted from one type to another.

    Defaults are checked like written values, so that a key which another key makes necessary is missed; a section that
    is a default is checked again inside its environment, where it meets the other sections.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        validate_default=True,
        revalidate_instances="always",
        use_attribute_docstrings=False,
    )
