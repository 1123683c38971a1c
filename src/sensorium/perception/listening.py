"""The perceiver of speech: the track of a recording or a film -> sentences with their seconds."""

from __future__ import annotations

from collections.abc import Sequence

from sensorium.core.contents import Document, DraftPiece, Track
from sensorium.core.errors import ExtraMissing
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.core.spaces import Space
from sensorium.perception.speech import Recogniser, WhisperOptions, WhisperRecogniser, available
from sensorium.perception.utterances import Utterance
from sensorium.perception.voice_activity import RATE

SHORT_SECONDS = 1.5
"""A sentence that is shorter says little by itself, and is kept with the one that follows at once."""
PAUSE_SECONDS = 1.0


class SpeechPerceiver:
    """Fits the port `Listener`. The model is loaded when there is something to hear."""

    track_rate = RATE
    scan_side = 0
    spaces: tuple[Space, ...] = ()

    def __init__(self, settings: Settings, recogniser: Recogniser | None = None) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self.producer = recogniser.producer if recogniser else Producer(name="speech", version=settings.speech_model)

    @classmethod
    def load(cls, settings: Settings, *, required: bool = False) -> SpeechPerceiver | None:
        """None where the settings do not want it or the extra is missing; required: then ExtraMissing."""
        missing = available(settings.speech_model)
        if missing is not None and required:
            raise ExtraMissing("speech can not be written down here", remedy=missing)
        return cls(settings) if missing is None and (required or settings.speech) else None

    def perceive(self, document: Document) -> Sequence[DraftPiece]:
        """One text for each sentence, or for several short ones. Raises what loading the model raises."""
        return [] if document.track is None else [_piece(said, self.producer) for said in self._heard(document.track)]

    def transcript(self, track: Track) -> str:
        """Fits `Listener.transcript`."""
        return " ".join(utterance.text for utterance in self._heard(track))

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        """Fits the port; the whole tells nothing more."""
        return pieces

    def close(self) -> None:
        """Lets go of the model."""
        self._recogniser = None

    def _heard(self, track: Track) -> list[Utterance]:
        if self._recogniser is None:
            options = WhisperOptions(threads=self._settings.threads)
            self._recogniser = WhisperRecogniser.load(self._settings.speech_model, options)
            self.producer = self._recogniser.producer
        return grouped(self._recogniser.listen(track.samples, track.start))


def grouped(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Short sentences joined with what follows them at once.

    >>> heard = (("Yes.", (0, 1)), ("I go.", (1, 4)))
    >>> said = [Utterance(text=text, seconds=seconds, language="en", confidence=1.0) for text, seconds in heard]
    >>> [(one.text, one.seconds) for one in grouped(said)]
    [('Yes. I go.', (0, 4))]
    """
    found: list[Utterance] = []
    for said in utterances:
        last = found[-1] if found else None
        if last is not None and _is_short(last) and said.seconds[0] - last.seconds[1] <= PAUSE_SECONDS:
            found[-1] = Utterance(
                text=f"{last.text} {said.text}",
                seconds=(last.seconds[0], said.seconds[1]),
                language=said.language,
                confidence=min(last.confidence, said.confidence),
                words=last.words + said.words,
            )
        else:
            found.append(said)
    return found


def _is_short(utterance: Utterance) -> bool:
    return utterance.seconds[1] - utterance.seconds[0] < SHORT_SECONDS


def _piece(utterance: Utterance, producer: Producer) -> DraftPiece:
    return DraftPiece(
        modality=Modality.TEXT,
        place=Place(seconds=utterance.seconds),
        text=utterance.text,
        aspect=Aspect.SPEECH,
        attributes={"language": utterance.language, "confidence": f"{utterance.confidence:.2f}"},
        producer=producer,
    )
