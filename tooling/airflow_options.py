"""The names of airflow.cfg: `python -m tooling.airflow_options` writes the list that the synthesis warns by.

Taken from the Airflow that `make test` installs into `.tools/airflow/`: its own description of every option, those of
its providers, and what `airflow config lint` knows of names that were renamed or are gone.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from constructs.airflow.user_values.option_names import FILE, names_text

from tooling.install import AIRFLOW
from tooling.virtual_environments import ROOT

#: Runs in Airflow's own Python; prints what it knows.
SCRIPT = """
import configparser, json, pathlib
import airflow
from airflow.cli.commands.config_command import CONFIGS_CHANGES
from airflow.configuration import conf
from airflow.providers_manager import ProvidersManager

manager = ProvidersManager()
manager.initialize_providers_configuration()
described = {section for _, content in manager.provider_configs for section in content}
fallback = configparser.ConfigParser(interpolation=None)
fallback.read(pathlib.Path(airflow.__file__).parent / "config_templates" / "provider_config_fallback_defaults.cfg")
options = {section: sorted(content["options"]) for section, content in conf.configuration_description.items()}
renamed = {f"{old[0]}.{old[1]}": f"{new[0]}.{new[1]}" for new, old in conf.deprecated_options.items()}
removed = []
for change in CONFIGS_CHANGES:
    if change.renamed_to:
        renamed[f"{change.config.section}.{change.config.option}"] = ".".join(change.renamed_to)
    elif change.was_removed:
        removed.append(f"{change.config.section}.{change.config.option}")
print("FOUND " + json.dumps({
    "airflow": airflow.__version__,
    "options": options,
    "partly": sorted(set(fallback.sections()) - described),
    "renamed": renamed,
    "removed": removed,
}))
"""

#: Sections that Airflow hands on as a whole: to Celery's broker and its database, Sentry, Elasticsearch, OpenSearch.
OPEN = (
    *("celery_broker_transport_options", "celery_result_backend_transport_options", "sentry"),
    *("elasticsearch_configs", "opensearch_configs"),
)


class NotInstalledError(Exception):
    """There is no Airflow to ask."""


def ask(python: Path) -> dict[str, Any]:
    """Return what the Airflow of a Python knows of the names of its options.

    Raises:
        NotInstalledError: it has no Airflow, or one of another kind.
    """
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                [str(python), "-c", SCRIPT],
                env={"AIRFLOW_HOME": home, "HOME": home, "PATH": str(python.parent)},
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            reason = str(getattr(error, "stderr", None) or error).strip().splitlines()[-1]
            raise NotInstalledError(f"{python} has no Airflow to ask (make test installs it): {reason}") from error
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("FOUND "))
    known: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    return known


def main() -> int:
    """Write the list; return 0, 1 where there is no Airflow."""
    try:
        known = ask(AIRFLOW / "bin" / "python")
    except NotInstalledError as missing:
        print(missing, file=sys.stderr)
        return 1
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    FILE.write_text(names_text(known | {"open": OPEN, "generated": today}), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)} is of Airflow {known['airflow']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
