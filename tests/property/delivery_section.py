"""Section `delivery`, and the state that goes with it."""

from __future__ import annotations

from string import ascii_lowercase

from constructs.settings.sections.delivery import ISSUER
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.property.place import Place, Values, whole, words


def delivery(place: Place) -> SearchStrategy[Values]:
    """A repository that delivers the environment; actions for the pods, as they may have policies."""
    owners = st.just("a") | st.just("A-9") | st.just("o" * 39)
    repositories = st.builds("{}/{}".format, owners, words("aZ9._-", 100).filter(_is_repository))
    providers = st.sampled_from((ISSUER, f"{ISSUER}/acme-corp"))
    number = whole(1, 999_999_999_999_999)
    actions = st.sampled_from(("glue:*", "athena:Get*", "s3:PutObject", "execute-api:Invoke", "sts:AssumeRole"))
    section = place.section(
        {
            "apply_environment": st.sampled_from(("production", "p" * 100, "A.b_c-d")),
            "plan_environment": st.sampled_from(("reading", "r" * 100, "9")),
            "oidc_provider_arn": providers.map(lambda end: place.arn("iam", f"oidc-provider/{end}", regional=False)),
            "create_state_bucket": st.booleans(),
        },
        {"repository": repositories, "pod_actions": st.lists(actions, min_size=1, max_size=20, unique=True)},
    )
    numbers = st.builds(lambda owner, own: {"owner_id": owner, "repository_id": own}, number, number)
    return st.builds(dict.__or__, section, numbers if place.everything else numbers | st.just({}))


def _is_repository(name: str) -> bool:
    return name not in (".", "..") and not name.endswith(".git")


def shared_state(place: Place, key: str) -> SearchStrategy[Values]:
    """State in a bucket, as workflows need it."""
    bucket = st.just("example-terraform-state") | words(f"{ascii_lowercase}9", 63).filter(lambda name: len(name) > 2)
    prefix = st.sampled_from(("airflow", "a/b_c/d-e.f", "!'(*)", "k" * 200))
    return place.section(
        {"key_prefix": prefix, "lock_timeout_minutes": whole(0, 240), "region": st.just(place.region)},
        {"backend": st.just("s3"), "bucket": bucket, "kms_key_id": st.just(place.arn("kms", key))},
    )
