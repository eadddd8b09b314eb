"""Which modules of the provider packages this program uses: those that its source imports.

`from cdktf_cdktf_provider_aws.vpc import Vpc` names one; `import cdktf_cdktf_provider_aws` and
`from cdktf_cdktf_provider_aws import vpc` may mean any, so that package is then used as a whole.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: What the checkout's programs are made of: `cdktf deploy`, `make bootstrap`, and both of their imports.
PROGRAM = ("main.py", "bootstrap", "constructs")
#: What the provider packages' names begin with.
PREFIX = "cdktf_cdktf_provider_"
_IMPORT = re.compile(rf"^[ \t]*(?:from|import)[ \t]+({PREFIX}\w+)(?:\.(\w+))?".encode(), re.MULTILINE)


def used_modules(sources: Iterable[bytes]) -> Mapping[str, frozenset[str] | None]:
    """Return each provider package with the modules that the sources import of it; None where it may be any."""
    used: dict[str, frozenset[str] | None] = {}
    for source in sources:
        for package, module in _IMPORT.findall(source):
            name = package.decode()
            known = used.setdefault(name, frozenset())
            used[name] = known | {module.decode()} if known is not None and module else None
    return used


def program_sources() -> Iterator[bytes]:
    """Yield the source of the checkout's programs, and of the one that is running where it is another."""
    files = {file for part in PROGRAM for file in (ROOT / part).glob("**/*.py")} | {ROOT / "main.py"}
    running = Path(sys.argv[0]) if sys.argv else Path()
    if running.suffix == ".py":
        files.add(running.resolve())
    for file in sorted(files):
        try:
            yield file.read_bytes()
        except OSError:  # a program that has no file, or none that is read twice
            continue
