#!/usr/bin/env python3
"""Node.js as jsii starts it: in a session of its own, and the kernel in the process that jsii speaks with.

In a session of its own Ctrl-C reaches only us. Else Node.js is gone before we have let go of it, and both ends of jsii
complain of the other, below our last words. It ends by itself with the process that has started it.

jsii's own starter (`bin/jsii-runtime.js`) has a second Node.js run the kernel (`lib/program.js`), and passes each
message on. Here the kernel does without (`one_process.cjs`), and CDKTF without what it seldom needs
(`late_archiver.cjs`). A kernel that isn't the known one is left to jsii's starter.
"""

from __future__ import annotations

import os
import sys

STARTER, KERNEL = "bin/jsii-runtime.js", "lib/program.js"
#: What jsii's starter adds, so that the kernel's packages are links.
LINKS = "--preserve-symlinks"
#: In the kernel: it is spoken with through this descriptor, both ways.
SPOKEN_WITH = b"readFD:3,writeFD:3"
#: MB that Node.js makes new objects in, 16 if it isn't told: 28 MB less memory, and no slower.
SPACE = "--max-semi-space-size=2"
PRELOADED = ("one_process.cjs", "late_archiver.cjs")


def in_one_process(arguments: list[str]) -> list[str]:
    """Return Node.js' arguments that start the kernel itself; those given, where it isn't the known one."""
    *options, starter = arguments
    kernel = starter.removesuffix(STARTER) + KERNEL
    try:
        with open(kernel, "rb") as file:  # noqa: PTH123  # pathlib is a quarter of the start
            known = starter.endswith(STARTER) and SPOKEN_WITH in file.read()
    except OSError:
        known = False
    if not known:
        return arguments
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    return [*options, SPACE, LINKS, *(f"--require={here}/{script}" for script in PRELOADED), kernel]


if __name__ == "__main__":
    os.setsid()
    node = os.environ.get("AIRFLOW_NODE", "node")  # a caller may have taken our variables away
    os.execvp(node, [node, *in_one_process(sys.argv[1:])])  # noqa: S606  # the program that `own_tools` has found
