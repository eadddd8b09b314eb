"""`python -m constructs.settings`: prints the JSON Schema of the environment file."""

import programs  # noqa: F401  # first

# isort: split

import sys

from constructs.settings.loading.schema import schema_text

sys.stdout.write(schema_text())
