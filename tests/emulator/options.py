"""What the emulator can be told at its start."""

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
DEFAULT_ACCOUNT_ID = "111122223333"
DEFAULT_REGION = "eu-west-1"
MOTO_VERSION = "5.2.5"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Start-up options of the emulator; the command line of `python -m tests.emulator` has one flag for each."""

    port: int = 0  #: 0 is a free port
    account_id: str = DEFAULT_ACCOUNT_ID  #: what STS answers and every ARN carries
    log: Path | None = None  #: JSON lines, one per API call, appended
    eks_endpoint: str | None = None  #: URL that every EKS cluster reports instead of an invented one
    eks_ca_file: Path | None = None  #: PEM file that every EKS cluster reports as its certificate authority

    def arguments(self) -> list[str]:
        """Returns the command line flags that reproduce these options."""
        flags = ["--port", str(self.port), "--account", self.account_id]
        if self.log:
            flags += ["--log", str(self.log)]
        if self.eks_endpoint:
            flags += ["--eks-endpoint", self.eks_endpoint]
        if self.eks_ca_file:
            flags += ["--eks-ca-file", str(self.eks_ca_file)]
        return flags
