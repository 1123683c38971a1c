"""The recogniser around its model: what the model is given, what of its answers is kept, and on which clock."""

from types import SimpleNamespace

import numpy as np
import pytest

from sensorium.core.errors import BadInput
from sensorium.core.items import Producer
from sensorium.perception.speech_engine import WhisperRecogniser, windows
from sensorium.perception.speech_options import Doubts, WhisperOptions

RATE = 16_000


class Activity:
    producer = Producer(name="fake", version="1")

    def __init__(self, *spoken):
        self.spoken = spoken

    def speech(self, samples):
        return self.spoken


class Whisper:
    """Says one word a second; `changes` are of its figures about itself."""

    def __init__(self, **changes):
        self.changes = changes
        self.heard = []
        self.asked = []

    def transcribe(self, samples, **options):
        self.heard.append(samples)
        self.asked.append(options)
        count = len(samples) // RATE
        words = [SimpleNamespace(word=f" w{n}.", start=n, end=n + 0.5, probability=0.9) for n in range(count)]
        good = {"no_speech_prob": 0.1, "avg_logprob": -0.2, "compression_ratio": 1.2, "words": words}
        return iter([SimpleNamespace(**{**good, **self.changes})]), SimpleNamespace(language="en")


def recogniser(whisper, *spoken, **options):
    producer = Producer(name="fake", version="1")
    return WhisperRecogniser(whisper, Activity(*spoken), producer, WhisperOptions(**options))


def silence(seconds):
    return np.zeros(round(seconds * RATE), np.int16)


def test_where_nobody_speaks_the_model_is_not_asked():
    whisper = Whisper()
    assert recogniser(whisper).listen(silence(10)) == ()
    assert whisper.heard == []


def test_times_are_on_the_clock_of_the_media():
    found = recogniser(Whisper(), (3.0, 5.0), (20.0, 22.0)).listen(silence(30), start=100.0)
    assert [utterance.seconds for utterance in found] == [
        (103.0, 103.5),
        (104.0, 104.5),
        (120.0, 120.5),
        (121.0, 121.5),
    ]


def test_the_model_hears_speech_alone_as_floats():
    whisper = Whisper()
    samples = silence(10)
    samples[2 * RATE : 4 * RATE] = -32_768
    recogniser(whisper, (2.0, 4.0)).listen(samples)
    assert [len(heard) for heard in whisper.heard] == [2 * RATE]
    assert whisper.heard[0].dtype == np.float32
    assert (whisper.heard[0] == -1).all()


def test_no_random_numbers_are_drawn_and_no_text_leads_to_the_next():
    whisper = Whisper()
    recogniser(whisper, (0.0, 2.0), language="de").listen(silence(2))
    asked = whisper.asked[0]
    assert (asked["temperature"], asked["condition_on_previous_text"], asked["language"]) == (0.0, False, "de")


@pytest.mark.parametrize(
    "figures",
    [
        {"avg_logprob": -1.1},
        {"compression_ratio": 2.5},
        {"no_speech_prob": 0.7, "avg_logprob": -0.6},
        {"words": [SimpleNamespace(word=" Oh", start=0, end=1, probability=0.1)]},
    ],
)
def test_what_the_model_doubts_itself_is_dropped(figures):
    assert recogniser(Whisper(**figures), (0.0, 2.0)).listen(silence(2)) == ()


def test_sure_words_are_kept_though_the_model_thinks_that_nobody_speaks():
    assert recogniser(Whisper(no_speech_prob=0.9, avg_logprob=-0.2), (0.0, 2.0)).listen(silence(2))


def test_a_segment_without_words_says_nothing():
    assert recogniser(Whisper(words=None), (0.0, 2.0)).listen(silence(2)) == ()


def test_doubts_can_be_turned_off():
    found = recogniser(Whisper(avg_logprob=-9.0), (0.0, 2.0), doubts=Doubts(log_probability=-99.0)).listen(silence(2))
    assert len(found) == 2


def test_other_than_samples_are_refused():
    with pytest.raises(BadInput):
        recogniser(Whisper()).listen(np.zeros(5, np.float32))


def test_windows_hold_all_speech_in_order_and_none_is_too_long():
    spoken = [(0.0, 70.0), (71.0, 72.0), (80.0, 107.5), (110.0, 110.4)]
    found = windows(spoken, 28.0)
    assert all(sum(end - start for start, end in window) <= 28.0 + 1e-6 for window in found)
    flat = [part for window in found for part in window]
    assert flat == sorted(flat)
    assert sum(end - start for start, end in flat) == pytest.approx(98.9)
