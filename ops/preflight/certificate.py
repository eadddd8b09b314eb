"""The certificate of the web interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.preflight.check import Check, not_yet, ok, problem

SUBJECT = "certificate"

#: ACM renews its own 60 days before their end; one that is closer to it is not being renewed.
SHORTEST = timedelta(days=14)


def check_certificate(environment: Environment, aws: Aws, now: datetime | None = None) -> Check:
    """Whether the certificate is there, issued, for the host name, and good for a while.

    That it is one of the region, as load balancers want it, the environment file was checked for.
    """
    web = environment.airflow.web
    arn = web.certificate_arn
    if arn is None:
        return not_yet(SUBJECT, "none: the web interface is served by plain HTTP")
    try:
        with readable(f"look at the certificate {arn}"):
            found = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except NotFoundError:
        return problem(SUBJECT, f"there is no {arn}", "request it in ACM, or correct airflow.web.certificate_arn")
    return judge(found, web.host_name or "", now or datetime.now(UTC))


def judge(certificate: Mapping[str, Any], host_name: str, now: datetime) -> Check:
    """What a certificate, as ACM describes it, is worth for a host on a day."""
    if certificate["Status"] != "ISSUED":
        return problem(
            SUBJECT,
            f"{certificate['CertificateArn']} is {certificate['Status']}, not ISSUED",
            "complete its validation: console, Certificate Manager; it shows the DNS record that ACM waits for",
        )
    names = certificate.get("SubjectAlternativeNames") or [certificate.get("DomainName", "")]
    if not any(covers(name, host_name) for name in names):
        return problem(SUBJECT, f"it is for {', '.join(names)}, not for {host_name}", f"request one for {host_name}")
    end = certificate.get("NotAfter")
    if end and end - now < SHORTEST:
        return problem(
            SUBJECT, f"it ends on {end:%Y-%m-%d}", "renew it: console, Certificate Manager; or import a new one"
        )
    return ok(SUBJECT, f"issued for {', '.join(names)}" + (f", until {end:%Y-%m-%d}" if end else ""))


def covers(name: str, host_name: str) -> bool:
    """Whether a certificate's name is that of a host; `*` stands for one label."""
    wanted, known = host_name.casefold(), name.casefold()
    return wanted.partition(".")[2] == known[2:] if known.startswith("*.") else wanted == known
