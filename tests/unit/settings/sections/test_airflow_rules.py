"""What one value of the section `airflow` says about another, and about the rest of the file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from constructs.naming.names import Names
from constructs.settings.document.problems import Problem
from constructs.settings.environment import Environment

Problems = Callable[[dict[str, str | None]], list[Problem]]
Load = Callable[[dict[str, str | None]], Environment]

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/1234abcd-12ab-44cd-96ef-1234567890ab"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SSH = "repository: 'git@github.com:acme/dags.git'"
KNOWN = "known_hosts: 'github.com ssh-ed25519 AAAA'"


class TestExecutor:
    @pytest.mark.parametrize(
        ("executor", "celery", "kubernetes"),
        [
            ("CeleryExecutor", True, False),
            ("KubernetesExecutor", False, True),
            ("CeleryExecutor,KubernetesExecutor", True, True),
        ],
    )
    def test_says_what_there_is(self, load: Load, executor: str, celery: bool, kubernetes: bool) -> None:  # noqa: FBT001
        """Workers and a queue with Celery, pods of tasks with Kubernetes."""
        airflow = load({"airflow/executor": executor}).airflow
        assert (airflow.uses_celery, airflow.uses_kubernetes) == (celery, kubernetes)


class TestManagedImages:
    def test_are_in_the_environments_own_repository(self, load: Load) -> None:
        """`managed` becomes the name that the stack gives to it; tag or digest says which image pods run."""
        environment = load({"airflow/image": "{repository: managed, tag: 3.3.2-1}"})
        names = Names(environment=environment.name, region=environment.region, account_id=environment.account_id)
        registry = f"{environment.account_id}.dkr.ecr.{environment.region}.amazonaws.com"
        image = environment.airflow.image
        assert image
        assert image.is_managed
        assert environment.airflow.image_reference == f"{registry}/{names.image_repository}:3.3.2-1"

    def test_come_later_than_their_repository(self, load: Load) -> None:
        """Without tag and digest there is a repository to push to, and pods run the official image."""
        airflow = load({"airflow/image": "{repository: managed}"}).airflow
        assert airflow.own_image is None
        assert airflow.image_reference == f"apache/airflow:{airflow.version}"

    def test_of_china_are_in_its_registry(self, load: Load) -> None:
        """Whose domain is another one."""
        airflow = load(
            {
                "region": "cn-north-1",
                "availability_zones": "[cn-north-1a, cn-north-1b]",
                "cluster/administrators": "['arn:aws-cn:iam::111122223333:role/platform-engineers']",
                "airflow/image": "{repository: managed, tag: 3.3.2-1}",
            }
        ).airflow
        assert ".dkr.ecr.cn-north-1.amazonaws.com.cn/airflow-" in airflow.image_reference

    def test_another_of_that_name_is_not_managed(self, load: Load) -> None:
        """Who writes a repository's own name keeps it."""
        image = load({"airflow/image": "{repository: example.org/managed, tag: 3.3.2-1}"}).airflow.image
        assert image
        assert not image.is_managed

    def test_hold_no_dags_before_one_is_chosen(self, problems: Problems) -> None:
        """DAGs in the image want a tag or a digest."""
        (problem,) = problems({"airflow/image": "{repository: managed}", "airflow/dags": "{source: image}"})
        assert problem.key == "airflow.dags"
        assert "the official image runs" in problem.allowed
        assert "airflow.image.digest" in problem.fix


