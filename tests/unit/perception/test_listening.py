"""The track of a recording becomes sentences that can be found."""

from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.contents import Document, Track
from sensorium.core.errors import ExtraMissing
from sensorium.core.items import Aspect, Modality, Producer
from sensorium.core.settings import Settings
from sensorium.perception import listening
from sensorium.perception.listening import SpeechPerceiver, grouped
from sensorium.perception.utterances import Utterance

EAR = Producer(name="speech.fake", version="1")
READER = Producer(name="reader.fake", version="1")


def said(text: str, start: float, end: float, confidence: float = 0.9) -> Utterance:
    return Utterance(text=text, seconds=(start, end), language="en", confidence=confidence)


class Fake:
    """Hears two sentences in everything."""

    producer = EAR

    def listen(self, samples: np.ndarray, start: float = 0.0) -> tuple[Utterance, ...]:
        return said("The door is open.", start, start + 3), said("Come in now, please.", start + 5, start + 8)

    def close(self) -> None:
        self.closed = True


def document(track: Track | None) -> Document:
    return Document(
        modality=Modality.AUDIO, media_type="audio/wav", title="", pieces=(), reader=READER, track=track, next=None
    )


@pytest.fixture
def perceiver() -> SpeechPerceiver:
    return SpeechPerceiver(Settings(), Fake())


def test_each_sentence_is_a_text_at_its_seconds_with_what_heard_it(perceiver) -> None:
    track = Track(samples=np.zeros(16_000, np.int16), rate=16_000, start=60.0)
    first, second = perceiver.perceive(document(track))
    assert (first.text, first.place.seconds, first.aspect) == ("The door is open.", (60.0, 63.0), Aspect.SPEECH)
    assert second.place.seconds == (65.0, 68.0)
    assert first.producer == EAR
    assert dict(first.attributes) == {"language": "en", "confidence": "0.90"}


def test_sentences_of_one_voice_are_of_one_speaker(perceiver) -> None:
    rate = 16_000
    samples = (8_000 * np.sin(2 * np.pi * 180 * np.arange(10 * rate) / rate)).astype(np.int16)
    pieces = perceiver.perceive(document(Track(samples=samples, rate=rate)))
    assert {piece.attributes["speaker"] for piece in perceiver.conclude(pieces)} == {"speaker 1"}


def test_a_file_without_a_track_says_nothing(perceiver) -> None:
    assert perceiver.perceive(document(None)) == []


def test_a_transcript_is_all_that_is_said(perceiver) -> None:
    track = Track(samples=np.zeros(16_000, np.int16), rate=16_000)
    assert perceiver.transcript(track) == "The door is open. Come in now, please."


def test_short_sentences_are_kept_with_the_next_one_and_as_sure_as_the_least_sure() -> None:
    joined = grouped([said("Yes.", 0, 0.5, 0.4), said("No.", 0.7, 1.2), said("It is late today.", 1.3, 4.0)])
    assert [(one.text, one.seconds, one.confidence) for one in joined] == [
        ("Yes. No. It is late today.", (0, 4.0), 0.4)
    ]


def test_a_short_sentence_before_a_pause_stays_alone() -> None:
    assert len(grouped([said("Yes.", 0, 0.5), said("It is late today.", 5, 8)])) == 2


def test_without_the_extra_speech_is_left_out_unless_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "available", lambda model: "install it")
    assert SpeechPerceiver.load(Settings()) is None
    with pytest.raises(ExtraMissing, match="install it"):
        SpeechPerceiver.load(Settings(), required=True)


def test_speech_is_left_out_where_the_settings_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "available", lambda model: None)
    assert SpeechPerceiver.load(Settings(speech=0)) is None
    assert isinstance(SpeechPerceiver.load(Settings(speech=0), required=True), SpeechPerceiver)


def test_the_producer_is_that_of_the_model_before_anything_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "producer_of", lambda model: Producer(name=f"speech.{model}", version="1"))
    assert SpeechPerceiver(Settings(speech_model="tiny")).producer.name == "speech.tiny"


def test_closing_ends_what_hears() -> None:
    ear = Fake()
    SpeechPerceiver(Settings(), ear).close()
    assert ear.closed
