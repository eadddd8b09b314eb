"""The list of what is changed in moto."""

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
#: In a process of its own: it imports moto, which the tests' own process never does.
LISTING = """
import importlib
from tests.emulator import services
from tests.emulator.differences import DIFFERENCES
for module in services._CHANGED:
    importlib.import_module(f"tests.emulator.services.{module}")
for each in DIFFERENCES:
    print(hasattr(each.owner, each.method), each, sep="\\t")
"""


class TestDifferences:
    def test_each_changes_a_method_for_a_reason(self) -> None:
        """Moto has every method that is wrapped, but those that it forgot; each has a reason in a few words."""
        listing = subprocess.run(
            [sys.executable, "-c", LISTING], cwd=CHECKOUT, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        assert len(listing) > 20
        missing = [line for line in listing if line.startswith("False")]
        assert sorted(line.split("\t")[1].split(":")[0] for line in missing) == [
            "moto.ec2.responses.EC2Response.get_ebs_default_kms_key_id",
            "moto.rds.responses.RDSResponse.describe_db_engine_versions",
            "moto.rds.responses.RDSResponse.reset_db_parameter_group",
            "moto.s3.models.FakeDeleteMarker.dispose",
        ]
        assert all(20 < len(line.split(": ", 1)[1]) < 120 for line in listing)