class TestDags:
    @pytest.mark.parametrize(
        ("changes", "reference"),
        [
            ({}, "main"),
            ({"airflow/dags/branch": "next"}, "next"),
            ({"airflow/dags/tag": "v1.0.0"}, "v1.0.0"),
            ({"airflow/dags/commit": COMMIT}, COMMIT),
        ],
    )
    def test_the_reference_is_the_one_named(self, load: Load, changes: dict[str, str | None], reference: str) -> None:
        """Branch, tag or commit; without any, the branch main."""
        assert load(changes).airflow.dags.reference == reference

    @pytest.mark.parametrize(
        ("one", "other", "value"), [("branch", "tag", "v1"), ("branch", "commit", COMMIT), ("tag", "commit", COMMIT)]
    )
    def test_there_is_one_reference(self, problems: Problems, one: str, other: str, value: str) -> None:
        """Of two references it is not said which counts, so they are refused."""
        (problem,) = problems({f"airflow/dags/{one}": "main", f"airflow/dags/{other}": value})
        assert problem.key == f"airflow.dags.{other}"
        assert f"airflow.dags.{one} is main" in problem.received
        assert "one of branch, tag and commit" in problem.allowed
        assert f"remove airflow.dags.{one} or airflow.dags.{other}" in problem.fix

    def test_an_ssh_url_needs_key_and_known_hosts(self, problems: Problems) -> None:
        """Without either there is no way in, or any host could pose as the right one."""
        found = problems({"airflow/dags": f"{{{SSH}}}"})
        assert [problem.key for problem in found] == ["airflow.dags.ssh_key_secret_name", "airflow.dags.known_hosts"]
        assert all(problem.received == "nothing, the key is missing" for problem in found)
        assert "the private key's secret" in found[0].allowed
        assert "the host's public keys" in found[1].allowed
        assert found[1].fix.startswith("add airflow.dags.known_hosts")

    def test_an_ssh_url_takes_no_token(self, problems: Problems) -> None:
        """A token would have no effect."""
        dags = f"{{{SSH}, ssh_key_secret_name: key, token_secret_name: token, {KNOWN}}}"
        (problem,) = problems({"airflow/dags": dags})
        assert problem.key == "airflow.dags.token_secret_name"
        assert "tokens go with https" in problem.allowed
        assert "airflow.dags.ssh_key_secret_name" in problem.fix

    @pytest.mark.parametrize(
        ("key", "piece"), [("ssh_key_secret_name", "key"), ("known_hosts", "'github.com ssh-ed25519 AAAA'")]
    )
    def test_an_https_url_takes_nothing_of_ssh(self, problems: Problems, key: str, piece: str) -> None:
        """A key or known hosts would have no effect."""
        (problem,) = problems({f"airflow/dags/{key}": piece})
        assert problem.key == f"airflow.dags.{key}"
        assert "go with SSH" in problem.allowed
        assert f"remove airflow.dags.{key}" in problem.fix

    @pytest.mark.parametrize(
        ("url", "uses_ssh"),
        [("ssh://git@git.example.com:2222/acme/dags.git", True), ("git@github.com:acme/dags.git", True)],
    )
    def test_ssh_is_legal_with_both(self, load: Load, url: str, uses_ssh: bool) -> None:  # noqa: FBT001
        """Both spellings of an SSH URL are known."""
        dags = f"{{repository: '{url}', ssh_key_secret_name: key, {KNOWN}}}"
        assert load({"airflow/dags": dags}).airflow.dags.uses_ssh is uses_ssh

    def test_a_wrong_url_is_one_mistake(self, problems: Problems) -> None:
        """What goes with it is not judged then."""
        (problem,) = problems({"airflow/dags": f"{{repository: 'ftp://x', token_secret_name: t, {KNOWN}}}"})
        assert problem.key == "airflow.dags.repository"

    def test_known_hosts_are_taken_as_ssh_keyscan_prints_them(self, load: Load) -> None:
        """Comments, ports, hashed names and several lines are legal, and kept as they are."""
        hosts = (
            "# git.example.com:2222 SSH-2.0-OpenSSH_9.6\n[git.example.com]:2222 ssh-rsa AAAAB3+/==\n"
            "|1|F1E1KeoE/eEWhi=|3988QV0VE8= ecdsa-sha2-nistp256 AAAAE2 me@example.com\n\n"
        )
        dags = f"{{{SSH}, ssh_key_secret_name: key, known_hosts: {hosts!r}}}".replace("'#", '"#').replace(
            "\\n'", '\\n"'
        )
        assert load({"airflow/dags": dags}).airflow.dags.known_hosts == hosts


