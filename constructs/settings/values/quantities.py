"""Processor time and memory of containers, in Kubernetes' units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from constructs.settings.values.shapes import fitting, mistake
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

#: Characters: seven digits, three more after the point, the unit.
LONGEST = 16
_OTHER_UNITS = r"([0-9]{1,7}) ?([KMGTkmgt])(?:i?[Bb])?"
#: Suffix -> how many of the smallest unit; the smallest unit first.
CPU_UNITS = (("m", 1), ("", 1000))
MEMORY_UNITS = (("Mi", 1), ("Gi", 1024))


@dataclass(frozen=True)
class Quantity:
    """An amount of something between two others, kept in the spelling that Kubernetes shows: 1Gi for 1024Mi."""

    words: str
    units: tuple[tuple[str, int], ...]
    lowest: str
    highest: str
    example: str

    @property
    def allowed(self) -> str:
        """The rule in words."""
        return f'{self.words}, {self.lowest} to {self.highest}, such as "{self.example}"'

    @property
    def pattern(self) -> str:
        """What such a text looks like."""
        return rf"(0|[1-9][0-9]{{0,6}})(\.[0-9]{{1,3}})?({'|'.join(dict(self.units))})"

    def check(self, value: object) -> str:
        """Return `value` as Kubernetes would show it, if it is such an amount."""
        match = fitting(self.pattern, value, LONGEST)
        if not isinstance(value, str) or not match:
            raise mistake(allowed=self.allowed, fix=self._meant(value) or f'write a value such as "{self.example}"')
        exact = Decimal(match[1] + (match[2] or "")) * dict(self.units)[match[3]]
        amount = int(exact)
        if amount != exact or not self.amount(self.lowest) <= amount <= self.amount(self.highest):
            note = "too fine" if amount != exact else "too much" if amount > self.amount(self.highest) else "too little"
            raise mistake(allowed=self.allowed, fix=f'write a value such as "{self.example}"', note=note)
        return self.text(amount)

    def _meant(self, value: object) -> str | None:
        """What to write for a unit that others use, `4Gi` for `4GB`, `4G` or `4 GiB`."""
        match = fitting(_OTHER_UNITS, value, LONGEST)
        unit = next((unit for unit, _ in self.units if match and unit and unit[0] == match[2].upper()), None)
        return f"write {match[1]}{unit}, in Kubernetes' units" if match and unit else None

    def amount(self, text: str) -> int:
        """Return how many of the smallest unit a text means that `check` returned."""
        match = re.fullmatch(r"([0-9]+)([A-Za-z]*)", text)
        if not match:
            raise ValueError(f"{text!r} is no amount")
        return int(match[1]) * dict(self.units)[match[2]]

    def text(self, amount: int) -> str:
        """Return an amount of the smallest unit in the largest unit in which it is a whole number."""
        suffix, size = next(unit for unit in reversed(self.units) if amount % unit[1] == 0)
        return f"{amount // size}{suffix}"

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the amount to an editor."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


CPU = Quantity(
    words="processor time in cores or in thousandths of one (m), in quotes",
    units=CPU_UNITS,
    lowest="5m",
    highest="192",
    example="250m",
)
MEMORY = Quantity(
    words="memory in mebibytes (Mi) or gibibytes (Gi)",
    units=MEMORY_UNITS,
    lowest="16Mi",
    highest="1536Gi",
    example="512Mi",
)
