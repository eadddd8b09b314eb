"""Answers in the shape that AWS gives errors in, one shape per protocol."""

import json
import uuid
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

XML = "text/xml; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, complete."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def as_json(cls, content: object, status: int = 200) -> "Answer":
        """Returns an answer with a JSON body."""
        return cls(status, [("Content-Type", "application/json")], json.dumps(content).encode())


def aws_error(protocol: str, service: str, code: str, message: str, status: int) -> Answer:
    """Returns an AWS error as clients of this protocol parse it.

    Shapes: https://smithy.io/2.0/aws/protocols/index.html, section "Operation error serialization" of each.
    """
    request_id = str(uuid.uuid4())
    code_xml, message_xml = escape(code), escape(message)
    request_headers = [("x-amzn-RequestId", request_id)]
    if protocol == "json":
        body = json.dumps({"__type": code, "message": message})
        return Answer(status, [("Content-Type", "application/x-amz-json-1.1"), *request_headers], body.encode())
    if protocol == "rest-json":
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", code), *request_headers]
        return Answer(status, headers, json.dumps({"message": message}).encode())
    if protocol == "ec2":
        text = f"<Response><Errors><Error><Code>{code_xml}</Code><Message>{message_xml}</Message></Error></Errors>"
        text += f"<RequestID>{request_id}</RequestID></Response>"
    elif protocol == "rest-xml" and service == "s3":
        text = (
            f"<Error><Code>{code_xml}</Code><Message>{message_xml}</Message><RequestId>{request_id}</RequestId></Error>"
        )
    else:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code_xml}</Code><Message>{message_xml}</Message></Error>"
        )
        text += f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    return Answer(status, [("Content-Type", XML), *request_headers], text.encode())
