"""What a preflight makes of the repository of the DAGs, and how it asks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from constructs.settings.environment import Environment
from constructs.settings.loading.environment_file import load_environment
from constructs.settings.sections.airflow.dags import FOLDER_BUNDLE, DagsSettings

from ops.preflight import repository
from ops.preflight.check import Result
from ops.preflight.git_host import addresses, check_host
from ops.preflight.repository import Answer, Credentials, ask
from programs.own_tools import ROOT
from tests.availability import unavailable

#: Tells what ssh is given: its options, the agent's keys, and every file beside it that holds a key.
_SSH = """#!/bin/sh
echo "error: $* / $(ssh-add -l) / $(grep -rl 'PRIVATE KEY' .)" >&2
exit 1
"""


class TestDagRepository:
    @pytest.mark.parametrize(
        ("settings", "answer", "result", "said"),
        [
            ({}, Answer({"refs/heads/main": "0" * 40}), Result.OK, "answers, and has main"),
            ({}, Answer({"refs/tags/main": "0" * 40}), Result.PROBLEM, "it has no branch main"),
            ({"tag": "v1"}, Answer({"refs/tags/v1": "0" * 40}), Result.OK, "answers, and has v1"),
            ({"tag": "v1"}, Answer({"refs/heads/v1": "0" * 40}), Result.PROBLEM, "it has no tag v1"),
            ({"commit": "a" * 40}, Answer({}), Result.OK, "whether it has commit aaaaaaaaaaaa is not asked"),
            ({}, Answer(error="fatal: no"), Result.PROBLEM, "does not answer without credentials: fatal: no"),
            ({"token_secret_name": "git"}, Answer(error="x"), Result.PROBLEM, "with the credentials in git: x"),
        ],
    )
    def test_answers(self, settings: dict[str, str], answer: Answer, result: Result, said: str) -> None:
        """It has to answer, and to have the branch or tag that is followed."""
        dags = DagsSettings.model_validate({"repository": "https://git.acme.com/dags.git", **settings})
        checked = repository.judge(FOLDER_BUNDLE, dags, answer)
        assert checked.result is result
        assert said in checked.detail

    def test_credentials_of_whoever_asks_are_not_used(self, tmp_path: Path) -> None:
        """Git is asked as in the cluster: a helper of the user's own configuration would hide a missing token."""
        asked = tmp_path / "asked"
        (tmp_path / ".gitconfig").write_text(
            f'[credential]\n\thelper = "!touch {asked}; #"\n[url "{tmp_path}/"]\n\tinsteadOf = https://dags/\n',
            encoding="utf-8",
        )
        answer = ask("https://dags/none.git", Credentials(), {**os.environ, "HOME": str(tmp_path)})
        assert answer.error
        assert str(tmp_path) not in answer.error
        assert not asked.exists()

    @pytest.mark.parametrize(("passphrase", "said"), [("", "airflow-dags"), ("pass", "no private key without passph")])
    def test_a_key_is_in_no_file(self, tmp_path: Path, passphrase: str, said: str) -> None:
        """Ssh has it, and no other, from an agent: a preflight that is killed leaves no file with a key."""
        if not shutil.which("ssh-agent"):
            unavailable("OpenSSH is not installed.")
        key, program = tmp_path / "key", tmp_path / "programs" / "ssh"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "airflow-dags", "-f", str(key)], check=True
        )
        program.parent.mkdir()
        program.write_text(_SSH, encoding="utf-8")
        program.chmod(0o755)
        environ = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        credentials = Credentials(key=key.read_text(encoding="utf-8"), known_hosts="git.acme.com ssh-ed25519 AAAA")
        error = ask("git@git.acme.com:acme/dags.git", credentials, environ).error
        assert said in error
        assert "PRIVATE" not in error
        if not passphrase:
            options, _, files = error.split(" / ")
            assert "IdentityFile=none" in options
            assert "StrictHostKeyChecking=yes" in options
            assert files.startswith("fatal:")  # git's own words: no file was found

    def test_what_is_missing_is_named(self, tmp_path: Path) -> None:
        """Without git, or without the agent that a key needs, that is what is said."""
        url = "git@git.acme.com:acme/dags.git"
        assert ask(url, Credentials(), {"PATH": str(tmp_path)}).error == "git is not on PATH"
        (tmp_path / "git").symlink_to(str(shutil.which("git")))
        assert ask(url, Credentials(key="k"), {"PATH": str(tmp_path)}).error == "ssh-agent is not on PATH"


