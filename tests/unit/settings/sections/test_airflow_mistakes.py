"""Every rule on a single value of the section `airflow`: what breaks it, and what the report says then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.settings.document.problems import Problem

Problems = Callable[[dict[str, str | None]], list[Problem]]

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-44cd-96ef-1234567890ab"
DIGEST = f"sha256:{'0a' * 32}"

#: Key below `airflow` set, piece of YAML, key reported, a part each of what was received, what is allowed and the fix.
ONE_VALUE = [
    (
        "executor",
        "[CeleryExecutor, KubernetesExecutor]",
        "airflow.executor",
        "a list",
        '"CeleryExecutor,KubernetesExecutor"',
        'as one text: "CeleryExecutor,KubernetesExecutor"',
    ),
    ("components/workers/memory", "4GB", "workers.memory", "4GB", "mebibytes (Mi)", "write 4Gi"),
    ("components/workers/memory", "512MiB", "workers.memory", "512MiB", "mebibytes (Mi)", "write 512Mi"),
    ("components/workers/memory", "4 g", "workers.memory", "4 g", "mebibytes (Mi)", "write 4Gi"),
    (
        "dags/repository",
        "https://git.example.com:65536/dags.git",
        "airflow.dags.repository",
        "65536",
        "ports up to 65535",
        "clone URL",
    ),
    ("image", "{repository: 'a.example.com:99999/b', tag: x}", "image.repository", "99999", "65535", "colon"),
    ("chart/source", "https://charts.example.com:70000/x", "chart.source", "70000", "up to 65535", "write a"),
    ("dags/token_secret_name", "airflow-test/redis", "token_secret_name", "redis", "of your own", "git-token"),
    (
        "dags/token_secret_name",
        "airflow-test/fernet-2",
        "token_secret_name",
        "fernet",
        "of your own",
        "git-token",
    ),
    # version and executor
    ("version", '"3.1.8"', "airflow.version", '"3.1.8"', "3.2 or newer: values", '"3.3.2"'),
    ("version", "3.2", "airflow.version", "3.2 (a number)", "in quotes", 'quotes: "3.2"'),
    ("version", '"2.11.0"', "airflow.version", "2.11.0", "3.2 or newer", '"3.3.2"'),
    ("version", '"4.0.0"', "airflow.version", "4.0.0", "versions below 4: the chart", '"3.3.2"'),
    ("version", '"3.3"', "airflow.version", "3.3", "tested with", '"3.3.2"'),
    (
        "executor",
        "CeleryKubernetesExecutor",
        "executor",
        "gone from Airflow 3",
        "Kube",
        "CeleryExecutor,KubernetesExecu",
    ),
    ("executor", "LocalKubernetesExecutor", "airflow.executor", "gone from Airflow 3", "Celery", "KubernetesExecutor"),
    ("executor", "SequentialExecutor", "airflow.executor", "gone from Airflow 3", "Celery", "CeleryExecutor"),
    ("executor", "DebugExecutor", "airflow.executor", "gone from Airflow 3", "Celery", "CeleryExecutor"),
    ("executor", "LocalExecutor", "airflow.executor", "end with it, at every deploy", "Celery", "CeleryExecutor"),
    ("executor", "celeryexecutor", "airflow.executor", "celeryexecutor", "CeleryExecutor", "did you mean CeleryExec"),
    ("executor", '"CeleryExecutor, KubernetesExecutor"', "executor", ", K", "default of tasks", "CeleryExecutor,Kube"),
    ("executor", "[CeleryExecutor]", "airflow.executor", "a list of 1", "CeleryExecutor", 'text: "CeleryExecutor"'),
    # image
    ("image", "{repository: 'a/b:1', tag: x}", "image.repository", "a/b:1", "without tag", "airflow.image.tag"),
    ("image", "{repository: 'https://a/b', tag: x}", "image.repository", "https", "with its registry", "colon"),
    ("image", "{repository: a/B, tag: x}", "airflow.image.repository", "a/B", "name of an image", "before the colon"),
    ("image", "{repository: '${a}', tag: x}", "airflow.image.repository", "${a}", "name of an image", "before"),
    ("image", "{repository: a/b, tag: 3.2}", "airflow.image.tag", "3.2 (a number)", "tag of an image", 'quotes: "3.2"'),
    ("image", "{repository: a/b, tag: '${a}'}", "airflow.image.tag", "${a}", "tag of an image", "3.3.2-1"),
    ("image", "{repository: a/b, digest: 'sha256:12'}", "image.digest", "sha256:12", "64 hexadecimal", "imagetools"),
    (
        "image",
        "{repository: a/b}",
        "image.digest",
        "nothing, the key is missing",
        "one of the two",
        "add airflow.image",
    ),
    ("image", f"{{repository: a/b, tag: x, digest: '{DIGEST}'}}", "digest", "tag is x", "one of the two", "remove"),
    ("image", "{repository: a/b, tag: 3.3.1-2}", "image.tag", "it says 3.3.1", "or airflow.version", '"3.3.1" if'),
    ("image", "{repository: a/b, tag: slim-2.11.0}", "image.tag", "it says 2.11.0", "3.3.2, the default", '"3.3.2" if'),
    (
        "image",
        f"{{repository: a/b, digest: '{DIGEST}'}}",
        "image.digest",
        "sha256:",
        "nothing else says which Airflow the image holds",
        'write airflow.version: "3.3.2"',
    ),
    ("image", "{tag: x}", "airflow.image.repository", "the key is missing", "Name of the image", "add the key"),
    (
        "image",
        "{repository: a/b, tag: x, pull_secret_name: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x'}",
        "airflow.image.pull_secret_name",
        "not shown",
        "1 to 512 letters",
        "neither its ARN",
    ),
    (
        "image",
        "{repository: managed, tag: 3.3.2-1, pull_secret_name: registry}",
        "airflow.image.pull_secret_name",
        "registry",
        "by their role",
        "remove airflow.image.pull_secret_name",
    ),
    # charts
    ("chart", "{source: 'http://airflow.apache.org'}", "airflow.chart.source", "http:", "https://", "oci://"),
    (
        "chart",
        "{source: 'https://user:pass@host/charts'}",
        "chart.source",
        '"https://***@host',
        "no user name",
        "write",
    ),
    ("chart", "{source: charts/airflow}", "airflow.chart.source", "charts/airflow", "./...", "./charts/airflow"),
    ("chart", "{source: './${path.root}'}", "airflow.chart.source", "${path.root}", "letters, digits", "write"),
    ("chart", "{source: 'oci://host'}", "airflow.chart.source", "oci://host", "oci://registry/path/chart", "write"),
    # DAGs
    ("dags/repository", "http://github.com/a/b", "dags.repository", "http:", "https://host/path", "clone URL"),
    ("dags/repository", "https://u:tok@github.com/a/b", "dags.repository", "***@", "without user name", "Secrets Man"),
    ("dags/repository", "https://tok@github.com/a/b", "dags.repository", "***@", "without user name", "Secrets Man"),
    ("dags/repository", "ssh://git:pw@github.com/a/b", "repository", "it holds cred", "without user name", "Secrets"),
    ("dags/repository", "'https://host/${a}'", "dags.repository", "${a}", "URL of a Git repository", "clone URL"),
    ("dags/branch", "a..b", "airflow.dags.branch", "a..b", "branch or tag", "such as main"),
    ("dags/branch", "refs/heads/main", "airflow.dags.branch", "refs/", "no refs/...", "such as main"),
    ("dags/branch", "--upload-pack=x", "airflow.dags.branch", "--upload", "branch or tag", "such as main"),
    ("dags/branch", "a.lock", "airflow.dags.branch", "a.lock", "as Git allows", "such as main"),
    ("dags/branch", "'${a}'", "airflow.dags.branch", "${a}", "branch or tag", "such as main"),
    ("dags/tag", "1.0", "airflow.dags.tag", "1.0 (a number)", "branch or tag", 'quotes: "1.0"'),
    ("dags/commit", "0123abc", "airflow.dags.commit", "0123abc", "40 hexadecimal", "git rev-parse"),
    ("dags/sub_path", "../dags", "airflow.dags.sub_path", "../dags", "inside the repository", "such as dags"),
    ("dags/sub_path", "a/../../b", "airflow.dags.sub_path", "a/../", 'no ".."', "such as dags"),
    ("dags/sub_path", "/dags", "airflow.dags.sub_path", "/dags", "no slash at either end", "such as dags"),
    ("dags/sub_path", "'${a}'", "airflow.dags.sub_path", "${a}", "inside the repository", "such as dags"),
    ("dags/sync_period_seconds", "4", "airflow.dags.sync_period_seconds", "4", "from 5 to 3600 seconds", "write"),
    (
        "dags/token_secret_name",
        "'a b'",
        "airflow.dags.token_secret_name",
        "not shown",
        "AWS Secrets Manager",
        "name only",
    ),
    (
        "dags/token_secret_name",
        "'${a}'",
        "airflow.dags.token_secret_name",
        "not shown",
        "AWS Secrets",
        "nor the secret",
    ),
    ("dags/token_username", "'${a}'", "airflow.dags.token_username", "${a}", "a user name", "x-access-token"),
    ("dags/credentials_revision", "0", "airflow.dags.credentials_revision", "0", "from 1 to", "write"),
    # web
    ("web/scheme", "public", "airflow.web.scheme", "public", "internal, internet-facing", "write one"),
    ("web/allowed_cidrs", "[]", "airflow.web.allowed_cidrs", "an empty list", "1 to 20 ranges", "add ranges"),
    ("web/allowed_cidrs", "[203.0.113.5/24]", "allowed_cidrs[0]", "not the range", "IPv4 range", "203.0.113.0/24"),
    ("web/allowed_cidrs", "['::/0']", "airflow.web.allowed_cidrs[0]", "::/0", "IPv4 range", "203.0.113.0/24"),
    ("web/host_name", "https://airflow.example.com", "web.host_name", "https", "DNS name", "no https://"),
    ("web/host_name", "airflow", "airflow.web.host_name", "airflow", "at least one dot", "name only"),
    ("web/host_name", "'${a}.example.com'", "airflow.web.host_name", "${a}", "DNS name", "name only"),
    # what tasks reach
    ("task_egress", "none", "airflow.task_egress", "none", "any, or a list", "[]"),
    ("task_egress", "[10.0.0.0/8]", "airflow.task_egress[0]", "10.0.0.0/8", "and a TCP port", "10.20.0.0/16:5432"),
    ("task_egress", "['10.0.0.0/8:70000']", "airflow.task_egress[0]", "70000", "TCP port", "10.20.0.0/16:5432"),
    ("task_egress", "['10.0.0.1/8:443']", "airflow.task_egress[0]", "first address", "IPv4 range", "write 10.0.0.0/8"),
    ("task_egress", "['169.254.169.254/32:80']", "egress[0]", "instance metadata", "none inside 169.254", "pod_policy"),
    ("task_egress", "['10.1.0.64/26:5432']", "egress[0]", "the metadata database", "none inside network", "API"),
    (
        "task_egress",
        f"[{', '.join(f'10.2.0.0/16:{port}' for port in range(1, 22))}]",
        "task",
        "21 p",
        "at most 20",
        "any",
    ),
    ("task_egress", "['10.0.0.0/8:1', '10.0.0.0/8:1']", "task_egress", "twice: 10", "each once", "repetition"),
    # sizes
    ("components/workers/cpu", "1", "components.workers.cpu", "1 (a number)", "in quotes", 'quotes: "1"'),
    ("components/workers/cpu", '"1ms"', "components.workers.cpu", "1ms", '192, such as "250m"', '"250m"'),
    ("components/workers/cpu", '"0"', "components.workers.cpu", "too little", "5m to 192", '"250m"'),
    ("components/workers/cpu", '"193"', "components.workers.cpu", "too much", "5m to 192", '"250m"'),
    ("components/workers/cpu", '"5.5m"', "components.workers.cpu", "too fine", "thousandths", '"250m"'),
    ("components/workers/memory", "1G", "components.workers.memory", "1G", "mebibytes (Mi) or", "write 1Gi"),
    ("components/workers/memory", "2Ti", "components.workers.memory", "2Ti", "gibibytes (Gi)", '"512Mi"'),
    ("components/workers/memory", "512", "workers.memory", "512 (a number)", "mebibytes", 'quotes: "512"'),
    ("components/workers/cpu_limit", "300m", "workers.cpu_limit", "cpu is 400m", "cpu or more", "raise it"),
    ("components/workers/replicas", "0", "workers.replicas", "0", "the queue default", "among the queues of a set"),
    ("components/workers/replicas", "201", "workers.replicas", "201", "from 0 to 200 replicas", "write"),
    ("components/scheduler/replicas", "21", "scheduler.replicas", "21", "from 1 to 20 replicas", "write"),
    ("components/redis/replicas", "2", "redis.replicas", "an unknown key", "volume_size_gib", "remove it"),
    ("components/redis/volume_size_gib", "0", "redis.volume_size_gib", "0", "from 1 to 1024 GiB", "write"),
    ("components/workers/concurrency", "65", "workers.concurrency", "65", "from 1 to 64 tasks", "write"),
    ("components/workers/termination_grace_seconds", "29", "termination_grace_seconds", "29", "30 to 86400", "write"),
    ("components/webserver", "{}", "airflow.components.webserver", "an unknown key", "api_server", ""),
    # limits and maintenance
    ("quota", "{cpu: '10000'}", "airflow.quota.cpu", "too much", "1 to 9999", '"16"'),
    ("quota", "{memory: 512Mi}", "airflow.quota.memory", "too little", "1Gi to 99999Gi", '"64Gi"'),
    ("quota", "{pods: 9}", "airflow.quota.pods", "9", "from 10 to 10000 pods", "write"),
    ("limit_range", "{cpu: 1m}", "airflow.limit_range.cpu", "too little", "5m to 192", '"250m"'),
    ("cleanup", "{schedule: daily}", "airflow.cleanup.schedule", "daily", "a cron schedule in UTC", '"0 3 * * 0"'),
    ("cleanup", "{schedule: '0 3 * *'}", "airflow.cleanup.schedule", "0 3 * *", "day of week", "five fields"),
    ("cleanup", "{schedule: '60 3 * * *'}", "schedule", "minute goes from 0 to 59", "a cron schedule", "five fields"),
    ("cleanup", "{schedule: '0 3 * * 5-1'}", "schedule", "day of week goes from 0 to 6", "0 is Sunday", "five fields"),
    ("cleanup", "{schedule: '${a}'}", "airflow.cleanup.schedule", "${a}", "a cron schedule", "five fields"),
    ("cleanup", "{retention_days: 0}", "airflow.cleanup.retention_days", "0", "from 1 to 3650 days", "write"),
    ("pgbouncer/metadata_pool_size", "0", "pgbouncer.metadata_pool_size", "0", "from 1 to 2000", "write"),
    ("pgbouncer/max_client_connections", "19", "max_client_connections", "19", "from 20 to 10000", "write"),
    ("scraping", '"on"', "airflow.scraping", '"on"', "true or false", "without quotes"),
]


@pytest.mark.parametrize(
    ("path", "piece", "key", "received", "allowed", "fix"),
    [pytest.param(*case, id=f"{case[0]}={case[1][:40]}") for case in ONE_VALUE],
)
def test_one_wrong_value_is_one_mistake(
    problems: Problems, *, path: str, piece: str, key: str, received: str, allowed: str, fix: str
) -> None:
    """A wrong value is reported once, at its key, with what stands there, what may, and a way out."""
    (problem,) = problems({f"airflow/{path}": piece})
    assert key in problem.key
    assert received in problem.received
    assert allowed in problem.allowed
    assert fix in problem.fix


def test_a_certificate_is_of_the_environments_region(problems: Problems) -> None:
    """A load balancer takes no certificate of another region."""
    web = f"{{allowed_cidrs: [203.0.113.0/24], host_name: a.example.com, certificate_arn: '{CERTIFICATE}'}}"
    (problem,) = problems({"airflow/web": web})
    assert problem.key == "airflow.web.certificate_arn"
    assert "region us-east-1" in problem.received
    assert "with region eu-west-1" in problem.allowed


def test_no_token_of_a_url_is_repeated_in_the_report(problems: Problems) -> None:
    """Reports end up in the logs of CI: what stands before the @ of a URL does not."""
    (problem,) = problems({"airflow/dags/repository": "https://user:ghp_secret@github.com/acme/dags.git"})
    assert "ghp_secret" not in str(problem)
    assert "https://***@github.com/acme/dags.git" in problem.received


@pytest.mark.parametrize(
    "hosts",
    [
        '""',
        '"# only a comment"',
        '"github.com"',
        '"github.com ssh-ed25519"',
        '"github.com ssh-ed25519 ${a}"',
        '"# ${a}\\ngithub.com ssh-ed25519 AAAA"',
        '"github.com ssh-ed25519 AAAA %{ if true }"',
    ],
)
def test_known_hosts_are_lines_with_a_host_and_a_key(problems: Problems, hosts: str) -> None:
    """Anything else would leave the host unchecked, or be a template to Terraform."""
    dags = f"{{repository: 'git@github.com:acme/dags.git', ssh_key_secret_name: key, known_hosts: {hosts}}}"
    (problem,) = problems({"airflow/dags": dags})
    assert problem.key == "airflow.dags.known_hosts"
    assert "host, kind of key, key" in problem.allowed
    assert "ssh-keyscan" in problem.fix
