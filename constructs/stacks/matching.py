"""Settings as inputs of constructs."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from constructs.settings.values.section import Section


def matching(props: type, section: Section) -> dict[str, Any]:
    """Return the section's values for those inputs of a construct that are called as its settings are.

    A setting and the input that takes it have one name, so that adding one means the model and the construct only. That
    each setting arrives is what the tests of the stack are for.
    """
    return {field.name: getattr(section, field.name) for field in fields(props) if hasattr(section, field.name)}
