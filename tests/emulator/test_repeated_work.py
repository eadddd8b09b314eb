"""What moto works out once: its answers stay what they are."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator import repeated_work

CHECKOUT = Path(__file__).resolve().parents[2]
ANSWERS = """
import json, sys
from moto import backends
from moto.core import responses, utils
from moto.s3.responses import S3Response
from tests.emulator.repeated_work import work_once

def answers():
    model = utils.create_loader().load_service_model("eks", "service-2")
    names = responses.method_names_from_class(S3Response)
    return [sorted(backends.list_of_moto_modules()), sorted(names), sorted(model["operations"])]

before = answers()
work_once()
print(json.dumps([before, answers(), answers()]))
"""


def test_answers_are_motos_own() -> None:
    """Services, methods and models are the same as before, at the first question and at the next."""
    command = [sys.executable, "-c", ANSWERS]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    before, first, next_one = json.loads(done.stdout)
    assert all(before)
    assert before == first == next_one


def test_of_another_shape_is_refused() -> None:
    """A function that moto does not have is an error at the start, not a slow emulator."""
    with pytest.raises(ImportError, match=r"moto\.backends has no nothing"):
        repeated_work._answer_once("moto.backends", "nothing")
