"""Hypothesis strategies that turn a valid environment file into one that may hold mistakes, down to broken YAML."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.property.environment_files import FREE_TEXT, valid_files
from tests.property.place import Values

Step = str | int

_NUMBERS = (
    st.integers()
    | st.sampled_from((-1, 0, 1, 2**31, 2**63, 10**39, 10**400))
    | st.sampled_from((0.5, -0.0, 1e308, float("inf"), float("nan"), -1.8881545897087626e289))
)
#: Text that is near to something legal, or that CDKTF would take for a token of its own.
_NEAR_MISSES = st.sampled_from(
    (
        *("", " ", "eu-west-1", "eu-west-1a", "eu-west-1-bos-1a", "EU-WEST-1", "111122223333", "10.0.0.0/8"),
        *("0.0.0.0/0", "10.0.0.1/16", "::/0", "999.1.1.1/20", "1.30", "true", "null", "~", "m7g.large", "m7i.large"),
        *("${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.1]}", "${TfToken[nothing.999]}", "tftoken", "TFTOKEN", "TfToken["),
        *("arn:aws:iam::111122223333:root", "arn:aws:sts::111122223333:assumed-role/a/b", "arn:aws:kms:::key/", "1a"),
        *(
            "https://user:token@host/path",
            "a/../b",
            "0.0.0.0/0:443",
            "LocalExecutor",
            "0.5",
            "1Gi",
            "sha256:" + "g" * 64,
        ),
        *("count", "for_each", "0", "1-", "23:30-00:30", "sun:23:30-mon:00:30", "db.t4g.medium", "db.m5.999xlarge"),
    )
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | FREE_TEXT | _NEAR_MISSES
JUNK = _SCALARS | st.lists(_SCALARS, max_size=3) | st.dictionaries(FREE_TEXT, _SCALARS, max_size=3)
KEYS = FREE_TEXT | _NEAR_MISSES | st.sampled_from(("name", "region", "cluster", "default", "min_size", "Name", "aws:a"))


class _Dumper(yaml.SafeDumper):
    """Writes a value that stands twice twice: the files have no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        del data
        return True


