"""A real browser without a window: Chromium, by its DevTools protocol over a pipe."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tests.availability import unavailable

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
#: The descriptors that --remote-debugging-pipe reads from and writes to.
_READS, _WRITES = 3, 4


class Browser:
    """One page in one browser."""

    def __init__(self, to: BinaryIO, of: BinaryIO) -> None:
        self._to, self._of = to, of
        self._numbers = itertools.count(1)
        self._session = ""
        self.requests: list[str] = []
        """Addresses that the page has asked for, in all."""
        self.complaints: list[str] = []
        """What the browser has said on the console: errors, and what its policy has refused."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Mapping[str, Any]:
        """Send a command and return its result; what happens meanwhile is kept."""
        number = next(self._numbers)
        session = {"sessionId": self._session} if self._session else {}
        self._to.write(json.dumps({"id": number, "method": method, "params": parameters, **session}).encode() + b"\0")
        self._to.flush()
        while True:
            message = self._message()
            if message.get("id") == number:
                assert "error" not in message, message
                result: Mapping[str, Any] = message["result"]
                return result

    def open(self, file: Path, *, width: int, dark: bool = False, media: str = "screen") -> None:
        """Show a file at a width, and wait until it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Page.navigate", url=file.resolve().as_uri())
        self.call("Page.bringToFront")
        assert self.run(
            "new Promise(done => document.readyState === 'complete' ? done(1) : addEventListener('load', done))"
        )

    def run(self, script: str) -> Any:
        """Return what an expression gives, once it is known; the page's policy does not bind it."""
        given = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", expression=script, **given)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value", True)

    def press(self, key: str, code: int) -> None:
        """Press a key and let it go."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    def _message(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._of.read(1)) != b"\0":
            assert byte, "the browser has ended"
            text += byte
        message: dict[str, Any] = json.loads(bytes(text))
        parameters = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(str(parameters["request"]["url"]))
        elif message.get("method") == "Log.entryAdded":
            self.complaints.append(str(parameters["entry"]["text"]))
        elif message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(parameters["exceptionDetails"]))
        return message


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; the test skips with the reason where none is installed."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if not program:
        unavailable(f"None of {', '.join(PROGRAMS)} is on PATH (Debian: chromium).")
    arguments = [
        *(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
        *(f"--user-data-dir={profile}", "--remote-debugging-pipe"),
    ]
    (of_ours, theirs), (its, to_us) = os.pipe(), os.pipe()
    # Their numbers must not be those that they become.
    pairs = [(os.dup(descriptor) if descriptor in {_READS, _WRITES} else descriptor) for descriptor in (of_ours, to_us)]
    actions = [
        (os.POSIX_SPAWN_DUP2, pairs[0], _READS),
        (os.POSIX_SPAWN_DUP2, pairs[1], _WRITES),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    process = os.posix_spawn(program, arguments, dict(os.environ), file_actions=actions, setpgroup=0)
    os.close(of_ours)
    os.close(to_us)
    try:
        with os.fdopen(theirs, "wb") as to, os.fdopen(its, "rb", buffering=65536) as of:
            yield Browser(to, of)
    finally:
        os.killpg(process, signal.SIGKILL)
        os.waitpid(process, 0)
