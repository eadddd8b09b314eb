"""Whether a regular expression takes time that grows with the length of a text, or with a power of it.

Python's engine tries one way after the other. It is linear where no text leads on two ways from one position of the
pattern to one and the same later one again and again: neither around a loop (exponential) nor from a loop into a later
one that takes the same text (quadratic and worse). Both are looked for in the pattern's automaton, so that what is
found holds for all texts (Weber and Seidl, "On the degree of ambiguity of finite automata", 1991). A repetition with a
high bound counts as a loop, a condition that looks ahead or back as met: what is called linear is linear.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from re import _constants as names  # type: ignore[attr-defined]  # private: there is no other parser of Python's patterns
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

#: A repetition with a lower bound is written out.
LOOP = 10
#: The last character that the rest stands for: what no pattern names.
OTHER = "\U0001f600"


@dataclass(frozen=True)
class _Part:
    """First and last positions of a part of a pattern, and whether it may be empty."""

    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    empty: bool = True


@dataclass
class Automaton:
    """Positions of a pattern, what each takes, and which may follow."""

    pattern: str
    searching: bool
    """A text is searched for it, from each of its places."""

    takes: list[frozenset[str]] = field(default_factory=list)
    follow: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    twice: set[tuple[int, int]] = field(default_factory=set)
    """Steps that may be taken in two ways, as around a loop in a loop."""

    inner: list[Any] = field(default_factory=list)
    """What is looked for ahead or back, with whether that happens in a loop."""

    def __post_init__(self) -> None:
        parsed = parser.parse(self.pattern)
        self.alphabet = frozenset({*"aZ09 \n-_./:@#%=\x00é", OTHER, *_characters(parsed)})
        self.whole = self._sequence(parsed, looped=False)
        if self.searching:
            inside, between = (
                self._position(c for c in self.alphabet if _is_of_word(c) is word) for word in (True, False)
            )
            self.follow[inside] |= {inside, between}
            self.follow[between] |= {inside, between, *self.whole.first}
            if parsed[0] != (names.AT, names.AT_BOUNDARY):
                self.follow[inside] |= self.whole.first

    def _position(self, taken: Iterable[str]) -> int:
        self.takes.append(frozenset(taken))
        return len(self.takes) - 1

    def _sequence(self, items: Any, *, looped: bool) -> _Part:
        whole = _Part()
        for kind, argument in items:
            whole = self._joined(whole, self._part(kind, argument, looped=looped))
        return whole

    def _link(self, one: _Part, other: _Part) -> None:
        for step in itertools.product(one.last, other.first):
            if step[1] in self.follow[step[0]]:
                self.twice.add(step)
            self.follow[step[0]].add(step[1])

    def _joined(self, one: _Part, other: _Part) -> _Part:
        self._link(one, other)
        return _Part(
            one.first | other.first if one.empty else one.first,
            one.last | other.last if other.empty else other.last,
            one.empty and other.empty,
        )

    def _part(self, kind: Any, argument: Any, *, looped: bool) -> _Part:  # one for each kind
        if kind in {names.LITERAL, names.NOT_LITERAL, names.ANY, names.IN, names.GROUPREF}:
            again = kind is names.GROUPREF
            place = frozenset({self._position(c for c in self.alphabet if again or _takes(kind, argument, c))})
            return _Part(place, place, empty=False)
        if kind is names.SUBPATTERN:
            return self._sequence(argument[-1], looped=looped)
        if kind is names.BRANCH:
            parts = [self._sequence(branch, looped=looped) for branch in argument[1]]
            firsts, lasts = (part.first for part in parts), (part.last for part in parts)
            return _Part(frozenset().union(*firsts), frozenset().union(*lasts), any(part.empty for part in parts))
        if kind in {names.MAX_REPEAT, names.MIN_REPEAT}:
            return self._repeated(*argument, looped=looped)
        if kind in {names.ASSERT, names.ASSERT_NOT}:
            self.inner.append((argument[1], looped))
            return _Part()
        assert kind is names.AT, f"not foreseen: {kind} in {self.pattern}"
        return _Part()

    def _repeated(self, least: int, most: int, body: Any, *, looped: bool) -> _Part:
        if most > LOOP and most != least:
            inside = self._sequence(body, looped=True)
            self._link(inside, inside)
            return _Part(inside.first, inside.last, empty=least == 0 or inside.empty)
        copies = [self._sequence(body, looped=looped) for _ in range(most)]
        for one, other in itertools.pairwise(copies):
            self._link(one, other)
        empty = least == 0 or copies[0].empty
        first = copies if copies[0].empty else copies[:1]
        last = copies if copies[0].empty else copies[max(least - 1, 0) :]
        return _Part(
            frozenset().union(*(copy.first for copy in first)), frozenset().union(*(copy.last for copy in last)), empty
        )

    def faults(self) -> Iterator[str]:
        """What makes it slower than linear, in words."""
        reach = {place: self._reached(place) for place in range(len(self.takes))}
        loops = [place for place, reached in reach.items() if place in reached]
        for one, other in self.twice:
            if one in reach[other]:
                yield f"{self.pattern}: exponential, a loop in a loop"
        for place in loops:
            if any(one != other for one, other in self._pairs(place, reach)):
                yield f"{self.pattern}: exponential around position {place}"
        for one, other in itertools.permutations(loops, 2):
            succeeds = self.searching and other in self.whole.last
            if other in reach[one] and not succeeds and self._climbs(one, other, reach):
                yield f"{self.pattern}: quadratic between positions {one} and {other}"
        for body, looped in self.inner:
            if looped and body.getwidth()[1] > LOOP:
                yield f"{self.pattern}: looks ahead without bound in a loop"

    def _reached(self, start: int) -> set[int]:
        found: set[int] = set()
        waiting = [start]
        while waiting:
            new = self.follow[waiting.pop()] - found
            found |= new
            waiting += new
        return found

    def _pairs(self, place: int, reach: dict[int, set[int]]) -> Iterator[tuple[int, int]]:
        """Two ways around a loop with the same text: where they are apart, and come together again."""
        there = self._together([(place, place)], {place, *(p for p in reach[place] if place in reach[p])})
        for pair in there:
            if pair[0] != pair[1] and (place, place) in self._together([pair], set(reach[place])):
                yield pair

    def _together(self, start: list[tuple[int, int]], within: set[int]) -> set[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        waiting = list(start)
        while waiting:
            one, other = waiting.pop()
            for pair in itertools.product(self.follow[one] & within, self.follow[other] & within):
                if pair not in found and self.takes[pair[0]] & self.takes[pair[1]]:
                    found.add(pair)
                    waiting.append(pair)
        return found

    def _climbs(self, one: int, other: int, reach: dict[int, set[int]]) -> bool:
        """Whether some text leads around `one`, from `one` to `other`, and around `other`."""
        around = ({p for p in reach[one] if one in reach[p]}, {p for p in reach[one] if other in reach[p]} | {other})
        last = {p for p in reach[other] if other in reach[p]}
        waiting, found = [(one, one, other)], set()
        while waiting:
            a, b, c = waiting.pop()
            for step in itertools.product(
                self.follow[a] & around[0], self.follow[b] & around[1], self.follow[c] & last
            ):
                if step in found or not self.takes[step[0]] & self.takes[step[1]] & self.takes[step[2]]:
                    continue
                if step == (one, other, other):
                    return True
                found.add(step)
                waiting.append(step)
        return False


def _characters(items: Any) -> Iterator[str]:
    """Those that a pattern names, and their neighbours."""
    for item in items:
        if isinstance(item, tuple) and len(item) == 2 and item[0] in {names.LITERAL, names.NOT_LITERAL}:
            yield chr(item[1])
        elif isinstance(item, tuple) and len(item) == 2 and item[0] is names.RANGE:
            low, high = item[1]
            yield from (chr(code) for code in {max(low - 1, 0), low, high, min(high + 1, 0x10FFFF)})
        elif isinstance(item, list | tuple | parser.SubPattern):
            yield from _characters(item)


def _takes(kind: Any, argument: Any, character: str) -> bool:
    code = ord(character)
    if kind is names.LITERAL:
        return code == int(argument)
    if kind is names.NOT_LITERAL:
        return code != int(argument)
    if kind is names.ANY:
        return character != "\n"
    if kind is names.RANGE:
        return bool(argument[0] <= code <= argument[1])
    if kind is names.CATEGORY:
        return bool(_CATEGORIES[argument](character))
    negated = bool(argument) and argument[0][0] is names.NEGATE
    return negated != any(_takes(inner, value, character) for inner, value in argument if inner is not names.NEGATE)


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


_CATEGORIES: dict[Any, Callable[[str], bool]] = {
    names.CATEGORY_DIGIT: str.isdecimal,
    names.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    names.CATEGORY_SPACE: str.isspace,
    names.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    names.CATEGORY_WORD: _is_of_word,
    names.CATEGORY_NOT_WORD: lambda c: not _is_of_word(c),
}
