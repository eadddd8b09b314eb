"""The Node side: jsii's Node process takes a provider package's `lib/lazy-index.js` for its `lib/index.js`.

`lazy_provider_index.cjs` does it, and has to run in that process before the first provider package is loaded there.
The process is running already: importing anything below `constructs` runs PyPI's `constructs`, whose import starts it,
so that `NODE_OPTIONS=--require` would come too late. But jsii loads packages into it on request. The script is packed
as a jsii package without types and loaded like any other: requiring its main file runs it. Nothing is set in the
environment, a `NODE_OPTIONS` of the user's own is untouched, and no other process is affected.
"""

import gzip
import io
import json
import re
import tarfile
import tempfile
import warnings
from pathlib import Path

import jsii
from jsii.errors import JSIIError

_SCRIPT = Path(__file__).with_name("lazy_provider_index.cjs")
#: What jsii calls the packages that the script looks at; the same in it.
_KNOWN = re.compile(r"@cdkt[fn]/provider-[^/]+")
_NAME = "airflow-lazy-provider-index"
_VERSION = "1.0.0"

_PACKAGE_JSON = {"name": _NAME, "version": _VERSION, "main": _SCRIPT.name}
# The least that jsii takes for an assembly; https://github.com/aws/jsii/blob/main/packages/%40jsii/spec/src/assembly.ts
_ASSEMBLY = {
    "schema": "jsii/0.10.0",
    "name": _NAME,
    "version": _VERSION,
    "jsiiVersion": "5.8.0",
    "fingerprint": "none",
    "description": "Answers a provider package's index with its lazy index",
    "license": "Apache-2.0",
    "author": {"name": "airflow-on-eks", "roles": ["author"]},
    "homepage": "",
    "repository": {"type": "git", "url": ""},
}


def knows(package: str) -> bool:
    """Whether the script cares for the package that jsii calls so (`@cdktf/provider-aws`)."""
    return _KNOWN.fullmatch(package) is not None


def load_lazy_provider_index() -> None:
    """Makes provider packages that jsii loads from now on load their modules when first used.

    Warns, and leaves the packages as shipped, if jsii refuses the script.
    """
    with tempfile.TemporaryDirectory() as folder:
        tarball = Path(folder, f"{_NAME}.tgz")
        tarball.write_bytes(_packed())
        try:
            jsii.load(_NAME, _VERSION, str(tarball))
        except (JSIIError, RuntimeError) as error:
            warnings.warn(
                f"provider packages load slowly, as shipped: jsii refused {_SCRIPT.name}: {error}", stacklevel=2
            )


def _packed() -> bytes:
    """The script as jsii wants its packages; always the same bytes, since jsii caches packages by their digest."""
    files = {
        "package.json": json.dumps(_PACKAGE_JSON).encode(),
        ".jsii": json.dumps(_ASSEMBLY).encode(),
        _SCRIPT.name: _SCRIPT.read_bytes(),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)
