"""The environment file as typed, validated, read-only models. Knows nothing of CDKTF."""