def _environment(folder: Path, repository_url: str, egress: str) -> Environment:
    """Dev with another repository."""
    path, settings = folder / "dev.yaml", (ROOT / "environments" / "dev.yaml").read_text(encoding="utf-8")
    url = "https://github.com/example/airflow-dags.git"
    assert url in settings
    changed = settings.replace(url, repository_url).replace("airflow:\n", f"airflow:\n  task_egress: {egress}\n", 1)
    path.write_text(changed, encoding="utf-8")
    return load_environment(path)


class TestHost:
    @pytest.mark.parametrize(
        ("url", "found", "egress", "destination"),
        [
            ("https://git.acme.com/dags.git", ["10.2.3.4"], "[]", "10.2.3.4/32:443"),
            ("https://git.acme.com:8443/dags.git", ["100.64.0.1", "8.8.8.8"], "[]", "100.64.0.1/32:8443"),
            ("https://git.acme.com/dags.git", ["10.2.3.4", "10.2.3.5"], "['10.2.3.4/32:443']", "10.2.3.5/32:443"),
            ("https://git.acme.com/dags.git", ["10.2.3.4"], "['10.2.0.0/16:22']", "10.2.3.4/32:443"),
        ],
    )
    def test_a_name_of_a_private_address(
        self, tmp_path: Path, url: str, found: list[str], egress: str, destination: str
    ) -> None:
        """Network policies keep git-sync from it: said, with what to add. It stops nobody: names differ by network."""
        (check,) = check_host(_environment(tmp_path, url, egress), lambda _: list(map(IPv4Address, found)))
        assert check.result is Result.UNKNOWN
        assert destination.partition("/")[0] in check.detail
        assert f"add {destination} to airflow.task_egress" in check.fix

    @pytest.mark.parametrize(
        ("found", "egress"),
        [
            (["93.184.215.14"], "[]"),
            ([], "[]"),
            (["10.2.3.4"], "any"),
            (["10.2.3.4"], "['10.2.0.0/16:443']"),
        ],
        ids=["public", "does not resolve", "everything is reached", "listed"],
    )
    def test_nothing_to_say(self, tmp_path: Path, found: list[str], egress: str) -> None:
        """No line where the policies let git-sync through, and none where nobody knows."""
        environment = _environment(tmp_path, "https://git.acme.com/dags.git", egress)
        assert list(check_host(environment, lambda _: list(map(IPv4Address, found)))) == []

    def test_an_address_is_not_asked_for(self, tmp_path: Path) -> None:
        """The environment file was checked for that."""
        environment = _environment(tmp_path, "https://10.2.3.4/dags.git", "['10.2.3.4/32:443']")
        assert list(check_host(environment, lambda _: pytest.fail("asked"))) == []

    def test_names_are_resolved_as_this_machine_does(self) -> None:
        """By its own resolver; a name that there is not has no address."""
        assert addresses("localhost") == [IPv4Address("127.0.0.1")]
        assert addresses("no-such-name.invalid") == []

    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://git.acme.com/dags.git", "git.acme.com"),
            ("https://git.acme.com:8443/a/dags.git", "git.acme.com"),
            ("ssh://git@10.2.3.4:22/dags.git", "10.2.3.4"),
            ("git@git.acme.com:acme/dags.git", "git.acme.com"),
        ],
    )
    def test_host_of_a_url(self, url: str, host: str) -> None:
        """Without scheme, user and port."""
        assert DagsSettings.model_construct(repository=url).host == host
