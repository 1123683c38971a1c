"""Errors speak to people and to programs."""

import inspect

from sensorium.core import errors
from sensorium.core.errors import REFUSALS, Refused, SensoriumError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, SensoriumError)]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert sorted(codes) == sorted(set(codes))


def test_every_refusal_can_cross_the_border_of_the_child_process() -> None:
    assert set(REFUSALS.values()) == {kind for kind in KINDS if issubclass(kind, Refused)}


def test_what_may_be_sent_to_others_names_no_path() -> None:
    error = SensoriumError("it is empty", subject="/home/ann/diary.txt", remedy="nothing to do")
    assert "/home" not in error.public
    assert str(error) == "/home/ann/diary.txt: it is empty; nothing to do"
