"""What a comment says of a plan that failed: which errors, and where; not what stood around them."""

from __future__ import annotations

import re

#: The heading of one of Terraform's errors, and where it arose; a frame is drawn where colours are on.
_SAID = re.compile(r"^[│|]?\s*(Error: .+|with \S+,|on \S+ line \d+[^:]*):?$")
IN_THE_LOG = "All that was said is in the log of the job."


def told_to_all(message: str) -> str:
    """Return of an error's text its first line, and of each error of Terraform's below it heading and place.

    What else stands there may quote the configuration and what a provider was answered. Where anything was left out,
    the last line says where it is.
    """
    first, *rest = message.splitlines() or [""]
    kept = [found[1].rstrip(",") for line in rest if (found := _SAID.match(line.rstrip()))]
    lines = [first, *kept]
    return "\n".join([*lines, IN_THE_LOG] if len(rest) > len(kept) else lines)
