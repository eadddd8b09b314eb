"""`python -m tests.emulator`: runs the emulator until it is interrupted."""

import argparse
import json
import re
import shlex
import sys
from pathlib import Path

from tests.emulator.client import aws_environment
from tests.emulator.options import DEFAULT_ACCOUNT_ID, DEFAULT_REGION, LOOPBACK, Options
from tests.emulator.server import WrongMotoVersionError, start, stop_with_parent


def account_id(text: str) -> str:
    """Returns the ID of an account; raises ArgumentTypeError where it is none."""
    if not re.fullmatch("[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no account ID: 12 digits, as account_id of the environment file")
    return text


def parse(arguments: list[str] | None = None) -> tuple[Options, bool]:
    """Returns the options of the command line and whether the parent process is the emulator's client."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description="A local AWS endpoint for tests.")
    parser.add_argument("--port", type=int, default=0, help="port on the loopback; 0, the default, is a free one")
    parser.add_argument(
        "--account",
        type=account_id,
        default=DEFAULT_ACCOUNT_ID,
        metavar="ID",
        help="the account that it is, `account_id` of the environment file (default: %(default)s)",
    )
    parser.add_argument("--log", type=Path, help="file that gets one JSON line per API call")
    parser.add_argument("--eks-endpoint", help="API endpoint that every EKS cluster reports")
    parser.add_argument("--eks-ca-file", type=Path, help="PEM file with the CA that every EKS cluster reports")
    parser.add_argument("--child", action="store_true", help="end with the parent process; report the port as JSON")
    chosen = parser.parse_args(arguments)
    options = Options(
        port=chosen.port,
        account_id=chosen.account,
        log=chosen.log,
        eks_endpoint=chosen.eks_endpoint,
        eks_ca_file=chosen.eks_ca_file,
    )
    return options, chosen.child


def announce(options: Options, port: int, *, child: bool) -> None:
    """Says where the emulator listens: to its client as JSON, to a person with what to export."""
    if child:
        print(json.dumps({"port": port}), flush=True)
        return
    endpoint = f"http://{LOOPBACK}:{port}"
    print(f"Emulated AWS account {options.account_id} on {endpoint}. Ctrl-C ends it. In the other terminal:\n")
    for name, value in aws_environment(endpoint, DEFAULT_REGION).items():
        print(f"export {name}={shlex.quote(value)}")
    print("unset HTTPS_PROXY http_proxy https_proxy no_proxy AWS_PROFILE AWS_CA_BUNDLE", flush=True)


def main() -> int:
    """Runs the emulator; returns the exit code."""
    options, child = parse()
    if child:
        stop_with_parent()
    try:
        server = start(options)
    except (WrongMotoVersionError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        announce(options, server.server_port, child=child)
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
