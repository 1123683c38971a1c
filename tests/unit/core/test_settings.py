"""The table of settings: its ranges, and the environment."""

from dataclasses import fields

import pytest

from sensorium.core.errors import BadSetting
from sensorium.core.settings import Settings


def test_every_setting_has_a_sentence() -> None:
    assert all(entry.metadata["sentence"].endswith(".") for entry in fields(Settings))


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("SENSORIUM_BATCH_FILES", "many", "no int"),
        ("SENSORIUM_BATCH_FILES", "0", "from 1 to 1024"),
        ("SENSORIUM_LOCK_WAIT_SECONDS", "nan", "out of range"),
        ("SENSORIUM_SANDBOX", "none", "`best` or `strict`"),
        ("SENSORIUM_CHUNK_OVERLAP", "700", "half"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_a_remedy(variable: str, value: str, complaint: str) -> None:
    with pytest.raises(BadSetting, match=complaint):
        Settings.from_environment({variable: value})


def test_variables_that_are_no_settings_are_left_alone() -> None:
    assert Settings.from_environment({"SENSORIUM_LIBRARY": "/x", "PATH": "/bin"}) == Settings()
