"""What moto and botocore work out anew for each call or client, although nothing changes it: here they do it once.

It was half of what a call costs. What is answered is the same.
"""

import functools
import gc
import importlib
import os
from typing import Any

#: Objects between two looks of Python's garbage collector, as in the program itself: next to nothing is garbage.
_COLLECT_AT = 50_000


def share_what_is_read() -> None:
    """Lets all clients of botocore read its files once. To be called before moto is imported, which makes some."""
    _answer_once("botocore.session", "create_loader")
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # 1,300 images: node groups name none


def work_once() -> None:
    """Changes moto in this process, where its methods are as they are going to be.

    Raises:
        ImportError: moto has another shape than expected.
    """
    _answer_once("moto.backends", "list_of_moto_modules", tuple)  # reads the folder of all services, twice in a call
    _answer_once("moto.core.responses", "method_names_from_class")  # looks through the class that answers
    _answer_once("moto.core.utils", "create_loader")  # each has a memory of its own of what it has read
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AT)


def _answer_once(module: str, function: str, kept_as: Any = None) -> None:
    owner = importlib.import_module(module)
    if not (original := getattr(owner, function, None)):
        raise ImportError(f"{module} has no {function}: the emulator is written for another version of it.")

    @functools.cache
    def answered(*arguments: Any) -> Any:
        answer = original(*arguments)
        return kept_as(answer) if kept_as else answer

    setattr(owner, function, answered)
