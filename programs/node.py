#!/usr/bin/env python3
"""Node.js as jsii starts it: in a session of its own, so that Ctrl-C reaches only us.

Else Node.js is gone before we have let go of it, and both ends of jsii complain of the other, below our last words. It
ends by itself with the process that has started it.
"""

import os
import sys

if __name__ == "__main__":
    os.setsid()
    node = os.environ.get("AIRFLOW_NODE", "node")  # a caller may have taken our variables away
    os.execvp(node, [node, *sys.argv[1:]])  # noqa: S606  # the program that `own_tools` has found
