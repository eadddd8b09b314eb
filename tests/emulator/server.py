"""The HTTP server around the application: loopback, HTTP/1.1 with keep-alive, ends with its parent."""

import importlib.metadata
import logging
import os
import select
import sys
import threading
import traceback
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.emulator.calls import CallLog
from tests.emulator.errors import Answer
from tests.emulator.faults import ConnectionDroppedError
from tests.emulator.options import LOOPBACK, MOTO_VERSION, Options
from tests.emulator.repeated_work import share_what_is_read

_PARENT_POLL_SECONDS = 1.0


class WrongMotoVersionError(Exception):
    """moto is not the version whose internals the emulator changes."""


def check_moto_version() -> None:
    """Raises WrongMotoVersionError where another moto than the pinned one is installed."""
    found = importlib.metadata.version("moto")
    if found != MOTO_VERSION:
        message = (
            f"The emulator reaches into moto's internals and is written for moto {MOTO_VERSION}; {found} is installed. "
            f"Install moto=={MOTO_VERSION} (Pipfile), or adapt tests/emulator and MOTO_VERSION in its options.py."
        )
        raise WrongMotoVersionError(message)


class RequestHandler(WSGIRequestHandler):
    """Reads each request and writes each answer completely, so that a connection can be kept.

    Werkzeug's own handler closes every connection. An answer in two pieces, header and body, made the AWS SDK for Go
    lose about one in a thousand and repeat the call (seen; with one piece none in 7000).
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # buffered: http.server flushes after each request

    def run_wsgi(self) -> None:
        """Answers one request."""
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        if environ.get("wsgi.input_terminated"):
            body = environ["wsgi.input"].read()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        application: Any = self.server.app
        try:
            answer: Answer = application.answer(environ, body)
        except ConnectionDroppedError:
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - the control path failed; calls of AWS APIs answer their failures themselves
            answer = Answer.as_json({"error": traceback.format_exc()}, status=500)
        self._write(answer)

    def _write(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        bodiless = self.command == "HEAD" or answer.status in (204, 304)
        for name, value in answer.headers:
            hop_by_hop = name.lower() in ("connection", "transfer-encoding", "date")
            if not hop_by_hop and (bodiless or name.lower() != "content-length"):
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(answer.body)


def start(options: Options) -> BaseWSGIServer:
    """Returns a server that listens on the loopback; `serve_forever` makes it answer.

    Raises WrongMotoVersionError, and OSError where the port is taken or the log cannot be written.
    """
    check_moto_version()
    log = CallLog(options.log)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # moto asks boto3 for regions, and boto3 would look for the user's profile
    os.environ["MOTO_ACCOUNT_ID"] = options.account_id  # moto reads these while it is imported
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    share_what_is_read()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    from tests.emulator.application import Application  # noqa: PLC0415 - imports moto

    application: Any = Application(options, log)  # werkzeug wants a WSGI application, our handler an `answer`
    return make_server(LOOPBACK, options.port, application, threaded=True, request_handler=RequestHandler)


def stop_with_parent() -> None:
    """Ends this process when standard input closes or the parent process is gone, whichever comes first."""
    parent = os.getppid()

    def watch() -> None:
        standard_input = sys.stdin.fileno()
        while os.getppid() == parent:
            readable, _, _ = select.select([standard_input], [], [], _PARENT_POLL_SECONDS)
            if readable and not os.read(standard_input, 1024):
                break
        os._exit(0)  # held calls keep threads waiting: an orderly exit would wait for them

    threading.Thread(target=watch, daemon=True).start()
