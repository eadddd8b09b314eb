"""The commands of `python -m ops` against the local AWS endpoint, with Terraform and its provider."""