def _paths(value: object, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in entries:
        yield from _paths(inner, (*path, step))


def _replace(draw: st.DrawFn, parent: Any, step: Any) -> None:
    parent[step] = draw(JUNK)


def _nudge(draw: st.DrawFn, parent: Any, step: Any) -> None:
    """A value of the same type close by: another length, a neighbour, the opposite."""
    value = parent[step]
    if isinstance(value, bool):
        parent[step] = not value
    elif isinstance(value, int):
        parent[step] = value + draw(st.sampled_from((-1, 1, 20, -20, 1000)))
    elif isinstance(value, str):
        parent[step] = draw(st.sampled_from((value.upper(), value.title(), value * 3, value[1:], f" {value}")))
    elif isinstance(value, list):
        parent[step] = draw(st.sampled_from((value * 2, value[::-1], value[:1])))
    elif isinstance(value, dict):
        parent[step] = dict(list(value.items())[: draw(st.integers(0, 2))])


def _remove(draw: st.DrawFn, parent: Any, step: Any) -> None:
    del draw, parent[step]


def _add(draw: st.DrawFn, parent: Any, step: Any) -> None:
    """A key or entry more: an unknown one, or one that belongs elsewhere."""
    place = parent[step] if isinstance(parent[step], dict | list) else parent
    if isinstance(place, list):
        place.append(draw(JUNK))
    else:
        place[draw(KEYS)] = draw(JUNK)


def _rename(draw: st.DrawFn, parent: Any, step: Any) -> None:
    if isinstance(parent, dict):
        parent[draw(KEYS)] = parent.pop(step)


def _change_type(draw: st.DrawFn, parent: Any, step: Any) -> None:
    value = parent[step]
    parent[step] = draw(st.sampled_from((str(value), [value], {"value": value}, [[value]])))


_MISTAKES = (_replace, _nudge, _remove, _add, _rename, _change_type)


#: Values that keep the rules of their type, or nearly so, and are bad for what comes later. `*` is any key there is.
_TRAPS: tuple[tuple[tuple[str, ...], Any], ...] = (
    (("name",), "tftoken"),
    (("tags", "cost"), "a TfToken"),
    (("tags", "tftoken"), "a"),
    (("tags",), {"Team": "a", "team": "b"}),
    (("tags", "name"), "a"),
    (("tags", "Name"), "a"),
    (("database", "parameters", "work_mem"), "${TfToken[TOKEN.0]}"),
    (("database", "parameters", "work_mem"), "#{TfToken[TOKEN.0]}"),
    (("database", "parameters", "max_connections"), "9" * 400),
    (("database", "parameters", "max_connections"), "\u0669\u0669"),
    (("database", "parameters", "max_connections"), "\u00b2"),
    (("database", "instance_class"), f"db.m5.{'9' * 25}xlarge"),
    (("database", "parameters", "max_connections"), "20"),
    (("state", "key_prefix"), "tftoken"),
    (("airflow", "dags", "sub_path"), "tftoken"),
    (("airflow", "dags", "sub_path"), "a/${path.root}"),
    (("airflow", "dags", "branch"), "${var.branch}"),
    (("airflow", "dags", "branch"), "-upload-pack=x"),
    (("airflow", "dags", "known_hosts"), "# ${path.root}\nhost ssh-rsa AAAA"),
    (("airflow", "dags", "repository"), "https://user:token@github.com/acme/dags.git"),
    (("airflow", "dags", "repository"), "git@github.com:acme/dags.git"),
    (("airflow", "dags", "token_username"), "%{ if true }"),
    (("airflow", "dags", "token_secret_name"), "${path.root}"),
    (("airflow", "image"), {"repository": "a/b", "tag": "${path.root}"}),
    (("airflow", "image"), {"repository": "tftoken", "tag": "1"}),
    (("airflow", "chart", "source"), "./${path.root}"),
    (("airflow", "web", "host_name"), "tftoken.example.com"),
    (("airflow", "web", "allowed_cidrs"), ["0.0.0.0/1", "128.0.0.0/1"]),
    (("airflow", "task_egress"), ["169.254.169.254/32:80"]),
    (("airflow", "task_egress"), []),
    (("airflow", "components", "workers"), {"cpu": "0.0001", "cpu_limit": "5m"}),
    (("airflow", "components", "workers"), {"termination_grace_seconds": 86_400, "memory": "1.333Gi"}),
    (("airflow", "pgbouncer"), {"metadata_pool_size": 2000, "result_backend_pool_size": 2000}),
    (("airflow", "quota"), {"cpu": "1", "memory": "1Gi", "pods": 10}),
    (("airflow", "cleanup"), {"schedule": "61 3 * * *"}),
    (("cluster", "administrators"), ["arn:aws:iam::111122223333:role/a-b", "arn:aws:iam::111122223333:role/a_b"]),
    (("cluster", "administrators"), [f"arn:aws:iam::111122223333:role/{'p' * 400}/a"]),
    (("cluster", "node_groups", "*", "labels"), {"team": ""}),
    (("cluster", "node_groups", "*", "labels"), {f"{'d' * 63}.example.com/team": "a"}),
    (("cluster", "node_groups", "1a"), {}),
    (("cluster", "node_groups", "tftoken"), {}),
    (
        ("cluster", "node_groups", "*", "taints"),
        [{"key": "a", "value": value, "effect": "PREFER_NO_SCHEDULE"} for value in ("b", "c")],
    ),
)


def _trapped(draw: st.DrawFn, values: Values) -> Values:
    """The file with one of the traps in it."""
    values = deepcopy(values)
    (*parents, step), trap = draw(st.sampled_from(_TRAPS))
    place = values
    for parent in parents:
        key = next(iter(place)) if parent == "*" else parent
        place = place.setdefault(key, {})
    place[step] = deepcopy(trap)
    return values


def _mistaken(draw: st.DrawFn, values: Values, count: int) -> Values:
    values = deepcopy(values)
    for _ in range(count):
        paths = list(_paths(values))
        if not paths:
            break
        *parents, step = draw(st.sampled_from(paths))
        place: Any = values
        for parent in parents:
            place = place[parent]
        draw(st.sampled_from(_MISTAKES))(draw, place, step)
    return values


#: A line that is no key with a plain value.
_STRANGE_LINES = (
    *(
        "name: twice",
        "\tname: tab",
        "x: &a 1",
        "x: *a",
        "x: !!python/name:os.system",
        "---",
        "<<: {a: 1}",
        "? [a]",
    ),
    *("1: a", "null: a", "x: {{ template }}", "x: 0x_", f"x: {'9' * 5000}", "x: '", "%YAML 9.9", "x: \x07", "[" * 30),
    *("- a", "x: 2026-01-01", "x: 1:30", "x: yes", "\ufeff", "x: \ud800", "}", "# only a comment"),
)


def _broken(draw: st.DrawFn, text: str) -> bytes:
    """The file's text after an accident with an editor."""
    lines = text.splitlines()
    line = draw(st.integers(0, len(lines)))
    match draw(st.sampled_from(("insert", "insert", "insert", "cut", "bytes", "encoding", "nothing but"))):
        case "insert":
            lines.insert(line, draw(st.sampled_from(_STRANGE_LINES)))
            return "\n".join(lines).encode("utf-8", "surrogatepass")
        case "cut":
            return text[: draw(st.integers(0, len(text)))].encode()
        case "bytes":
            return text.encode() + draw(st.binary(max_size=8))
        case "encoding":
            return text.encode(draw(st.sampled_from(("utf-16", "utf-32", "utf-8-sig"))))
        case _:
            return draw(st.binary(max_size=20) | FREE_TEXT.map(str.encode))


@st.composite
def environment_files(draw: st.DrawFn) -> bytes:
    """The content of an environment file: some without a mistake, most with one to four, some no YAML."""
    values = draw(valid_files())
    damage = draw(st.sampled_from(("values", "none", "values", "text", "values", "none", "trap", "none")))
    if damage == "values":
        values = _mistaken(draw, values, draw(st.integers(1, 4)))
    elif damage == "trap":
        values = _trapped(draw, values)
    text = yaml_text(values, allow_unicode=draw(st.booleans()))
    return _broken(draw, text) if damage == "text" else text.encode()


def yaml_text(values: Values, *, allow_unicode: bool = True) -> str:
    """The values as a file, special characters as they are or as YAML's escapes."""
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, allow_unicode=allow_unicode)
    return text
