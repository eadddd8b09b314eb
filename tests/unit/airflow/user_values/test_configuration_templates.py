"""Templates in values of airflow.cfg."""

from __future__ import annotations

import pytest
from constructs.airflow.user_values.configuration_templates import LONGEST, named_values, without_templates


class TestATemplate:
    @pytest.mark.parametrize(
        ("text", "paths"),
        [
            ("plain", []),
            ("{{ .Release.Name }}-x", []),
            ('{{ include "airflow_dags" . }}', []),
            ("{{- .Values.executor -}}", [("executor",)]),
            ("{{ (((.Values.scheduler).resources).limits).cpu }}", [("scheduler", "resources", "limits", "cpu")]),
            ('{{ printf "%s-statsd" (include "airflow.fullname" .) }}', []),
            ('dag_id={{ "{{" }} ti.dag_id {{ "}}" }}', []),
            ("{{`{{ ti.dag_id }}`}}", []),
            ('{{ if .Values.statsd.enabled }}{{ "a" }}{{ else }}b{{ end }}', [("statsd", "enabled")]),
        ],
    )
    def test_of_one_line_may_stand(self, text: str, paths: list[tuple[str, ...]]) -> None:
        """Names of the release, the chart's own one-line templates, text, and values, which are looked at."""
        assert named_values(text) == paths

    @pytest.mark.parametrize(
        "text",
        [
            r'{{ "\n    fernet_key = x" }}',
            '{{ printf "%c" 10 }}',
            "{{ printf .Values.format 10 }}",
            '{{ b64dec "Cg==" }}',
            "{{ .Values.text | nindent 4 }}",
            "{{ . }}",
            "{{ $ }}",
            "{{ .Values }}",
            '{{ include "custom_airflow_environment" . }}',
            '{{ set .Values.config.core "fernet_key" "x" }}',
            '{{ lookup "v1" "Secret" "airflow" "x" }}',
            '{{ define "x" }}',
            "{{/* a comment */}}",
            "{{ unclosed",
            '{{ "' + LONGEST * "x" + '" }}',
            "{{" * 30000,
        ],
    )
    def test_that_may_write_more_may_not(self, text: str) -> None:
        """Line breaks by any way, whole maps, secrets of the cluster, changes of values."""
        assert named_values(text) is None

    def test_is_no_text_of_the_file(self) -> None:
        """What is left stands in airflow.cfg as it is."""
        assert without_templates('a {{ printf "%s" .Release.Name }} b%%') == "a  b%%"
