"""What is read from the tracebacks of DAG files."""

from __future__ import annotations

from typing import Any

import pytest

from ops.dag_check.findings import Findings

FRAMES = """Traceback (most recent call last):
  File "/opt/airflow/python_importer.py", line 238, in parse
    loader.exec_module(new_module)
"""


def found(*files: dict[str, Any], folder: str = "/dags") -> Findings:
    """The findings of these files."""
    return Findings.of({"airflow": "3.3.2", "python": "3.12.11", "folder": folder, "files": files})


def said(error: str, name: str = "orders.py", folder: str = "/dags") -> str:
    """How one error is told."""
    [mistake] = found({"file": name, "dags": [], "errors": [error]}, folder=folder).mistakes
    return str(mistake)


class TestMistake:
    @pytest.mark.parametrize(
        ("error", "line"),
        [
            (
                (
                    f'{FRAMES}  File "/dags/orders.py", line 3, in <module>\n    import pandsa\n'
                    "ModuleNotFoundError: No module named 'pandsa'\n"
                ),
                "orders.py:3: ModuleNotFoundError: No module named 'pandsa'",
            ),
            (
                f'{FRAMES}  File "/dags/orders.py", line 7\n    def x(:\n          ^\nSyntaxError: invalid syntax\n',
                "orders.py:7: SyntaxError: invalid syntax",
            ),
            (
                (
                    f'{FRAMES}  File "/dags/orders.py", line 4, in <module>\n    go()\n'
                    '  File "/dags/lib/go.py", line 2, in go\n    raise ValueError("deep")\nValueError: deep\n'
                ),
                "orders.py:4: ValueError: deep (lib/go.py:2)",
            ),
            (
                (
                    f"{FRAMES}KeyError: 'first'\n\nDuring handling of it, another exception occurred:\n\n"
                    f'{FRAMES}  File "/dags/orders.py", line 9, in <module>\n    DAG(x)\nTypeError: two\nlines\n'
                ),
                "orders.py:9: TypeError: two lines",
            ),
            (
                "AirflowDagCycleException: Cycle detected in Dag: a",
                "orders.py: AirflowDagCycleException: Cycle detected in Dag: a",
            ),
            ("the process has ended with code 9", "orders.py: the process has ended with code 9"),
        ],
        ids=["import", "syntax", "deep", "chained", "cycle", "dead"],
    )
    def test_is_told_with_its_line(self, error: str, line: str) -> None:
        """The last line of the file itself, the exception, and where else below the folder it was raised."""
        assert said(error) == line

    def test_of_another_folder_of_a_similar_name_is_no_place(self) -> None:
        """A frame of /dags-old/ is none of /dags/."""
        assert said('  File "/dags-old/orders.py", line 3, in x\nValueError: v\n') == "orders.py: ValueError: v"


class TestFindings:
    def test_a_dag_of_two_files_is_a_mistake_of_the_second(self) -> None:
        """Both are named; the DAG counts once."""
        findings = found(
            {"file": "a.py", "dags": ["one", "two"], "errors": []}, {"file": "b.py", "dags": ["one"], "errors": []}
        )
        assert findings.dags == {"one": ("a.py", "b.py"), "two": ("a.py",)}
        [mistake] = findings.mistakes
        assert str(mistake).startswith("b.py: the DAG one is in a.py, too")

    def test_of_files_that_are_right(self) -> None:
        """What ran, how many files, no mistakes."""
        findings = found({"file": "a.py", "dags": ["one"], "errors": []})
        assert (findings.airflow, findings.python, findings.files) == ("3.3.2", "3.12.11", 1)
        assert findings.mistakes == ()
