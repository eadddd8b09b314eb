"""Where the Helm charts come from, in section `airflow`."""

from __future__ import annotations

from typing import Annotated

from constructs.settings.values.section import Section
from constructs.settings.values.shapes import PORT, Shape
from pydantic import Field

_HOST = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(:" + PORT + ")?"
_PATH = r"(/[A-Za-z0-9._~+=@-]+)+"
ChartSource = Annotated[
    str,
    Shape(
        rf"https://{_HOST}(/[A-Za-z0-9._~+=@-]+)*/?|oci://{_HOST}{_PATH}|\.{{0,2}}{_PATH}/?",
        allowed="a repository (https://...), a chart in a registry (oci://registry/path/chart) or the path of a chart "
        "(./... below the checkout, or /...), folder or .tgz; letters, digits and . _ ~ + = @ - in it; "
        "ports up to 65535; no user name",
        fix="write a source such as https://airflow.apache.org, oci://registry.example.com/charts/airflow or "
        "./charts/airflow",
        longest=1024,
    ),
]


class ChartSettings(Section):
    """Where the charts come from; their versions are the project's. The text is free of templates by its shape."""

    source: ChartSource = Field(
        default="https://airflow.apache.org",
        description="Where Airflow's chart comes from: a repository (https://...), the chart in a registry "
        "(oci://registry/path/airflow), or the path of a folder or .tgz (./... below the checkout, or /...) where "
        "there is no network.",
    )
    load_balancer_controller_source: ChartSource = Field(
        default="https://aws.github.io/eks-charts",
        description="Where the AWS Load Balancer Controller's chart comes from; the same three kinds.",
    )
    keda_source: ChartSource = Field(
        default="https://kedacore.github.io/charts",
        description="Where KEDA's chart comes from; the same three kinds. Read where something has autoscaling.",
    )
    karpenter_source: ChartSource = Field(
        default="oci://public.ecr.aws/karpenter/karpenter",
        description="Where Karpenter's chart comes from; the same three kinds. Read where there are node pools.",
    )
    karpenter_crd_source: ChartSource = Field(
        default="oci://public.ecr.aws/karpenter/karpenter-crd",
        description="Where the chart with the definitions of Karpenter's kinds comes from; likewise.",
    )
