"""How times, and what other programs said, are told."""

from __future__ import annotations

#: Characters of what somebody else said that a message of ours shows.
LONGEST = 1_000


def duration(seconds: float) -> str:
    """`7s`, `3m05s`, `1h02m`."""
    whole = round(seconds)
    if whole < 60:  # noqa: PLR2004  # a minute
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"  # noqa: PLR2004  # an hour


def counted(number: int, what: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def one_line(said: object) -> str:
    """What another program said, on one line; beyond 1,000 characters it ends after a word, and says that it does."""
    words = " ".join(str(said).split())
    if len(words) <= LONGEST:
        return words
    kept = words[:LONGEST].rpartition(" ")[0] or words[:LONGEST]
    return f"{kept} ... (the first {len(kept):,} of {len(words):,} characters)"
