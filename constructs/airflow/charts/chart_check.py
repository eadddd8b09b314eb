"""A chart on disk is the released one when Terraform plans with it: a precondition of its release."""

from __future__ import annotations

import json

from cdktf import Precondition, TerraformResourceLifecycle
from constructs.airflow.charts.chart_source import ChartSource
from constructs.settings.values.terraform_text import terraform_literal


def released_only(source: ChartSource) -> TerraformResourceLifecycle | None:
    """Return the lifecycle of a release that refuses any other chart than the released one.

    None where the project knows no digest, or where Helm downloads the chart: neither Terraform nor the Helm provider
    (3.1.1, with Helm 3.18) can compare what they download with a digest. There `ops preflight` and `ops deploy` look.
    """
    if not source.is_path or not source.chart.is_known:
        return None
    # Terraform demands of a condition that it refers to something, be it the folder that it runs in.
    path = f'"${{path.module}}/{json.dumps(terraform_literal(source.source))[1:]}'
    if source.is_archive:
        digest, expected = f"filesha256({path})", source.chart.archive_sha256
    else:
        each = f'[for file in sort(fileset({path}, "**")) : "${{filesha256("${{{path}}}/${{file}}")}}  ${{file}}\\n"]'
        digest, expected = f'sha256(join("", {each}))', source.chart.files_sha256
    return TerraformResourceLifecycle(
        precondition=[
            Precondition(
                condition=f'${{{digest} == "{expected}"}}',
                error_message=f"{terraform_literal(source.source)} is not the released chart {source.chart.name} "
                f"{source.chart.version}: its files have other digests. Put the archive {source.chart.archive} with "
                f"the SHA-256 {source.chart.archive_sha256}, or what is in it, in its place.",
            )
        ]
    )
