"""The endpoint itself: recognizes each call, applies the faults, lets moto answer, and logs."""

import collections
import contextlib
import io
import threading
import time
import traceback
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from tests.emulator.calls import Call, CallLog
from tests.emulator.control import CONTROL_PATH, Control
from tests.emulator.errors import Answer, aws_error
from tests.emulator.faults import Failure, Faults, Holding, Moment
from tests.emulator.options import Options
from tests.emulator.recognition import UNKNOWN_ACTION, UNKNOWN_SERVICE, Recognition, recognize
from tests.emulator.services import install

NOT_IMPLEMENTED = 501  #: the AWS SDKs do not retry it; 500, 502, 503 and 504 they do, which looks like a hang
_ERROR_CHARACTERS = 500
#: Answers that are kept for an SDK that asks again: many more than it has on their way.
_KEPT_ANSWERS = 200
#: What Flask answers where moto has no route for the path.
_UNROUTED = (NotFound.description, MethodNotAllowed.description)


class Application:
    """Answers requests: those of the control path itself, all others by moto, changed as `services` says.

    Raises ImportError where moto has another shape than `services` expects.
    """

    def __init__(self, options: Options, log: CallLog) -> None:
        install(options)
        self._log = log
        self._faults = Faults()
        self._control = Control(log, self._faults)
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._one_at_a_time = threading.Lock()  # moto's backends are plain dictionaries, Terraform calls in parallel
        self._answered: collections.deque[tuple[str, Answer]] = collections.deque(maxlen=_KEPT_ANSWERS)

    def answer(self, environ: dict[str, Any], body: bytes) -> Answer:
        """Returns the answer to one request. Raises ConnectionDroppedError when the caller is to get none."""
        if environ["PATH_INFO"].startswith(CONTROL_PATH):
            with self._one_at_a_time if self._control.uses_moto(environ) else contextlib.nullcontext():
                return self._control.answer(environ, body)
        start = time.time()
        call = recognize(environ, body)
        answer = Answer(0)
        try:
            answer = self._once(call, environ, body)
        finally:
            self._log.add(
                Call(
                    service=call.service,
                    action=call.action,
                    region=call.region,
                    time=round(start, 3),
                    seconds=round(time.time() - start, 3),
                    status=answer.status,
                    attempt=call.attempt,
                    terraform=call.terraform,
                    access_key=call.access_key,
                    method=environ["REQUEST_METHOD"],
                    path=environ["RAW_URI"],
                    error=answer.body.decode("utf-8", "replace")[:_ERROR_CHARACTERS] if answer.status >= 400 else "",
                )
            )
        return answer

    def _once(self, call: Recognition, environ: dict[str, Any], body: bytes) -> Answer:
        """Returns what an SDK has been told before where it repeats a call: it made something, and would make another.

        On a busy machine it happens that an answer doesn't reach it; what is dropped on purpose counts as not answered.
        """
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        if call.attempt > 1:
            for before, answer in list(self._answered):
                if before == invocation:
                    return answer
        answer = self._answer_with_faults(call, environ, body)
        if invocation and answer.status < 400:
            self._answered.append((invocation, answer))
        return answer

    def _answer_with_faults(self, call: Recognition, environ: dict[str, Any], body: bytes) -> Answer:
        due = self._faults.due(call)
        refused = self._apply(due, "before", call)
        if refused:
            return refused
        answer = self._from_moto(call, environ, body)
        return self._apply(due, "after", call) or answer

    @staticmethod
    def _apply(due: list[tuple[Moment, Failure | Holding]], moment: Moment, call: Recognition) -> Answer | None:
        """Waits for the holds of this moment; returns the error of the first failure of this moment, if any."""
        for its_moment, fault in due:
            if its_moment != moment:
                continue
            if isinstance(fault, Holding):
                fault.keep()
            else:
                return aws_error(call.protocol, call.service, fault.code, fault.message, fault.status)
        return None

    def _from_moto(self, call: Recognition, environ: dict[str, Any], body: bytes) -> Answer:
        """Returns moto's answer; what it does not know, and its own crashes, are 501 with the reason."""
        if call.service == UNKNOWN_SERVICE and call.action == UNKNOWN_ACTION:
            return self._unknown(call, f"unsigned {environ['REQUEST_METHOD']} {environ['RAW_URI']}")
        request = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        request.pop("HTTP_TRANSFER_ENCODING", None)
        _sign_presigned_query(request)
        try:
            with self._one_at_a_time:
                response = Response.from_app(self._moto, request, buffered=True)
        except NotImplementedError as error:
            return self._unknown(call, str(error))
        except Exception as error:  # noqa: BLE001 - whatever moto stumbles over is reported to the caller
            return self._unknown(call, f"moto failed: {error!r}\n{traceback.format_exc(limit=-3)}")
        content = response.get_data()
        if response.status_code in (404, 405) and any(text in content.decode("utf-8", "replace") for text in _UNROUTED):
            return self._unknown(call, f"no route for {environ['REQUEST_METHOD']} {environ['RAW_URI']}")
        return Answer(response.status_code, list(response.headers), content)

    @staticmethod
    def _unknown(call: Recognition, reason: str) -> Answer:
        message = f"The emulator does not implement {call.service}:{call.action} ({reason})"
        return aws_error(call.protocol, call.service, "NotImplemented", message, NOT_IMPLEMENTED)


def _sign_presigned_query(environ: dict[str, Any]) -> None:
    """Moves the signature of a presigned `?Action=` call to the header: moto would take it for S3.

    Such a call is what a Kubernetes bearer token for EKS stands for (`aws eks get-token`).
    """
    query = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    if "Action" in query and "X-Amz-Credential" in query and "HTTP_AUTHORIZATION" not in environ:
        environ["HTTP_AUTHORIZATION"] = (
            f"AWS4-HMAC-SHA256 Credential={query['X-Amz-Credential']}, "
            f"SignedHeaders={query.get('X-Amz-SignedHeaders', '')}, Signature={query.get('X-Amz-Signature', '')}"
        )
