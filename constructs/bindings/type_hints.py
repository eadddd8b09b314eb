"""Type hints of jsii's generated code: evaluated once for each function instead of at each of its calls.

Generated code checks its arguments with `typing.get_type_hints(_typecheckingstub__...)` at every call, a third of what
Python does in a synth. These functions never change, and nothing writes into what comes back. The checks stay.
"""

import functools
import typing
from typing import Any

_STUB = "_typecheckingstub__"

_evaluate = typing.get_type_hints
_evaluate_once = functools.cache(_evaluate)


def _get_type_hints(obj: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    is_stub = not args and not kwargs and getattr(obj, "__name__", "").startswith(_STUB)
    return _evaluate_once(obj) if is_stub else _evaluate(obj, *args, **kwargs)


def remember() -> None:
    """Has `typing.get_type_hints` remember the hints of jsii's stubs, and of nothing else."""
    typing.get_type_hints = _get_type_hints
