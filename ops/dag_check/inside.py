"""Imports the files of a folder of DAGs as the DAG processor does, each in a process of its own.

Run by a Python that has Airflow, with the folder as its argument, also from standard input; it needs nothing of this
project. What files and Airflow print goes to standard error; standard output gets one JSON document: `airflow` and
`python` (versions), `folder`, and `files`, each with its name below the folder, its `dags` and `errors` (tracebacks).
"""

import json
import multiprocessing
import os
import sys
import traceback
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

#: What makes the answer whole and the same everywhere; the rest of the configuration is as Airflow has it.
CONFIGURATION = {
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    # Of a traceback all, so that the line of the DAG file is in it however deep the error is.
    "AIRFLOW__CORE__DAGBAG_IMPORT_ERROR_TRACEBACK_DEPTH": "100",
    # As in the DAG processor: files have no way to the database.
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://nobody@127.0.0.1:1/none",
    "_AIRFLOW_PROCESS_CONTEXT": "client",
}


def parse(file: Path, folder: Path) -> dict[str, Any]:
    """Return what the DAG processor would store of a file: ids of DAGs, tracebacks of errors."""
    import structlog
    from airflow.dag_processing.processor import DagFileParseRequest, _parse_file

    request = DagFileParseRequest(file=str(file), bundle_path=folder, bundle_name="dags-folder")
    result = _parse_file(request, structlog.get_logger())
    return {
        "dags": [dag.dag_id for dag in result.serialized_dags],
        "errors": list((result.import_errors or {}).values()),
    }


def answer(file: Path, folder: Path, to: Connection) -> None:
    """Send it to the parent, whatever the file does."""
    try:
        to.send(parse(file, folder))
    except BaseException:  # noqa: BLE001  # sys.exit() at the top level of a file, too
        to.send({"dags": [], "errors": [traceback.format_exc()]})


def imported(file: Path, folder: Path) -> dict[str, Any]:
    """Return the answer of a process of its own, as the DAG processor has one for each file."""
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=answer, args=(file, folder, sender))
    process.start()
    sender.close()
    try:
        found = receiver.recv()
    except EOFError:
        found = None
    process.join()
    if found is None:
        found = {"dags": [], "errors": [f"the process that imports it has ended with code {process.exitcode}"]}
    return {"file": file.relative_to(folder).as_posix(), **found}


def main() -> None:
    """Import every file that the DAG processor would, and print what became of each."""
    kept = os.dup(1)
    os.dup2(2, 1)
    os.environ.update(CONFIGURATION)
    folder = Path(sys.argv[1]).resolve()

    from airflow.utils.file import list_py_file_paths

    files = sorted(Path(file) for file in list_py_file_paths(folder))
    document = {
        "airflow": version("apache-airflow"),
        "python": ".".join(map(str, sys.version_info[:3])),
        "folder": str(folder),
        "files": [imported(file, folder) for file in files],
    }
    with os.fdopen(kept, "w") as out:
        json.dump(document, out)


if __name__ == "__main__":
    main()
