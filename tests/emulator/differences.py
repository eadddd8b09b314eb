"""Where the emulator differs from moto: a list of wrapped methods, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: Takes moto's own method (None where moto has none), then that method's arguments, the object first.
Replacement = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One method of moto that behaves otherwise here."""

    owner: Any  #: class of moto
    method: str
    reason: str
    replacement: Replacement

    def __str__(self) -> str:
        return f"{self.owner.__module__}.{self.owner.__qualname__}.{self.method}: {self.reason}"


DIFFERENCES: list[Difference] = []


def difference(owner: Any, method: str, reason: str) -> Callable[[Replacement], Replacement]:
    """Declares that a function wraps a method of moto: it gets the original, then the method's arguments."""

    def declare(replacement: Replacement) -> Replacement:
        DIFFERENCES.append(Difference(owner=owner, method=method, reason=reason, replacement=replacement))
        return replacement

    return declare


def apply_differences() -> None:
    """Changes moto, in the order of declaration: a method wrapped twice meets the later wrapper first."""
    for declared in DIFFERENCES:
        original = getattr(declared.owner, declared.method, None)
        setattr(declared.owner, declared.method, _bound(declared.replacement, original))


def _bound(replacement: Replacement, original: Replacement | None) -> Replacement:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return replacement(original, self, *args, **kwargs)

    return method
