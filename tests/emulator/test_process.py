"""How the emulator starts and stops."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.emulator import Emulator, EmulatorError, server
from tests.emulator.__main__ import parse
from tests.emulator.conftest import client_of

CHECKOUT = Path(__file__).resolve().parents[2]


def wait_until_gone(pid: int, seconds: float = 120.0) -> bool:
    """Whether a process that is no child of ours ends within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().rsplit(")", maxsplit=1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


class TestEmulator:
    def test_is_the_account_asked_for_and_then_gone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Account and address are as asked, whatever AWS settings the user has; after the block nothing answers."""
        monkeypatch.setenv("AWS_PROFILE", "production")
        with Emulator(account_id="444455556666") as aws:
            monkeypatch.delenv("AWS_PROFILE")
            sts = client_of(aws, "sts")
            assert sts.get_caller_identity()["Account"] == "444455556666"
            assert aws.endpoint.startswith("http://127.0.0.1:")
            sts.close()
        assert not aws.running
        with pytest.raises(EmulatorError, match="has stopped"):
            aws.calls()

    def test_environment_leads_nowhere_else(self, aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        """Proxies and the user's own AWS settings do not reach a subprocess; everything else does."""
        monkeypatch.setenv("AWS_PROFILE", "production")
        monkeypatch.setenv("https_proxy", "http://proxy.invalid")
        monkeypatch.setenv("KEPT", "yes")
        environment = aws.environment()
        assert "AWS_PROFILE" not in environment
        assert "https_proxy" not in environment
        assert environment["KEPT"] == "yes"
        assert environment["AWS_ENDPOINT_URL"] == aws.endpoint

    def test_stops_with_a_held_call(self) -> None:
        """A call that is held for ever does not keep the server."""
        with Emulator() as aws:
            hold = aws.hold("sts", "GetCallerIdentity")
            connection = http.client.HTTPConnection("127.0.0.1", int(aws.endpoint.rsplit(":", 1)[1]), timeout=120)
            signature = "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/sts/aws4_request, Signature=b"
            headers = {"Authorization": signature, "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", headers)
            hold.wait(120)
        assert not aws.running
        connection.close()

    def test_stops_when_its_parent_is_killed(self) -> None:
        """No server is left behind by a test run that ends without cleaning up."""
        script = "import time; from tests.emulator import Emulator; print(Emulator().pid, flush=True); time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE) as parent:
            assert parent.stdout
            pid = int(parent.stdout.readline())
            os.kill(parent.pid, signal.SIGKILL)
        assert wait_until_gone(pid)

    def test_reports_why_it_does_not_start(self) -> None:
        """The output of the child is in the error."""
        with pytest.raises(EmulatorError, match=r"did not start(.|\n)*No such file or directory"):
            Emulator(log=Path("/nonexistent/calls.jsonl"))

    def test_refuses_another_moto(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The message names both versions and what to do."""
        monkeypatch.setattr(server, "MOTO_VERSION", "5.0.0")
        with pytest.raises(server.WrongMotoVersionError, match=r"written for moto 5\.0\.0; 5\.2\.5 is installed"):
            server.check_moto_version()


class TestCommandLine:
    def test_takes_the_account_of_an_environment_file(self, capsys: pytest.CaptureFixture[str]) -> None:
        """`--account` makes it that account; what is no account ID is refused."""
        assert parse(["--account", "444455556666"])[0].account_id == "444455556666"
        assert parse([])[0].account_id == "111122223333"
        with pytest.raises(SystemExit):
            parse(["--account", "4444-5555-6666"])
        assert "'4444-5555-6666' is no account ID: 12 digits" in capsys.readouterr().err

    def test_prints_what_to_export(self) -> None:
        """Run alone, it prints the endpoint and the variables for another terminal, and ends at an interrupt."""
        command = [sys.executable, "-m", "tests.emulator"]
        with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            lines: list[str] = []
            while not lines or not lines[-1].startswith("unset"):
                lines.append(process.stdout.readline())
                assert lines[-1] or process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.wait(120) == 0
        assert lines[0].startswith("Emulated AWS account 111122223333 on http://127.0.0.1:")
        assert any(line.startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:") for line in lines)
