"""The certificate of the web interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from constructs.settings.environment import Environment

from ops.clients.aws import Aws, readable
from ops.console.errors import NotFoundError
from ops.console.pages import Page
from ops.preflight.check import Check, not_yet, ok, problem

SUBJECT = "certificate"

#: ACM renews its own 60 days before their end; one that is closer to it is not being renewed.
SHORTEST = timedelta(days=14)


def check_certificates(environment: Environment, aws: Aws, now: datetime | None = None) -> Iterator[Check]:
    """Whether each certificate is there, issued and good for a while, and each host name has one.

    That they are of the region, as load balancers want it, the environment file was checked for.
    """
    web = environment.airflow.web
    if not web.has_balancer:
        yield not_yet(SUBJECT, "none: no load balancer is made")
        return
    if not web.certificate_arns:
        yield not_yet(SUBJECT, "none: the web interface is served by plain HTTP")
    known: set[str] = set()
    for arn in web.certificate_arns:
        try:
            with readable(f"look at the certificate {arn}"):
                found = aws.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
        except NotFoundError:
            yield problem(SUBJECT, f"there is no {arn}", "request it in ACM, or correct it in airflow.web")
            continue
        known.update(names_of(found))
        # Of several each may be for other names; the first is for the first.
        yield judge(found, str(web.host_name) if arn == web.certificate_arn else None, now or datetime.now(UTC))
    if known:
        for host_name in web.further_host_names:
            if not any(covers(name, host_name) for name in known):
                fix = f"request one for {host_name}, and add it to airflow.web.further_certificate_arns"
                yield problem(SUBJECT, f"none is for {host_name}", fix)


def names_of(certificate: Mapping[str, Any]) -> list[str]:
    """Return the names that a certificate, as ACM describes it, is for."""
    return list(certificate.get("SubjectAlternativeNames") or [certificate.get("DomainName", "")])


def judge(certificate: Mapping[str, Any], host_name: str | None, now: datetime) -> Check:
    """What a certificate, as ACM describes it, is worth for a host on a day; None: for whichever it names."""
    if certificate["Status"] != "ISSUED":
        return problem(
            SUBJECT,
            f"{certificate['CertificateArn']} is {certificate['Status']}, not ISSUED",
            "complete its validation: console, Certificate Manager; it shows the DNS record that ACM waits for",
            Page.CERTIFICATE,
        )
    names = names_of(certificate)
    if host_name is not None and not any(covers(name, host_name) for name in names):
        return problem(SUBJECT, f"it is for {', '.join(names)}, not for {host_name}", f"request one for {host_name}")
    end = certificate.get("NotAfter")
    if end and end - now < SHORTEST:
        return problem(
            SUBJECT,
            f"it ends on {end:%Y-%m-%d}",
            "renew it: console, Certificate Manager; or import a new one",
            Page.CERTIFICATE,
        )
    return ok(SUBJECT, f"issued for {', '.join(names)}" + (f", until {end:%Y-%m-%d}" if end else ""))


def covers(name: str, host_name: str) -> bool:
    """Whether a certificate's name is that of a host; `*` stands for one label."""
    wanted, known = host_name.casefold(), name.casefold()
    return wanted.partition(".")[2] == known[2:] if known.startswith("*.") else wanted == known
