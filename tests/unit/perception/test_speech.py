"""The parent's side: a worker may do what it likes, and the parent stays right. A stand-in plays the worker."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import (
    BadInput,
    BadSetting,
    ExtraMissing,
    ModelDamaged,
    PluginBroken,
    ReaderCrashed,
    SensoriumError,
    TookTooLong,
    TooLarge,
)
from sensorium.core.items import Producer
from sensorium.perception import speech
from sensorium.perception.speech import SpeechRecogniser, available
from sensorium.perception.speech_models import Located
from sensorium.perception.speech_options import Patience

STAND_IN = Path(__file__).with_name("speech_stand_in.py")
SOUND = np.zeros(16_000, np.int16)
MODEL = Located(folder=Path("/nowhere"), producer=Producer(name="speech.fake", version="1"))


def recogniser(way: str, *, seconds: float = 60.0, strict: bool = False) -> SpeechRecogniser:
    command = (sys.executable, "-P", str(STAND_IN), way)
    return SpeechRecogniser(MODEL, patience=Patience(seconds=seconds, pace=0.0), strict=strict, command=command)


def test_strict_refuses_a_process_that_is_shut_in_less_than_can_be() -> None:
    with recogniser("good", strict=True) as ear, pytest.raises(BadSetting, match="SENSORIUM_SANDBOX=best"):
        ear.listen(SOUND)


def test_a_good_answer_comes_as_utterances() -> None:
    with recogniser("good") as ear:
        (said,) = ear.listen(SOUND, 60.0)
    assert (said.text, said.seconds, said.language, said.words[0].text) == ("Yes.", (60.0, 60.5), "en", " yes")


def test_a_character_that_joins_letters_is_a_letter() -> None:
    with recogniser("persian") as ear:
        assert "\u200c" in ear.listen(SOUND, 60.0)[0].text


def test_where_nobody_speaks_nothing_is_said() -> None:
    with recogniser("nothing") as ear:
        assert ear.listen(SOUND) == ()


TEXTS = ["control", "tags", "long", "language"]
NUMBERS = ["early", "late", "inverted", "nan", "true", "sure"]
SHAPES = ["garbage", "word", "word_late", "many_words", "short", "list", "extra", "no_word"]


@pytest.mark.parametrize("way", TEXTS + NUMBERS + SHAPES)
def test_nonsense_is_refused_and_its_process_ended(way: str) -> None:
    with recogniser(way) as ear:
        with pytest.raises(ReaderCrashed, match="nonsense"):
            ear.listen(SOUND, 60.0)
        assert ear.process is None


def test_a_crash_is_a_typed_error() -> None:
    with recogniser("crash") as ear, pytest.raises(ReaderCrashed, match="exit status 3"):
        ear.listen(SOUND)


def test_a_process_that_does_not_answer_in_time_is_ended() -> None:
    with recogniser("hang", seconds=0.5) as ear, pytest.raises(TookTooLong):
        ear.listen(SOUND)


def test_memory_that_ran_out_is_told_apart() -> None:
    with recogniser("memory") as ear, pytest.raises(TooLarge):
        ear.listen(SOUND)


def test_a_failure_names_its_cause() -> None:
    with recogniser("failed") as ear, pytest.raises(ReaderCrashed, match="LookupError"):
        ear.listen(SOUND)


def test_a_damaged_model_is_a_typed_error() -> None:
    with recogniser("damaged") as ear, pytest.raises(ModelDamaged, match="get it anew"):
        ear.listen(SOUND)


def test_a_process_that_does_not_start_is_a_typed_error() -> None:
    with recogniser("odd") as ear, pytest.raises(PluginBroken):
        ear.listen(SOUND)


def test_a_closed_recogniser_says_so() -> None:
    ear = recogniser("good")
    ear.close()
    with pytest.raises(SensoriumError, match="closed"):
        ear.listen(SOUND)


def test_other_than_samples_are_refused_before_they_are_sent() -> None:
    with recogniser("good") as ear, pytest.raises(BadInput):
        ear.listen(np.zeros(5, np.float32))


def test_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    assert "pip install" in str(available())


def test_loading_without_the_extra_is_a_typed_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_model", lambda: None)
    monkeypatch.setattr(speech, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match="pip install"):
        SpeechRecogniser.load()
