"""Hypothesis strategies for the section `airflow` of environment files that keep every rule."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.property.place import Place, Values, principals, whole, words

WEB_ACL = "regional/webacl/airflow/1234abcd-12ab-44cd-96ef-1234567890ab"
CERTIFICATE = "certificate/1234abcd-12ab-44cd-96ef-1234567890ab"
KNOWN_HOSTS = (
    "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    "# a comment\n\n[git.example.com]:2222,10.0.0.1 ecdsa-sha2-nistp256 AAAAE2VjZHNh+/== me@example.com\n",
    "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA\n" * 20,
)
SECRETS = st.sampled_from(("airflow/git", "a", "s" * 512, "a/_+=.@-9"))
SHORT_SECRETS = st.sampled_from(("acme/sign-in", "a", "s" * 128))
REVISIONS = whole(1, 1_000_000)
#: Of the components: as much as the largest quota has room for, however many there are.
CPU = st.sampled_from(("5m", "250m", "0.5", "1", "1.25", "8"))
MEMORY = st.sampled_from(("16Mi", "1024Mi", "1Gi", "1.5Gi", "64Gi"))
PRIORITIES = st.sampled_from(("high", "low", None))
#: Components that no spot node may be named for, and others.
NEEDED = ("api_server", "scheduler", "pgbouncer", "redis")
OTHERS = ("dag_processor", "triggerer", "workers", "statsd", "task_pod")


@st.composite
def sent(draw: st.DrawFn, section: Values, group: str, *, spot: bool, everything: bool) -> Values:
    """The section with some of the components sent to a node group."""
    names = (*OTHERS, *(() if spot else NEEDED))
    chosen = names if everything else draw(st.lists(st.sampled_from(names), unique=True, max_size=3))
    if not chosen:
        return section
    components = dict(section.get("components") or {})
    components |= {name: {**(components.get(name) or {}), "node_group": group} for name in chosen}
    cleanup = {"cleanup": {**section["cleanup"], "node_group": group}} if section.get("cleanup") else {}
    return {**section, "components": components, **cleanup}


def _image(place: Place) -> SearchStrategy[Values]:
    names = ("apache/airflow", "registry.example.com:5000/team/air_flow", "a", f"111122223333.dkr.ecr/{'r' * 200}")
    tags = st.sampled_from(("3.3.2-1", "latest", "_", "t" * 128, "A.b-c_d"))
    which = st.fixed_dictionaries({"tag": tags}) | st.just({"digest": f"sha256:{'0a' * 32}"})
    rest = place.section(
        {"pull_secret_name": SECRETS | st.none(), "pull_secret_revision": REVISIONS},
        {"repository": st.sampled_from(names)},
    )
    own = st.fixed_dictionaries({"repository": st.just("managed")}, optional={"tag": tags})
    return st.builds(lambda one, other: {**one, **other}, rest, which) | own


def _dags(place: Place) -> SearchStrategy[Values]:
    """By git-sync, or as bundles; some with names that the stack has for its own secrets."""
    revision = place.section({"credentials_revision": REVISIONS})
    synced = st.builds(lambda git, more: {**git, **more}, _git(place, SECRETS), revision)
    names = st.sampled_from(("team-a", "database", "fernet-1", "sign-in", "b" * 30))
    several = st.dictionaries(names, _git(place, SHORT_SECRETS), min_size=1, max_size=3)
    bundled = st.builds(lambda bundles, more: {"source": "bundles", "bundles": bundles, **more}, several, revision)
    return synced | bundled


def _git(place: Place, secrets: SearchStrategy[str]) -> SearchStrategy[Values]:
    references = st.sampled_from(
        (
            {"branch": "main"},
            {"branch": "feature/#12_a+b@c", "tag": None, "commit": None},
            {"branch": None, "tag": "v1.0", "commit": None},
            {"commit": "0123456789abcdef0123456789abcdef01234567"},
        )
    )
    common = place.section(
        {
            "sub_path": st.sampled_from(("", "dags", "a/.b/c-d_e+f", "p" * 200)),
            "sync_period_seconds": whole(5, 3600),
            "token_username": words("aZ9_.@+-", 100),
        }
    )
    by_https = place.section(
        {"token_secret_name": secrets | st.none()},
        {
            "repository": st.sampled_from(
                ("https://github.com/acme/dags.git", "https://git.example.com:8443/a/b/c-d~e/")
            )
        },
    )
    by_ssh = place.section(
        {"token_secret_name": st.none()},
        {
            "repository": st.sampled_from(("git@github.com:acme/dags.git", "ssh://git@git.example.com:2222/acme/dags")),
            "ssh_key_secret_name": secrets,
            "known_hosts": st.sampled_from(KNOWN_HOSTS),
        },
    )
    return st.builds(
        lambda one, two, three: {**one, **two, **three}, common, by_https | by_ssh, references | st.just({})
    )


def _web(place: Place) -> SearchStrategy[Values]:
    public = st.lists(st.sampled_from(("203.0.113.0/24", "198.51.100.7/32", "8.0.0.0/8")), min_size=1, unique=True)
    reached = place.section(
        {
            "scheme": st.sampled_from(("internal", "internet-facing")),
            "open_to_the_internet": st.booleans(),
            "idle_timeout_seconds": whole(1, 4000),
            "waf_acl_arn": st.sampled_from((place.arn("wafv2", WEB_ACL), "none", None)),
            "access_logs": st.sampled_from(({}, {"bucket": "acme-logs", "prefix": "a"}, {"enabled": False}, None)),
            "annotations": st.just({"example.com/a": "b"}),
        },
        {"allowed_cidrs": public},
    )
    private = st.just({"scheme": "internal", "allowed_cidrs": ["10.0.0.0/8", "192.168.1.0/24"]})
    wide_open = st.just({"open_to_the_internet": True, "allowed_cidrs": ["0.0.0.0/0"]})
    host_names = st.sampled_from(("airflow.example.com", "a.b", f"{'h' * 63}.{'h' * 63}.xn--p1ai"))
    encrypted = place.section(
        {
            "hosted_zone_id": st.sampled_from(("Z1", f"Z{'0A' * 15}", None)),
            "unencrypted_http": st.just(value=False),
            "further_host_names": st.just(["b.example.com", "c.example.com"]),
            "ingress_group": st.sampled_from(("tools", "a.b-c", None)),
        },
        {"certificate_arn": st.just(place.arn("acm", CERTIFICATE)), "host_name": host_names},
    )
    plain = st.just({"unencrypted_http": True}) | st.just(
        {"unencrypted_http": True, "host_name": "airflow.internal.test"}
    )
    if place.everything:
        return st.builds(lambda one, other: {**one, **other}, reached, encrypted)
    proxies = st.just(["10.0.0.0/8", "192.168.1.0/24"])
    without_balancer = st.just({"expose": "none"}) | st.builds(
        lambda host, ranges: {"expose": "service", "host_name": host, "trusted_proxy_cidrs": ranges},
        host_names,
        proxies,
    )
    balancer = st.builds(lambda one, other: {**one, **other}, reached | private | wide_open, encrypted | plain)
    return balancer | balancer | without_balancer


def _components(place: Place) -> SearchStrategy[Values]:
    """Each component with its own keys; the limit is the most there is, so that it is never below the request."""
    container = {"cpu": CPU, "memory": MEMORY, "cpu_limit": st.just("192") | st.none()}
    pod = {**container, "priority": PRIORITIES}
    pods = {**pod, "replicas": whole(1, 20)}
    own: dict[str, dict[str, SearchStrategy[Any]]] = {
        **dict.fromkeys(("api_server", "scheduler", "dag_processor", "triggerer"), pods),
        "workers": {
            **pods,
            "replicas": whole(1, 200),
            "concurrency": whole(1, 64),
            "termination_grace_seconds": whole(30, 86_400),
        },
        "pgbouncer": {**pods, "replicas": st.just(1)},
        "redis": {**pod, "volume_size_gib": whole(1, 1024)},
        "statsd": pod,
        **dict.fromkeys(("git_sync", "log_groomer"), container),
        "task_pod": {**pod, "cpu": CPU | st.just("192"), "memory": MEMORY | st.just("1536Gi")},
    }
    return place.section({name: place.section(keys) for name, keys in own.items()})


def _worker_sets(policies: SearchStrategy[str]) -> SearchStrategy[Values]:
    """Up to two sets, whose pods always find room beside the components."""
    own = st.fixed_dictionaries(
        {},
        optional={
            "cpu": st.just("5m"),
            "memory": st.just("16Mi"),
            "replicas": whole(0, 5),
            "concurrency": whole(1, 64),
            "termination_grace_seconds": whole(30, 900),
            "pod_policy_arns": st.none() | st.lists(policies, max_size=3, unique=True),
        },
    )
    scaled = st.fixed_dictionaries(
        {"max": whole(3, 5)},
        optional={"min": whole(0, 3), "cooldown_seconds": whole(0, 3600), "polling_seconds": whole(5, 600)},
    ).map(lambda keys: {"autoscaling": keys})
    own = own | st.builds(lambda keys, more: {**keys, **more, "replicas": 1}, own, scaled)
    names = st.sampled_from(("a", "large", "a-b", "w" * 20))
    sets = st.dictionaries(names, own, max_size=2)
    return sets.map(lambda found: {name: {"queues": [name, f"{name}.2"], **keys} for name, keys in found.items()})


def _maintenance(place: Place) -> dict[str, SearchStrategy[Values | None]]:
    """The quota is the largest there is: it has to suffice for whatever the components are."""
    quota = st.just({"cpu": "9999", "memory": "99999Gi", "pods": 10_000})
    schedules = st.sampled_from(("0 3 * * 0", "*/5 0-23/2 1,15,31 1-12 0-6", "59 23 31 12 6"))
    return {
        "quota": quota | st.none(),
        "limit_range": place.section({"cpu": CPU, "memory": MEMORY}) | st.none(),
        "cleanup": place.section(
            {"schedule": schedules, "retention_days": whole(1, 3650), "priority": PRIORITIES},
        )
        | st.none(),
    }


def _named(section: Values) -> Values:
    """The section, its version written where it has to be: beside a digest."""
    return {"version": "3.3.2", **section} if "digest" in (section.get("image") or {}) else section


def _sign_in(place: Place) -> SearchStrategy[Values | None]:
    url = "https://login.example.com:8443/a-b/c_d/.well-known/openid-configuration"
    own = {"discovery_url": url}
    providers = st.sampled_from(
        ({"provider": "generic", **own}, {"provider": "gitlab"}, {"provider": "github"}, {"provider": "okta", **own})
    )
    groups = st.sampled_from(("a", "cn=Data Eng,ou=x", "/path/of/group", "Förderung 'x' \"y\" $5 100%"))
    roles = st.dictionaries(groups, st.sampled_from(("Admin", "Own role", "a.b-c_9")), min_size=1, max_size=4)
    rest = place.section(
        {
            "client_secret_revision": REVISIONS,
            "scopes": st.lists(st.sampled_from(("openid", "a/b.c:d-e")), min_size=1, unique=True) | st.none(),
            "name_claim": st.sampled_from(("sub", "https://acme.com/name", "a.b")) | st.none(),
            "groups_claim": st.sampled_from(("groups", "cognito:groups")) | st.none(),
            "session_minutes": whole(5, 43_200),
            "local_admin": st.sampled_from(("keep", "break_glass", "none")),
        },
        {
            "client_id": st.sampled_from(("airflow", "0oa.b_c~d:e@f=")),
            "client_secret_name": SHORT_SECRETS,
            "roles": roles,
        },
    )
    made = st.builds(lambda provider, more: {**provider, **more}, providers, rest)
    return made if place.everything else made | st.none()


def _signed_in(section: Values, sign_in: Values | None) -> Values:
    """The section with sign-in by a provider, where there is a certificate for the way back."""
    return {**section, "sign_in": sign_in} if sign_in and section["web"].get("certificate_arn") else section


def airflow(place: Place) -> SearchStrategy[Values]:
    """The section with what is required of it and any of what else there is."""
    policies = principals(place, ("policy",)) | st.just(f"arn:{place.partition}:iam::aws:policy/ReadOnlyAccess")
    charts = st.sampled_from(
        ("https://airflow.apache.org", "oci://r.example.com:5000/charts/airflow", "./charts/airflow-1.22.0.tgz", "/c")
    )
    destinations = st.sampled_from(("0.0.0.0/0:443", "10.20.0.0/16:5432", "10.20.0.7/32:1", "192.0.2.0/24:65535"))
    # The smallest database of the strategies takes 112 connections.
    pools = place.section(
        {"metadata_pool_size": whole(1, 51), "max_client_connections": whole(20, 10_000)},
        {"result_backend_pool_size": whole(1, 51)},
    )
    sections = place.section(
        {
            "namespace": st.sampled_from(("airflow", "a", "0", "n" * 63)),
            "version": st.sampled_from(("3.3.2", "3.3.0", "3.2.2", "3.2.99", "3.12.0")),
            "executor": st.sampled_from(("CeleryExecutor", "KubernetesExecutor", "CeleryExecutor,KubernetesExecutor")),
            "pod_policy_arns": st.lists(policies, max_size=8, unique=True),
            "image": _image(place) | st.none(),
            "chart": place.section({"source": charts, "load_balancer_controller_source": charts}),
            "task_egress": st.just("any") | st.lists(destinations, unique=True),
            "secrets_backend": st.booleans(),
            "components": _components(place),
            "workers": _worker_sets(policies),
            "pgbouncer": pools,
            **_maintenance(place),
            "scraping": st.booleans(),
        },
        {"dags": _dags(place), "web": _web(place)},
    )
    named = st.builds(_dags_in_the_image, sections, st.booleans()).map(_named)
    named = st.builds(_templates, named, _task_pods())
    return st.builds(_signed_in, named, _sign_in(place))


def _task_pods() -> SearchStrategy[Values]:
    sizes = st.fixed_dictionaries({"cpu": st.just("5m"), "memory": st.just("16Mi")}, optional={"priority": PRIORITIES})
    return st.dictionaries(st.sampled_from(("large", "a", "a-b")), sizes, max_size=2)


def _templates(section: Values, task_pods: Values) -> Values:
    """The section with templates, where pods run tasks."""
    return {**section, "task_pods": task_pods} if "Kubernetes" in section.get("executor", "") else section


def _dags_in_the_image(section: Values, wanted: bool) -> Values:  # noqa: FBT001  # drawn
    """The section with its DAGs in its image, if it has one of its own."""
    return {**section, "dags": {"source": "image"}} if wanted and _chosen(section.get("image")) else section


def _chosen(image: Values | None) -> bool:
    return bool(image and ("tag" in image or "digest" in image))
