"""Who may do what: changes, and what each is told to do."""

from __future__ import annotations

from tests.unit.ops.dangers.judged import Case, allow, policy

#: Another account.
ROOT = {"AWS": "arn:aws:iam::999988887777:root"}
#: Whoever Cognito says, who is not Cognito itself.
COGNITO = {"Federated": "cognito-identity.amazonaws.com"}
SERVICE = {"Service": "ec2.amazonaws.com"}

IDENTITY_CASES: list[Case] = [
    (
        "aws_eks_access_entry",
        None,
        {"principal_arn": "arn:x:role/a", "kubernetes_groups": []},
        ["opens somebody is let into the cluster: (none) -> arn:x:role/a"],
    ),
    (
        "aws_eks_access_entry",
        {"principal_arn": "arn:x:role/a", "kubernetes_groups": []},
        {"principal_arn": "arn:x:role/a", "kubernetes_groups": ["masters"]},
        ["opens it belongs to more groups of Kubernetes: (none) -> masters"],
    ),
    (
        "aws_eks_access_entry",
        {"principal_arn": "arn:x:role/a"},
        None,
        ["interrupts somebody is let into the cluster no more: arn:x:role/a -> (none)"],
    ),
    (
        "aws_eks_access_policy_association",
        {
            "principal_arn": "arn:x:role/a",
            "policy_arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "access_scope": [{"type": "namespace", "namespaces": ["airflow"]}],
        },
        {
            "principal_arn": "arn:x:role/a",
            "policy_arn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "access_scope": [{"type": "cluster"}],
        },
        [
            (
                "opens arn:x:role/a may do in the cluster: to read what runs in the cluster: "
                "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy in namespaces airflow -> "
                "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy in the whole cluster"
            )
        ],
    ),
    (
        "aws_iam_role_policy_attachment",
        None,
        {"role": "airflow-dev-airflow", "policy_arn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
        [
            (
                "opens role airflow-dev-airflow gets a policy that allows everything in AmazonS3: (none) -> "
                "arn:aws:iam::aws:policy/AmazonS3FullAccess"
            )
        ],
    ),
    (
        "aws_iam_role_policy_attachment",
        None,
        {"role": "airflow-dev-airflow", "policy_arn": "arn:aws:iam::111122223333:policy/dags"},
        [
            (
                "opens role airflow-dev-airflow gets a policy that allows what its document says, which is not part of "
                "this plan: read it in IAM: (none) -> arn:aws:iam::111122223333:policy/dags"
            )
        ],
    ),
    (
        "aws_iam_role_policy_attachment",
        None,
        {"role": "airflow-dev-node", "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"},
        [],
    ),
    (
        "aws_iam_role_policy_attachment",
        None,
        {"role": "airflow-dev-airflow", "policy_arn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"},
        [
            (
                "opens role airflow-dev-airflow gets a policy that allows what AWS describes under that name: (none) "
                "-> arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"
            )
        ],
    ),
    (
        "aws_iam_role",
        None,
        {"assume_role_policy": policy({**allow("sts:AssumeRole", ""), "Principal": SERVICE})},
        [],
    ),
    (
        "aws_iam_role",
        None,
        {"assume_role_policy": policy({**allow("sts:AssumeRoleWithWebIdentity", ""), "Principal": COGNITO})},
        [
            (
                "opens the policy of who may take the role allows: (none) -> sts:AssumeRoleWithWebIdentity for "
                "Federated:cognito-identity.amazonaws.com"
            )
        ],
    ),
    (
        "aws_iam_role",
        None,
        {"assume_role_policy": policy({**allow("sts:AssumeRole", ""), "NotPrincipal": SERVICE})},
        [("opens the policy of who may take the role allows: (none) -> sts:AssumeRole for all but ec2.amazonaws.com")],
    ),
    (
        "aws_iam_role",
        {"assume_role_policy": policy({**allow("sts:AssumeRole", ""), "Principal": SERVICE})},
        {"assume_role_policy": policy({**allow("sts:AssumeRole", ""), "Principal": ROOT})},
        [
            (
                "opens the policy of who may take the role allows more: sts:AssumeRole for ec2.amazonaws.com -> "
                "sts:AssumeRole for arn:aws:iam::999988887777:root"
            )
        ],
    ),
    (
        "aws_iam_role",
        {"permissions_boundary": "arn:x:policy/boundary", "max_session_duration": 3600},
        {"permissions_boundary": None, "max_session_duration": 43200},
        [
            "opens the role is held by no boundary any more: arn:x:policy/boundary -> (none)",
            "opens the role can be held longer: 3600 -> 43200",
        ],
    ),
    (
        "aws_iam_role_policy",
        {"policy": policy(allow("a:B"))},
        None,
        ["interrupts destroyed: what acts as the role may do less"],
    ),
    (
        "aws_iam_policy",
        {"policy": policy(allow("a:B"))},
        {"policy": policy(allow("a:*"))},
        ["opens the policy allows more: a:B on * -> a:* on *"],
    ),
    (
        "aws_iam_openid_connect_provider",
        {"client_id_list": ["sts.amazonaws.com"]},
        {"client_id_list": ["sts.amazonaws.com", "x"]},
        ["opens tokens for more audiences are taken: sts.amazonaws.com -> x, sts.amazonaws.com"],
    ),
    (
        "aws_eks_pod_identity_association",
        {"namespace": "airflow", "service_account": "airflow-worker", "role_arn": "arn:x:role/a"},
        {"namespace": "airflow", "service_account": "airflow-worker", "role_arn": "arn:x:role/b"},
        [
            (
                "opens pods with service account airflow/airflow-worker get the rights of a role: arn:x:role/a -> "
                "arn:x:role/b"
            )
        ],
    ),
]