class TestWeb:
    @pytest.mark.parametrize(
        ("web", "url"),
        [
            ("unencrypted_http: true", None),
            ("unencrypted_http: true, host_name: a.example.com", "http://a.example.com"),
            (f"certificate_arn: '{CERTIFICATE}', host_name: a.example.com", "https://a.example.com"),
        ],
    )
    def test_the_url_is_what_people_type(self, load: Load, web: str, url: str | None) -> None:
        """By scheme and name; None where only the load balancer's own name leads there."""
        assert load({"airflow/web": f"{{allowed_cidrs: [203.0.113.0/24], {web}}}"}).airflow.web.url == url

    def test_plain_http_must_be_said_in_so_many_words(self, problems: Problems) -> None:
        """Without a certificate there is no address, unless the file asks for plain HTTP."""
        (problem,) = problems({"airflow/web/unencrypted_http": None})
        assert (problem.key, problem.received) == ("airflow.web.certificate_arn", "nothing, the key is missing")
        assert "passwords cross the network in clear" in problem.allowed
        assert "certificate_arn and host_name" in problem.fix

    def test_there_is_no_plain_http_beside_a_certificate(self, problems: Problems) -> None:
        """Port 80 redirects then, so asking for plain HTTP is a contradiction."""
        (problem,) = problems({"airflow/web/certificate_arn": CERTIFICATE, "airflow/web/host_name": "a.example.com"})
        assert problem.key == "airflow.web.certificate_arn"
        assert "no plain HTTP" in problem.allowed
        assert problem.fix == "remove airflow.web.unencrypted_http"

    def test_a_certificate_needs_its_name(self, problems: Problems) -> None:
        """A browser refuses the certificate under the load balancer's own name."""
        web = f"{{allowed_cidrs: [203.0.113.0/24], certificate_arn: '{CERTIFICATE}'}}"
        (problem,) = problems({"airflow/web": web})
        assert (problem.key, problem.received) == ("airflow.web.host_name", "nothing, the key is missing")
        assert "browsers accept it under no other" in problem.allowed

    def test_a_zone_needs_a_name(self, problems: Problems) -> None:
        """Without a name there is no record to make."""
        (problem,) = problems({"airflow/web/hosted_zone_id": "Z0123"})
        assert problem.key == "airflow.web.hosted_zone_id"
        assert "nothing without airflow.web.host_name" in problem.allowed
        assert "add airflow.web.host_name" in problem.fix

    @pytest.mark.parametrize("cidr", ["0.0.0.0/0", "0.0.0.0/1", "64.0.0.0/7"])
    def test_the_whole_internet_must_be_said_in_so_many_words(self, problems: Problems, load: Load, cidr: str) -> None:
        """A range larger than a /8 is refused, and allowed by `open_to_the_internet: true`."""
        (problem,) = problems({"airflow/web/allowed_cidrs": f"[203.0.113.0/24, {cidr}]"})
        assert problem.key == "airflow.web.allowed_cidrs"
        assert f"open to the Internet: {cidr}" in problem.received
        assert "add open_to_the_internet: true" in problem.fix
        opened = load({"airflow/web/allowed_cidrs": f"[{cidr}]", "airflow/web/open_to_the_internet": "true"})
        assert opened.airflow.web.allowed_cidrs == (cidr,)

    def test_private_addresses_never_arrive_over_the_internet(self, problems: Problems) -> None:
        """They are for an internal load balancer."""
        (problem,) = problems({"airflow/web/scheme": "internet-facing", "airflow/web/allowed_cidrs": "[10.0.0.0/8]"})
        assert problem.key == "airflow.web.allowed_cidrs"
        assert "private: 10.0.0.0/8" in problem.received
        assert "public addresses" in problem.allowed
        assert "scheme: internal" in problem.fix


