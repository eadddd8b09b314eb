"""`python -m constructs.settings`: prints the JSON Schema of the environment file."""

import sys

from constructs.settings.schema import schema_text

sys.stdout.write(schema_text())
