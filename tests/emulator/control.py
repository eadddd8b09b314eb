"""The control path: how the parent process sets faults and asks what happened. Not part of AWS."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.emulator.calls import CallLog
from tests.emulator.errors import Answer
from tests.emulator.faults import Failure, Faults, Holding, Selection
from tests.emulator.inventory import inventory, master_passwords
from tests.emulator.services.rds_modifications import run_maintenance_windows

CONTROL_PATH = "/_emulator/"
_USE_MOTO = ("inventory", "maintenance-windows", "master-passwords")


class Control:
    """Answers requests under `/_emulator/`.

    GET calls, GET inventory, POST faults, DELETE faults, GET holds/ID?seconds=N, POST holds/ID,
    POST maintenance-windows, GET master-passwords. Bodies and answers are JSON.
    """

    def __init__(self, log: CallLog, faults: Faults) -> None:
        self._log = log
        self._faults = faults

    @staticmethod
    def uses_moto(environ: Mapping[str, Any]) -> bool:
        """Whether the request looks into moto's backends, which no API call may change meanwhile."""
        return str(environ["PATH_INFO"]).removeprefix(CONTROL_PATH) in _USE_MOTO

    def answer(self, environ: Mapping[str, Any], body: bytes) -> Answer:
        """Returns the answer to one control request; 404 for what there is not."""
        method, what = environ["REQUEST_METHOD"], str(environ["PATH_INFO"]).removeprefix(CONTROL_PATH)
        order = json.loads(body) if body else {}
        content: object = None
        match method, what.split("/"):
            case "GET", ["calls"]:
                content = self._log.all()
            case "GET", ["inventory"]:
                content = inventory()
            case "GET", ["master-passwords"]:
                content = master_passwords()
            case "POST", ["maintenance-windows"]:
                content = run_maintenance_windows()
            case "POST", ["faults"]:
                content = {"id": self._faults.add(_fault(order))}
            case "DELETE", ["faults"]:
                self._faults.clear()
            case "GET", ["holds", number]:
                seconds = float(parse_qs(environ["QUERY_STRING"]).get("seconds", ["0"])[0])
                content = {"arrived": self._faults.holding(int(number)).arrived.wait(seconds)}
            case "POST", ["holds", number]:
                self._faults.holding(int(number)).release(drop=bool(order.get("drop")))
            case _:
                return Answer.as_json({"error": f"no {method} {what}"}, status=404)
        return Answer.as_json(content)


def _fault(order: Mapping[str, Any]) -> Failure | Holding:
    """Returns the fault that a JSON body describes."""
    selection = Selection(**order["selection"])
    if order["kind"] == "hold":
        return Holding(selection=selection)
    return Failure(selection=selection, code=order["code"], status=order["status"], message=order["message"])
