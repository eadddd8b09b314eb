"""Terraform's logs are switched off: its providers write requests into them as they are, secret values among them.

The AWS provider logs `SecretString` in clear (seen on 5.100). TF_LOG, TF_LOG_CORE, TF_LOG_PROVIDER, TF_LOG_PATH,
TF_LOG_PROVIDER_AWS, TF_LOG_SDK, ... of somebody's shell are taken from what a program and all that it starts see.
"""

from __future__ import annotations

import os
import sys

#: The argument that leaves them, of any program.
ARGUMENT = "--with-terraform-log"
#: The variable that does the same, also for `make deploy`, which has no arguments of ours.
VARIABLE = "AIRFLOW_WITH_TERRAFORM_LOG"
PREFIXES = ("TF_LOG", "TF_ACC_LOG")


def switch_off() -> None:
    """Take the variables away unless somebody asked for them, and say so; the argument is never the program's own.

    In a workflow, whose log others read, they always go.
    """
    asked = bool(os.environ.get(VARIABLE))
    if ARGUMENT in sys.argv[1:]:
        sys.argv.remove(ARGUMENT)
        asked = True
    workflow = bool(os.environ.get("GITHUB_ACTIONS"))
    if asked and not workflow:
        os.environ[VARIABLE] = "1"
        return
    os.environ.pop(VARIABLE, None)
    names = sorted(name for name in os.environ if name.startswith(PREFIXES))
    for name in names:
        del os.environ[name]
    if not names:
        return
    way = "In a workflow nothing switches it on." if workflow else f"{ARGUMENT} or {VARIABLE}=1 leaves it on."
    sys.stderr.write(f"Terraform's log is off ({', '.join(names)}): it shows secret values in clear. {way}\n")
