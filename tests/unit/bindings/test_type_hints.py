from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any, Optional

import constructs.bindings  # noqa: F401  # first: it has the hints remembered
import pytest
from cdktf import LocalBackendConfig
from constructs.bindings import type_hints


def _typecheckingstub__example(*, count: Optional[int] = None) -> None:  # noqa: UP045  # as jsii writes it
    """A function as jsii generates it for the annotations alone."""


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., Any]]:
    """What is evaluated from here on, in order."""
    functions: list[Callable[..., Any]] = []
    original = type_hints._evaluate

    def record(obj: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        functions.append(obj)
        return original(obj, *args, **kwargs)

    monkeypatch.setattr(type_hints, "_evaluate", record)
    return functions


class TestTypeHints:
    def test_are_those_that_python_evaluates(self) -> None:
        """Remembered or not, the hints of a generated function are what its annotations say."""
        expected = {"count": Optional[int], "return": type(None)}  # noqa: UP045
        hints = typing.get_type_hints(_typecheckingstub__example)
        assert dict(hints) == expected
        assert len(hints) == len(expected)
        assert "size" not in hints

    def test_of_generated_functions_are_evaluated_once(self, evaluated: list[Callable[..., Any]]) -> None:
        """Only the hint that is asked for is evaluated, and only at the first question."""

        def _typecheckingstub__another(count: int, size: no_such_type) -> None:  # type: ignore[name-defined]  # noqa: F821
            """A function with a hint that can't be evaluated."""

        for _ in range(2):
            assert typing.get_type_hints(_typecheckingstub__another)["count"] is int
        assert len(evaluated) == 1

    def test_of_others_are_evaluated_each_time(self, evaluated: list[Callable[..., Any]]) -> None:
        """Nobody else's functions are touched, nor questions with further arguments."""

        def ours(count: int) -> None:
            """Not jsii's."""

        typing.get_type_hints(ours)
        typing.get_type_hints(ours)
        typing.get_type_hints(_typecheckingstub__example, include_extras=True)
        assert evaluated == [ours, ours, _typecheckingstub__example]

    def test_wrong_arguments_are_refused_as_before(self) -> None:
        """The check that generated classes make of their arguments still speaks, each time."""
        wrong: Any = 7
        for _ in range(2):
            with pytest.raises(TypeError, match="path"):
                LocalBackendConfig(path=wrong)
