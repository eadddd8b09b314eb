"""Type hints of jsii's generated code: evaluated once, and those that are asked for, instead of all at each call.

Generated code checks its arguments with `typing.get_type_hints(_typecheckingstub__...)` at every call, a third of what
Python does in a synth. These functions never change, and nothing writes into what comes back. The checks stay. Each of
its modules also asks anew which version of the checker is installed.
"""

import functools
import importlib.metadata
import typing
from collections.abc import Iterator, Mapping
from types import FunctionType, SimpleNamespace
from typing import Any

_STUB = "_typecheckingstub__"

_evaluate = typing.get_type_hints


class HintsOfStub(Mapping[str, Any]):
    """The type hints of one of jsii's functions; a constructor checks two of its thirteen arguments by them."""

    def __init__(self, stub: FunctionType) -> None:
        """Evaluate none so far."""
        self._stub = stub
        self._evaluated: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """Return one hint; raises KeyError for an argument without."""
        if name not in self._evaluated:
            alone = SimpleNamespace(__annotations__={name: self._stub.__annotations__[name]})
            self._evaluated |= _evaluate(alone, self._stub.__globals__)
        return self._evaluated[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the arguments, and `return`."""
        return iter(self._stub.__annotations__)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._stub.__annotations__)


_hints_of_stub = functools.cache(HintsOfStub)


def _get_type_hints(obj: Any, *args: Any, **kwargs: Any) -> Any:
    is_stub = not args and not kwargs and getattr(obj, "__name__", "").startswith(_STUB)
    return _hints_of_stub(obj) if is_stub else _evaluate(obj, *args, **kwargs)


def remember() -> None:
    """Has `typing.get_type_hints` remember the hints of jsii's stubs and of nothing else, and versions remembered."""
    typing.get_type_hints = _get_type_hints
    importlib.metadata.version = functools.cache(importlib.metadata.version)
