"""The parent's side: starts the emulator, sets faults, reads what happened."""

import http.client
import json
import os
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.emulator.calls import Call
from tests.emulator.faults import Moment, Selection
from tests.emulator.options import DEFAULT_ACCOUNT_ID, DEFAULT_REGION, LOOPBACK, Options
from tests.emulator.process import EmulatorError, ServerProcess

#: A call that comes at all has come by then, however busy the machine is.
ARRIVAL_SECONDS = 500.0

#: What would send a caller elsewhere than to the emulator.
_DIVERSIONS = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file")


def aws_environment(endpoint: str, region: str) -> dict[str, str]:
    """Returns the environment variables that point Terraform, its S3 backend, the AWS CLI and SDKs at `endpoint`."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",  # moto checks no signature
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_MAX_ATTEMPTS": "3",
        # S3 Control, by which AWS provider 6.23 and newer read a bucket's tags, has the account before the host. Nobody
        # resolves 111122223333.127.0.0.1: the endpoint answers as a proxy for it. All else goes there directly.
        "HTTP_PROXY": endpoint,
        "NO_PROXY": "127.0.0.1,localhost",
    }


class Hold:
    """A call that waits, or will wait, in the emulator. As a context manager it is released at the end."""

    def __init__(self, emulator: "Emulator", number: int, description: str) -> None:
        self._emulator = emulator
        self._path = f"holds/{number}"
        self._description = description

    def wait(self, timeout: float = ARRIVAL_SECONDS) -> None:
        """Returns when the call has arrived. Raises EmulatorError after `timeout` seconds without it."""
        if not self._emulator.request("GET", f"{self._path}?seconds={timeout}", timeout=timeout + 10)["arrived"]:
            raise EmulatorError(f"{self._description} was not called within {timeout:g} s")

    def release(self) -> None:
        """Lets the call go on and be answered."""
        self._emulator.request("POST", self._path, {"drop": False})

    def drop(self) -> None:
        """Closes the connection of the held call: held before its effect, the call never takes effect."""
        self._emulator.request("POST", self._path, {"drop": True})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._emulator.running:
            self.release()


class Emulator:
    """An AWS account on the loopback, in a child process, from construction until `stop`.

    Use it as a context manager, or call `stop`; it also stops when this process ends, however it ends.
    Raises EmulatorError where the child does not start.
    """

    def __init__(
        self,
        *,
        account_id: str = DEFAULT_ACCOUNT_ID,
        region: str = DEFAULT_REGION,
        log: Path | None = None,
        eks_endpoint: str | None = None,
        eks_ca_file: Path | None = None,
    ) -> None:
        options = Options(account_id=account_id, log=log, eks_endpoint=eks_endpoint, eks_ca_file=eks_ca_file)
        self.account_id = account_id
        self.region = region
        self._server = ServerProcess(options)
        self.endpoint = f"http://{LOOPBACK}:{self._server.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the child process is alive."""
        return self._server.running

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._server.pid

    def stop(self) -> None:
        """Ends the child process and everything it holds."""
        self._server.stop()

    def environment(self) -> dict[str, str]:
        """Returns a complete environment for a subprocess: this process's own, without AWS settings and proxies."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AWS_") and name.lower() not in _DIVERSIONS
        }
        return inherited | aws_environment(self.endpoint, self.region)

    def calls(self) -> list[Call]:
        """Returns the API calls answered so far, in the order of their answers; held calls are not among them."""
        return [Call.from_json(record) for record in self.request("GET", "calls")]

    def inventory(self) -> list[str]:
        """Returns everything that exists, one line each, sorted, by name and never by random id.

        Left out: what AWS makes by itself (default VPCs, main route tables, default groups but not their rules,
        AWS's own keys and policies), KMS keys pending deletion, noncurrent versions of objects. A secret scheduled
        for deletion is listed as such.
        """
        return [str(line) for line in self.request("GET", "inventory")]

    def fail(
        self,
        service: str,
        action: str,
        *,
        nth: int = 1,
        times: int = 1,
        code: str = "AccessDenied",
        status: int = 403,
        message: str = "Refused on purpose by the test.",
        containing: str = "",
        moment: Moment = "before",
    ) -> None:
        """Answers calls `nth` to `nth + times - 1` (from now, of those with `containing` in them) with an error.

        `service` is boto3's client name, `action` AWS's operation name; `*` is any. The SDKs retry 500, 502, 503, 504
        and throttling codes. With `moment="after"` the call takes effect all the same.
        """
        chosen = Selection(service=service, action=action, nth=nth, times=times, containing=containing, moment=moment)
        order = {"kind": "fail", "selection": asdict(chosen), "code": code, "status": status, "message": message}
        self.request("POST", "faults", order)

    def hold(self, service: str, action: str, *, nth: int = 1, containing: str = "", moment: Moment = "before") -> Hold:
        """Keeps the `nth` call from now waiting until it is released or the emulator stops.

        `moment="after"` holds the answer of a call that has taken effect: who is killed now has made something
        without knowing it.
        """
        chosen = Selection(service=service, action=action, nth=nth, containing=containing, moment=moment)
        answer = self.request("POST", "faults", {"kind": "hold", "selection": asdict(chosen)})
        return Hold(self, answer["id"], f"{service}:{action} (call {nth})")

    def clear_faults(self) -> None:
        """Forgets every failure and hold; held calls go on."""
        self.request("DELETE", "faults")

    def master_passwords(self) -> dict[str, str]:
        """Returns database instance -> password of its owner, which AWS itself tells nobody."""
        answer: dict[str, str] = self.request("GET", "master-passwords")
        return answer

    def run_maintenance_windows(self) -> list[str]:
        """Applies what database instances keep for their maintenance window; returns `instance: attribute` lines."""
        return [str(line) for line in self.request("POST", "maintenance-windows")]

    def request(self, method: str, what: str, order: object = None, *, timeout: float = 300.0) -> Any:
        """Sends one order to the control path and returns its JSON. Raises EmulatorError where it is refused."""
        if not self.running:
            raise EmulatorError("The emulator has stopped.")
        connection = http.client.HTTPConnection(LOOPBACK, self._server.port, timeout=timeout)
        try:
            connection.request(method, f"/_emulator/{what}", json.dumps(order) if order is not None else None)
            response = connection.getresponse()
            content = response.read().decode()
        finally:
            connection.close()
        if response.status >= 400:
            raise EmulatorError(f"{method} {what}: {response.status} {content}")
        return json.loads(content)