class TestPools:
    def test_leave_connections_of_the_database_free(self, problems: Problems, load: Load) -> None:
        """db.t4g.micro takes 112: 102 may be pooled, by all replicas together."""
        micro: dict[str, str | None] = {"database": "{instance_class: db.t4g.micro}"}
        load({**micro, "airflow/pgbouncer/metadata_pool_size": "92"})
        (problem,) = problems({**micro, "airflow/pgbouncer/metadata_pool_size": "93"})
        assert problem.key == "airflow.pgbouncer.result_backend_pool_size"
        assert problem.received == "10 (the default; (93 + 10) * 1 is 103)"
        assert "at most 102: the database takes 112 connections, of which 10 stay free" in problem.allowed
        assert "larger database.instance_class" in problem.fix

    def test_each_replica_has_its_own(self, problems: Problems) -> None:
        """Four replicas with the default pools are too many for the smallest database."""
        changes: dict[str, str | None] = {
            "database": "{instance_class: db.t4g.micro}",
            "airflow/components": "{pgbouncer: {replicas: 4}}",
        }
        (problem,) = problems(changes)
        assert problem.received == "10 (the default; (20 + 10) * 4 is 120)"

    def test_follow_the_parameter_of_the_database(self, problems: Problems) -> None:
        """max_connections as the user sets it counts, not RDS's default."""
        (problem,) = problems({"database": "{parameters: {max_connections: '30'}}"})
        assert "at most 20: the database takes 30" in problem.allowed

    @pytest.mark.parametrize("text", ["{DBInstanceClassMemory/9531392}", "LEAST({DBInstanceClassMemory/9531392},5000)"])
    def test_a_parameter_that_is_no_plain_number_leaves_the_default(self, load: Load, text: str) -> None:
        """A formula of RDS's can't be reckoned here."""
        assert load({"database": f"{{parameters: {{max_connections: '{text}'}}}}"}).database.max_connections == 450


class TestQuota:
    def test_has_room_for_what_is_always_there(self, problems: Problems) -> None:
        """Sum of all requests, and the largest pod once more: else an update waits for ever."""
        (problem,) = problems({"airflow/quota": "{cpu: '1', memory: 4Gi, pods: 100}"})
        assert problem.key == "airflow.quota"
        assert "too small: cpu, memory" in problem.received
        assert "cpu of 1850m, memory of 10112Mi and 9 pods" in problem.allowed
        assert problem.fix == "raise airflow.quota.cpu, or lower airflow.components"

    def test_counts_no_workers_where_there_are_none(self, load: Load) -> None:
        """KubernetesExecutor: without workers and queue less suffices."""
        quota = {"airflow/quota": "{cpu: '2', memory: 7Gi, pods: 20}", "airflow/executor": "KubernetesExecutor"}
        assert load({**quota}).airflow.quota is not None

    def test_with_default_configuration(self, load: Load) -> None:
        """An empty map is a quota, with defaults."""
        quota = load({"airflow/quota": "{}"}).airflow.quota
        assert quota is not None
        assert quota.model_dump() == {"cpu": "16", "memory": "64Gi", "pods": 200}


class TestGitOnAPrivateAddress:
    def test_needs_a_destination_of_its_own(self, problems: Problems) -> None:
        """git-sync reaches public addresses by itself: with a list of destinations a private one is among them."""
        for repository, port in (
            ("https://10.20.0.5/dags.git", 443),
            ("https://10.20.0.5:8443/dags.git", 8443),
        ):
            (problem,) = problems(
                {"airflow/dags/repository": f"'{repository}'", "airflow/task_egress": "[10.20.0.0/16:5432]"}
            )
            assert problem.key == "airflow.task_egress"
            assert problem.fix == f"add 10.20.0.5/32:{port}"

    def test_passes_with_one(self, load: Load) -> None:
        """A range around it with its port will do; `any` does anyway, and a public address needs none."""
        repository = "'https://10.20.0.5/dags.git'"
        near = load({"airflow/dags/repository": repository, "airflow/task_egress": "[10.20.0.0/16:443]"}).airflow
        assert near.task_egress == ("10.20.0.0/16:443",)
        assert load({"airflow/dags/repository": repository}).airflow.task_egress == "any"
        public = load({"airflow/dags/repository": "'https://8.8.8.8/dags.git'", "airflow/task_egress": "[]"}).airflow
        assert public.task_egress == ()
