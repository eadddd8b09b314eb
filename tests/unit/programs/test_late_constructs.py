"""Node.js starts with what needs it, and commands that synthesize nothing don't wait for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from programs.own_tools import ROOT


def _printed(code: str) -> str:
    """What a program prints that begins as all of ours do."""
    program = f"import programs\nimport sys\n{code}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["ops.__main__", "constructs.settings.environment", "constructs.checks.proofs"])
def test_what_builds_nothing_starts_no_node(module: str) -> None:
    """Neither jsii nor a provider package is loaded by it: each costs every command seconds."""
    code = f"""
import {module} as loaded
getattr(loaded, "application", lambda: None)()
print(sorted({{name.partition(".")[0] for name in sys.modules}} & {{"jsii", "cdktf", "cdktf_cdktf_provider_aws",
    "cdktf_cdktf_provider_kubernetes", "cdktf_cdktf_provider_helm"}}))
"""
    assert _printed(code) == "[]"


def test_what_writes_no_report_loads_no_templates() -> None:
    """Only the command that needs them pays for them."""
    code = """
import ops.__main__ as loaded
loaded.application()
print(sorted(name for name in sys.modules if name.startswith(("jinja2", "helm_python", "ops.report"))))
"""
    assert _printed(code) == "[]"


def test_what_builds_finds_the_package_whole() -> None:
    """Its classes are there, and those of our folder beside them."""
    code = """
import constructs.naming.names
from constructs import Construct
import constructs
print(Construct.__module__, constructs.naming.names.Names.__name__, "jsii" in sys.modules, "Node" in dir(constructs))
"""
    assert _printed(code) == "constructs Names True True"


def test_what_is_not_there_is_missed_as_ever() -> None:
    """By its name."""
    code = """
try:
    from constructs import Nothing
except ImportError as error:
    print(error.name, "Nothing" in str(error))
"""
    assert _printed(code) == "constructs True"
