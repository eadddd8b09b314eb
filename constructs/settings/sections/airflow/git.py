"""A Git repository with DAGs: what of it is deployed, and how it is reached, in section `airflow.dags`."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, ClassVar

from constructs.settings.sections.secrets import SecretName
from constructs.settings.values.section import Section
from constructs.settings.values.shapes import PORT, Shape, Whole, mistake
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
_USER = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_PATH = r"[A-Za-z0-9_.~+-]+(/[A-Za-z0-9_.~+-]+)*/?"
LONGEST_URL = 1024
DEFAULT_BRANCH = "main"
#: What the secret of either way is, whichever names are allowed for it.
BY_HTTPS = (
    "Private repository over https: name of a secret in Secrets Manager (this account and region) that holds a token "
    "which may read it, as plain text."
)
BY_SSH = (
    "Required with an SSH URL: name of a secret in Secrets Manager (this account and region) that holds the private "
    "key, without passphrase, as plain text."
)


def _refuse_credentials(value: object) -> object:
    """A token in the URL would stand in the state, in the pods' specification and in git-sync's log."""
    if isinstance(value, str) and re.match(r"https?://[^/]*@|ssh://[^/@:]*:[^/]*@", value[:LONGEST_URL]):
        raise mistake(
            allowed="a URL without user name, password or token",
            fix="put the token into AWS Secrets Manager and name that secret in token_secret_name",
            note="it holds credentials",
        )
    return value


RepositoryUrl = Annotated[
    str,
    Shape(
        rf"https://{_HOST}(:{PORT})?/{_PATH}|ssh://{_USER}@{_HOST}(:{PORT})?/{_PATH}|{_USER}@{_HOST}:{_PATH}",
        allowed="the URL of a Git repository: https://host/path, ssh://user@host/path or git@host:path, of letters, "
        "digits and _ . ~ + -; ports up to 65535",
        fix="copy the clone URL; https://github.com/example/airflow-dags.git, git@github.com:example/airflow-dags.git",
        longest=LONGEST_URL,
    ),
    BeforeValidator(_refuse_credentials),
]
#: What git check-ref-format allows, of plain characters only.
ReferenceName = Annotated[
    str,
    Shape(
        r"(?!refs/|.*(\.\.|//|/\.|\.lock(/|$)))[A-Za-z0-9_][A-Za-z0-9_./+#@-]*(?<![./])",
        allowed="the name of a branch or tag: 1 to 200 letters, digits and _ . / + # @ - as Git allows; no refs/...",
        fix="write the name only, such as main; numbers in quotes",
        longest=200,
    ),
]
Commit = Annotated[
    str,
    Shape(
        "[0-9a-f]{40}",
        allowed="the whole name of a commit: 40 hexadecimal digits in lower case",
        fix="copy it from: git rev-parse HEAD; in quotes",
        longest=40,
    ),
]
SubPath = Annotated[
    str,
    Shape(
        r"((?!\.{1,2}(/|$))[A-Za-z0-9_.+-]+(/(?!\.{1,2}(/|$))[A-Za-z0-9_.+-]+)*)?",
        allowed='a path inside the repository, of letters, digits and _ . + - /; no slash at either end, no ".."; '
        'empty ("") for the whole repository',
        fix="write a path such as dags",
        longest=200,
    ),
]
UserName = Annotated[
    str,
    Shape(
        "[A-Za-z0-9_.@+-]+",
        allowed="a user name: 1 to 100 letters, digits and _ . @ + -",
        fix="write the name that goes with the token, such as git, x-access-token or oauth2",
        longest=100,
    ),
]
_KNOWN_HOST = (
    r"(@cert-authority |@revoked )?[A-Za-z0-9.,:|=/+*?!\[\]_-]+ "
    r"(sk-)?(ssh|ecdsa-sha2)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( [A-Za-z0-9 ._:,/@+-]*)?"
)
_NO_HOST = r"(#[^\n{}]*)?"
KnownHosts = Annotated[
    str,
    Shape(
        rf"({_NO_HOST}\n)*{_KNOWN_HOST}(\n({_KNOWN_HOST}|{_NO_HOST}))*",
        allowed="lines as in ~/.ssh/known_hosts, at least one: host, kind of key, key; lines of comment start with #",
        fix="write `known_hosts: |` and below it, indented, what `ssh-keyscan <host>` prints, once you have compared "
        "its fingerprint with the one that the host publishes",
        longest=16_384,
    ),
]


class GitSettings(Section):
    """A repository, and how one gets in. All its text is free of templates."""

    place: ClassVar[str]
    """Where it stands in the environment file, for messages."""

    repository: RepositoryUrl | None = Field(
        default=None,
        description="URL of the Git repository that holds the DAGs: https://host/path, ssh://user@host/path or "
        "git@host:path, without credentials in it.",
    )
    branch: ReferenceName | None = Field(
        default=None,
        description=f"Branch that is followed. At most one of branch, tag, commit; without any, {DEFAULT_BRANCH}.",
    )
    tag: ReferenceName | None = Field(
        default=None, description="Tag that is deployed. At most one of branch, tag, commit."
    )
    commit: Commit | None = Field(
        default=None, description="Commit that is deployed, all 40 digits. At most one of branch, tag, commit."
    )
    sub_path: SubPath = Field(
        default="dags", description='Folder of the DAGs inside the repository; "" for the whole repository.'
    )
    sync_period_seconds: Annotated[int, Whole(5, 3600, "seconds")] = Field(
        default=60, description="How often the repository is asked for news, in seconds, 5 to 3600."
    )
    token_secret_name: SecretName | None = Field(default=None, description=BY_HTTPS)
    token_username: UserName = Field(
        default="git",
        description="User name that goes with the token: any for GitHub and GitLab, x-token-auth for Bitbucket.",
    )
    ssh_key_secret_name: SecretName | None = Field(default=None, description=BY_SSH)
    known_hosts: KnownHosts | None = Field(
        default=None,
        description="Required with an SSH URL: the host's public keys, lines as in ~/.ssh/known_hosts.",
    )

    @property
    def url(self) -> str:
        """The repository; empty where there is none."""
        return self.repository or ""

    @property
    def credentials_secret(self) -> str | None:
        """Name of the secret with the token or the key that it is reached by; None for a public repository."""
        return self.token_secret_name or self.ssh_key_secret_name

    @property
    def uses_ssh(self) -> bool:
        """Whether the repository is reached by SSH."""
        return bool(self.url) and _is_ssh(self.url)

    @property
    def port(self) -> int:
        """The TCP port that the repository is reached by."""
        named = re.match(r"(?:https|ssh)://[^/]*:([0-9]+)/", self.url)
        return int(named[1]) if named else 22 if self.uses_ssh else 443

    @property
    def host(self) -> str:
        """Name or address of the machine that the repository is on."""
        named = re.match(r"(?:(?:https|ssh)://)?(?:[^/@:]*@)?([^/:]+)[:/]", self.url)
        return named[1] if named else ""

    @property
    def address(self) -> IPv4Address | None:
        """The host, if the repository's URL names an address; None for a name."""
        try:
            return IPv4Address(self.host)
        except AddressValueError:
            return None

    @property
    def private_address(self) -> IPv4Address | None:
        """The address that the repository's URL names, if it is one that the Internet doesn't have."""
        return self.address if self.address and not self.address.is_global else None

    @property
    def reference(self) -> str:
        """The commit, tag or branch that is deployed."""
        return self.commit or self.tag or self.branch or DEFAULT_BRANCH

    @field_validator("tag", "commit")
    @classmethod
    def _is_the_only_reference(cls, value: str | None, info: ValidationInfo) -> str | None:
        others = [key for key in ("branch", "tag") if key != info.field_name and info.data.get(key) is not None]
        if value is not None and others:
            raise mistake(
                allowed="one of branch, tag and commit: only one can be deployed",
                fix=f"remove {cls.place}.{others[0]} or {cls.place}.{info.field_name}",
                note=f"{cls.place}.{others[0]} is {info.data[others[0]]}",
            )
        return value

    @field_validator("token_secret_name")
    @classmethod
    def _suits_https(cls, name: str | None, info: ValidationInfo) -> str | None:
        repository = info.data.get("repository")
        if name is not None and repository is not None and _is_ssh(repository):
            raise mistake(
                allowed=f"nothing while {cls.place}.repository is an SSH URL: tokens go with https",
                fix=f"write the repository as https://..., or name the key in {cls.place}.ssh_key_secret_name instead",
            )
        return name

    @field_validator("ssh_key_secret_name", "known_hosts")
    @classmethod
    def _suits_ssh(cls, value: str | None, info: ValidationInfo) -> str | None:
        repository = info.data.get("repository")
        if repository is None:
            return value
        if _is_ssh(repository) and value is None:
            what = "the private key's secret" if info.field_name == "ssh_key_secret_name" else "the host's public keys"
            raise mistake(
                allowed=f"{what}: {cls.place}.repository is an SSH URL",
                fix=f"add {cls.place}.{info.field_name}, or write the repository as https://...",
            )
        if not _is_ssh(repository) and value is not None:
            raise mistake(
                allowed=f"nothing while {cls.place}.repository is an https URL: keys and known hosts go with SSH",
                fix=f"remove {cls.place}.{info.field_name}, or write the repository as git@host:path",
            )
        return value


def _is_ssh(repository: str) -> bool:
    return not repository.startswith("https://")
