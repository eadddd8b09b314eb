"""A local AWS endpoint for tests: moto, plus what moto lacks for Airflow on EKS, plus faults on demand.

Never imported by the product. `with Emulator() as aws:` runs it in a child process on a free loopback port;
`python -m tests.emulator` runs it alone. This module needs neither moto nor boto3: only the child process does.
"""

from tests.emulator.calls import Call
from tests.emulator.client import Emulator, Hold
from tests.emulator.process import EmulatorError

__all__ = ["Call", "Emulator", "EmulatorError", "Hold"]
