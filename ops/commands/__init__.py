"""The commands of `python -m ops`, one module each; it has `register(app)`, which adds it to the command line."""

#: The heading of `--help` below which those stand that only the workflows of `.github/` call.
FOR_WORKFLOWS = "For the workflows"

#: What people run, in the order of an environment's life: `--help` begins with these.
FOR_PEOPLE = (
    "preflight",
    "fit",
    "picture",
    "plan",
    "deploy",
    "status",
    "report",
    "url",
    "password",
    "kubeconfig",
    "recover",
    "rotate",
    "destroy",
    # Has commands of its own, and typer shows such ones last.
    "dags",
)


def example(arguments: str) -> str:
    """Return the last line of a command's `--help`."""
    return f"Example: python -m ops {arguments}"
