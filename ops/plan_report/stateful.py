"""Which resources hold something that is lost with them."""

from __future__ import annotations

#: Type of resource -> what goes with it.
STATEFUL = {
    "aws_cloudwatch_log_group": "its logs",
    "aws_db_instance": "the database, all that Airflow knows",
    "aws_ecr_repository": "the images in it",
    "aws_eks_cluster": "the cluster and everything in it",
    "aws_kms_key": "what is encrypted with it, backups among it",
    "aws_s3_bucket": "what is stored in it",
    "aws_secretsmanager_secret": "the secret, and what is encrypted with it",
    "helm_release": "all that the release runs, and its volumes",
    "kubernetes_namespace_v1": "everything in it, volumes among it",
}
