"""Annotations that give a field its rule, its words in a report and its part of the JSON Schema, all three at once.

backup_retention_days: Annotated[int, Whole(1, 35, "days")]
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

#: Error type of every mistake that is raised here; the report takes its words as they are.
MISTAKE = "environment_mistake"


#: A TCP port, 1 to 65535.
PORT = "(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"


def mistake(*, allowed: str, fix: str, note: str = "", shown: bool = True) -> PydanticCustomError:
    """Return the exception for a value that breaks a rule; `note` says what the value clashes with.

    A value that may be a secret in the wrong place is not `shown` in the report.
    """
    return PydanticCustomError(MISTAKE, "{allowed}", {"allowed": allowed, "fix": fix, "note": note, "shown": shown})


def mistakes_in(entries: Mapping[str, object], check: Callable[[str, Any], None]) -> ValidationError | None:
    """Return the exception for what `check` raises about entries of a map, each at its own key; None without any."""
    found = []
    for name, value in entries.items():
        try:
            check(name, value)
        except PydanticCustomError as error:
            found.append(InitErrorDetails(type=error, loc=(name,), input=value))
    return ValidationError.from_exception_data("entries", found) if found else None


def closest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of `words` that `word` was most likely meant to be, if any is near."""
    return next(iter(difflib.get_close_matches(word, list(words), n=1)), None)


def fitting(pattern: str | re.Pattern[str], value: object, longest: int) -> re.Match[str] | None:
    """Return the match of text that fits a regular expression from end to end; its length is looked at first."""
    return re.fullmatch(pattern, value) if isinstance(value, str) and len(value) <= longest else None


@dataclass(frozen=True)
class Shape:
    """Text that fits a regular expression from end to end; `pattern` is legal in Python and ECMAScript."""

    pattern: str
    allowed: str
    fix: str
    longest: int = 2048
    shown: bool = True
    """Whether the report shows what is wrong: not where it may be a secret."""

    def check(self, value: object) -> str:
        """Return `value` if it is such text."""
        if not isinstance(value, str) or not fitting(self.pattern, value, self.longest):
            raise mistake(allowed=self.allowed, fix=self.fix, shown=self.shown)
        return value

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(
            self.check, serialization=core_schema.to_string_ser_schema()
        )

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text to an editor."""
        return {"type": "string", "pattern": f"^(?:{self.pattern})$", "maxLength": self.longest}


@dataclass(frozen=True)
class Whole:
    """A whole number from `lowest` to `highest`; `unit` is part of the message (`days`)."""

    lowest: int
    highest: int
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The rule in words."""
        return f"a whole number from {self.lowest} to {self.highest}{self.unit and f' {self.unit}'}"

    def check(self, value: object) -> int:
        """Return `value` if it is such a number; `true` is none, although Python counts it as 1."""
        if isinstance(value, bool) or not isinstance(value, int) or not self.lowest <= value <= self.highest:
            raise mistake(allowed=self.allowed, fix=f"write {self.allowed}, without quotes")
        return value

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the number to an editor."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True)
class OneOf:
    """A whole number out of a few. Not a `Literal`: that takes `true` for 1."""

    numbers: tuple[int, ...]
    unit: str = ""

    @property
    def allowed(self) -> str:
        """The rule in words."""
        return f"one of {', '.join(map(str, self.numbers))}{self.unit and f' {self.unit}'}"

    def check(self, value: object) -> int:
        """Return `value` if it is one of the numbers."""
        if isinstance(value, int) and not isinstance(value, bool):
            if value in self.numbers:
                return value
            nearest = min(self.numbers, key=lambda number: abs(number - value))
            raise mistake(allowed=self.allowed, fix=f"the nearest is {nearest}")
        raise mistake(allowed=self.allowed, fix="write one of these numbers, without quotes")

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check with `check` alone."""
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the numbers to an editor."""
        return {"type": "integer", "enum": list(self.numbers)}


@dataclass(frozen=True)
class Count:
    """A list, kept as a tuple, or a map, of `lowest` to `highest` entries; no entry of a list twice."""

    lowest: int
    highest: int
    of: str

    def check(self, value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
        """Return the validated entries; a wrong number of them is reported beside the entries that are wrong."""
        found: list[InitErrorDetails] = []
        validated = None
        try:
            validated = validate(value)
        except ValidationError as invalid:
            found = [_again(error) for error in invalid.errors(include_url=False)]  # type: ignore[arg-type]
        if isinstance(value, list | tuple | Mapping) and not any(error["loc"] == () for error in found):
            found += [InitErrorDetails(type=wrong, loc=(), input=value) for wrong in self._wrong(value)]
        if found:
            raise ValidationError.from_exception_data(self.of, found)
        return validated

    def _wrong(self, value: list[Any] | tuple[Any, ...] | Mapping[Any, Any]) -> Iterable[PydanticCustomError]:
        allowed = f"{self.lowest} to {self.highest} {self.of}"
        if len(value) < self.lowest:
            yield mistake(allowed=allowed, fix=f"add {self.of}")
        if len(value) > self.highest:
            yield mistake(allowed=allowed, fix=f"remove {len(value) - self.highest}")
        elif not isinstance(value, Mapping):
            twice = sorted({str(entry) for position, entry in enumerate(value) if entry in value[:position]})
            if twice:
                yield mistake(
                    allowed=f"{allowed}, each once", fix="remove the repetition", note=f"twice: {', '.join(twice)}"
                )

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the entries as the type says, and their number."""
        entries: dict[str, Any] = dict(handler(source))
        if entries["type"] == "tuple":
            entries["strict"] = False  # YAML has lists only
        return core_schema.no_info_wrap_validator_function(self.check, entries)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the number of entries to an editor."""
        described = handler(core)
        if described["type"] == "array":
            return described | {"minItems": self.lowest, "maxItems": self.highest, "uniqueItems": True}
        return described | {"minProperties": self.lowest, "maxProperties": self.highest}


def _again(error: dict[str, Any]) -> InitErrorDetails:
    """Return a reported error in the form in which it can be raised once more."""
    kind = error["type"]
    context = error.get("ctx", {})
    return InitErrorDetails(
        type=PydanticCustomError(MISTAKE, "{allowed}", context) if kind == MISTAKE else kind,
        loc=error["loc"],
        input=error["input"],
        ctx=context,
    )
