"""The environment file as typed, validated, read-only models. Knows nothing of CDKTF.

environment = load_environment(environment_file(os.environ, root))
"""

from constructs.settings.environment import Environment
from constructs.settings.loading import load_environment
from constructs.settings.network import SubnetPlan
from constructs.settings.placeholders import placeholders
from constructs.settings.problems import EnvironmentFileError, Problem
from constructs.settings.selection import environment_file
from constructs.settings.text import terraform_literal
from constructs.settings.warnings import warnings

__all__ = [
    "Environment",
    "EnvironmentFileError",
    "Problem",
    "SubnetPlan",
    "environment_file",
    "load_environment",
    "placeholders",
    "terraform_literal",
    "warnings",
]
