"""Names of options of airflow.cfg, read as Airflow reads them: everything that judges such a name goes through here.

Facts of Airflow 3.3.2, `airflow/_shared/configuration/parser.py` (`deprecated_options`, `_env_var_name`, `_cmd` and
`_secret`, `_build_kwarg_env_prefix`) and `airflow/configuration.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

#: Section and name of an option, in lower case.
Option: TypeAlias = tuple[str, str]

VARIABLE_PREFIX = "AIRFLOW__"

#: Names that Airflow 3 still reads -> the option that they set.
OLD_NAMES: Mapping[Option, tuple[Option, ...]] = {
    ("core", "dag_file_processor_timeout"): (("dag_processor", "dag_file_processor_timeout"),),
    ("core", "max_num_rendered_ti_fields_per_task"): (("core", "num_dag_runs_to_retain_rendered_fields"),),
    ("core", "sql_alchemy_conn"): (("database", "sql_alchemy_conn"),),
    ("scheduler", "dag_dir_list_interval"): (("dag_processor", "refresh_interval"),),
    ("scheduler", "parsing_pre_import_modules"): (("dag_processor", "parsing_pre_import_modules"),),
    ("scheduler", "running_metrics_interval"): (("scheduler", "ti_metrics_interval"),),
    ("triggerer", "default_capacity"): (("triggerer", "capacity"),),
    ("workers", "execution_api_server_url"): (("core", "execution_api_server_url"),),  # since 3.3
    ("workers", "missing_dag_retires"): (("workers", "missing_dag_retries"),),
    ("api", "access_logfile"): (("api", "log_config"),),
    ("api", "page_size"): (("api", "fallback_page_limit"),),
    ("webserver", "web_server_host"): (("api", "host"),),
    ("webserver", "web_server_port"): (("api", "port"),),
    ("webserver", "web_server_worker_timeout"): (("api", "worker_timeout"),),
    ("webserver", "web_server_ssl_cert"): (("api", "ssl_cert"),),
    ("webserver", "web_server_ssl_key"): (("api", "ssl_key"),),
    **{
        ("webserver", name): (("api", name),)
        for name in (
            *("access_logfile", "auto_refresh_interval", "base_url", "default_wrap", "enable_swagger_ui"),
            *("expose_config", "grid_view_sorting_order", "hide_paused_dags_by_default", "instance_name"),
            *("log_fetch_timeout_sec", "page_size", "require_confirmation_dag_change", "secret_key", "workers"),
        )
    },
    **{
        ("webserver", name): (("fab", name),)
        for name in (
            *("access_denied_message", "expose_hostname", "navbar_color", "navbar_hover_color"),
            *("navbar_text_color", "navbar_text_hover_color"),
        )
    },
}

#: Ends of names that stand for the output of a command, or for a value in the secrets backend.
_INDIRECT = ("_cmd", "_secret")
#: A single argument of a secrets backend, as a variable.
_ARGUMENT = "backend_kwarg__"


def readings(section: str, name: str) -> tuple[Option, ...]:
    """Return every option that a name in a section of airflow.cfg can set, the name itself first.

    Airflow reads names in lower case only since 3.2, before in any: one in another case is taken for the one that
    was meant. `team=core` is the section `core` of a team.
    """
    return tuple(dict.fromkeys(_readings(section.strip().lower().rpartition("=")[2], name.strip().lower())))


def _readings(section: str, name: str) -> Iterator[Option]:
    stems = (name.removesuffix(end) for end in _INDIRECT if name.endswith(end))
    for stem in (name, *stems):
        yield section, stem
        yield from OLD_NAMES.get((section, stem), ())
    before, argument, _ = name.partition(_ARGUMENT)
    if argument:
        yield section, f"{before}backend_kwargs"


def variable_readings(variable: str) -> tuple[Option, ...]:
    """Return every option that an environment variable can set, none if it is no `AIRFLOW__SECTION__NAME`.

    `AIRFLOW__TEAM___SECTION__NAME` is the option of a team.
    """
    prefix, rest = variable[: len(VARIABLE_PREFIX)], variable[len(VARIABLE_PREFIX) :]
    if prefix.upper() != VARIABLE_PREFIX:
        return ()
    found: dict[Option, None] = {}
    for option in (rest, rest.partition("___")[2]):
        section, separator, name = option.partition("__")
        if section and separator and name:
            found |= dict.fromkeys(readings(section, name))
    return tuple(found)
