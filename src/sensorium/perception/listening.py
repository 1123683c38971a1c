"""The perceiver of speech: the track of a recording or a film -> sentences with their seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from sensorium.core.contents import Document, DraftPiece, Track
from sensorium.core.errors import ExtraMissing
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.core.spaces import Space, Vectors
from sensorium.perception.naming import VOICES, told_apart
from sensorium.perception.speakers import WIDTH, SpeakerEncoder, shipped_producer
from sensorium.perception.speech import Recogniser, SpeechRecogniser, available
from sensorium.perception.speech_models import producer_of
from sensorium.perception.speech_options import WhisperOptions
from sensorium.perception.utterances import Utterance
from sensorium.perception.voice_activity import RATE

Voices = Callable[[str], Mapping[str, Vectors]]
"""The voices that have a name, by the id of their space."""

SHORT_SECONDS = 1.5
"""A sentence that is shorter says little by itself, and is kept with the one that follows at once."""
PAUSE_SECONDS = 1.0


class SpeechPerceiver:
    """Fits the port `Listener`. The process that hears is started when there is something to hear."""

    track_rate = RATE
    scan_side = 0

    def __init__(self, settings: Settings, recogniser: Recogniser | None = None, voices: Voices | None = None) -> None:
        self._settings = settings
        self._recogniser = recogniser
        self._named = voices or (lambda space_id: {})

    @classmethod
    def load(
        cls, settings: Settings, *, required: bool = False, voices: Voices | None = None
    ) -> SpeechPerceiver | None:
        """None where the settings do not want it or the extra is missing; required: then ExtraMissing."""
        missing = available(settings.speech_model)
        if missing is not None and required:
            raise ExtraMissing("speech can not be written down here", remedy=missing)
        return cls(settings, voices=voices) if missing is None and (required or settings.speech) else None

    @cached_property
    def producer(self) -> Producer:
        """The model's, which is known before the model is loaded. Raises ExtraMissing, ModelDamaged."""
        return self._recogniser.producer if self._recogniser else producer_of(self._settings.speech_model)

    @cached_property
    def spaces(self) -> tuple[Space, ...]:
        """That of voices. Asked of every run that adds, so no model is loaded for it."""
        made_by = shipped_producer()
        return (Space(name=VOICES, version=made_by.version, width=WIDTH, digest=made_by.digest),)

    @cached_property
    def _speakers(self) -> SpeakerEncoder:
        return SpeakerEncoder.load()

    def perceive(self, document: Document) -> Sequence[DraftPiece]:
        """One text for each sentence, or for several short ones. Raises what loading the model raises."""
        track = document.track
        return [] if track is None else [self._piece(said, track) for said in self._heard(track)]

    def transcript(self, track: Track) -> str:
        """Fits `Listener.transcript`."""
        return " ".join(utterance.text for utterance in self._heard(track))

    def conclude(self, pieces: Sequence[DraftPiece]) -> Sequence[DraftPiece]:
        """Says who speaks: sentences of one voice are of one speaker, who has a name where the library knows it."""
        space = self.spaces[0].id
        return told_apart(pieces, space, self._named(space))

    def close(self) -> None:
        """Ends the process that hears."""
        if self._recogniser is not None:
            self._recogniser.close()

    def _piece(self, said: Utterance, track: Track) -> DraftPiece:
        start, end = (second - track.start for second in said.seconds)
        voice = self._speakers.voice(track.samples, [(max(0.0, start), max(0.0, end))])
        return DraftPiece(
            modality=Modality.TEXT,
            place=Place(seconds=said.seconds),
            text=said.text,
            aspect=Aspect.SPEECH,
            attributes={"language": said.language, "confidence": f"{said.confidence:.2f}"},
            producer=self.producer,
            vectors={} if voice is None else {self.spaces[0].id: voice},
        )

    def _heard(self, track: Track) -> list[Utterance]:
        if self._recogniser is None:
            options = WhisperOptions(threads=self._settings.threads)
            strict = self._settings.sandbox == "strict"
            self._recogniser = SpeechRecogniser.load(self._settings.speech_model, options, strict=strict)
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
