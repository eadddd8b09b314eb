"""One's own authorities and the public ones in one file, which is what libraries take."""

from __future__ import annotations

from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from constructs.settings.sections.airflow.trusted_certificates import certificates_in


def bundle(own: str) -> str:
    """Return one's own certificates and the public ones, which any setting of a library's replaces: those of botocore.

    Comments name what there is, for people who read a plan.
    """
    spec = find_spec("botocore")
    [folder] = spec.submodule_search_locations or [] if spec else []
    public = certificates_in((Path(folder) / "cacert.pem").read_text(encoding="utf-8"))
    ours = certificates_in(own)
    digest = sha256("".join(ours).encode()).hexdigest()[:16]
    titles = (f"# airflow.trusted_certificates: {len(ours)}, digest {digest}", f"# public authorities: {len(public)}")
    return "\n".join([titles[0], *ours, titles[1], *public]) + "\n"
