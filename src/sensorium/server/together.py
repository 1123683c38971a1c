"""Questions of several callers are encoded together, and the vectors of the last ones are remembered.

One encoding runs at a time, since a model takes every core. Whatever arrives meanwhile waits and goes together in the
next one: nobody waits for company, and under load one forward pass serves many.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sensorium.core.banks import QueryBank
from sensorium.core.calibration import Calibration
from sensorium.core.contents import AudioInput, Content, Role
from sensorium.core.details import DetailForm, Details
from sensorium.core.items import Modality
from sensorium.core.ports import (
    DetailedEncoder,
    Encoder,
    LookCurves,
    QueryBanks,
    RowNaming,
    SoundEncoder,
    WordKnowing,
)
from sensorium.core.spaces import Vectors

MOST = 32
"""Texts in one forward pass. Longer ones make each of them wait for the longest text."""

REMEMBERED = 1_024
"""Texts whose vectors are kept: with 20 words' details each some 40 MB."""


@dataclass(slots=True)
class _Ticket:
    """One text on its way. made: its vector and details once they are there. failed: why they will not be."""

    text: str
    made: tuple[np.ndarray, Any] | None = None
    failed: BaseException | None = field(default=None)


class Together:
    """An encoder in front of another. Fits `DetailedEncoder`, `SoundEncoder`, `LookCurves`, `QueryBanks`,
    `RowNaming` and `WordKnowing`: what the other one lacks, it says it has not. May be shared by threads.

    told: how many texts were encoded together. looked_up: whether a text was remembered.
    """

    def __init__(
        self,
        encoder: Encoder,
        told: Callable[[int], None] = lambda count: None,
        looked_up: Callable[[bool], None] = lambda found: None,
    ) -> None:
        self._encoder = encoder
        self._told = told
        self._looked_up = looked_up
        self.space = encoder.space
        self.modalities = encoder.modalities
        self.image_input = encoder.image_input
        self.audio_input: AudioInput | None = encoder.audio_input if isinstance(encoder, SoundEncoder) else None
        self.details: DetailForm | None = encoder.details if isinstance(encoder, DetailedEncoder) else None
        self._known: OrderedDict[str, tuple[np.ndarray, Any]] = OrderedDict()
        self._knowing = threading.Lock()
        self._turn = threading.Lock()
        self._waiting: list[_Ticket] = []

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """What the encoder gives; a question that is a text may come out of memory, or of a pass with others."""
        if role == "query" and modality is Modality.TEXT and len(contents) == 1 and isinstance(contents[0], str):
            return self._question(contents[0])[0][np.newaxis]
        return self._encoder.encode(modality, contents, role)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """As `encode`, with details where the encoder has them."""
        if role == "query" and modality is Modality.TEXT and len(contents) == 1 and isinstance(contents[0], str):
            vector, details = self._question(contents[0])
            return vector[np.newaxis], None if details is None else (details,)
        return self._both(modality, contents, role)

    def verify(self) -> None:
        self._encoder.verify()

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return self._encoder.calibration(asked, found)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        if not isinstance(self._encoder, LookCurves):
            return None
        return self._encoder.calibration_after(asked, found, looks)

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]:
        return self._encoder.row_spans(text) if isinstance(self._encoder, RowNaming) else ()

    def english_odds(self, text: str) -> float:
        return self._encoder.english_odds(text) if isinstance(self._encoder, WordKnowing) else 0.0

    def knows_word(self, word: str, english: bool = True) -> bool:
        return isinstance(self._encoder, WordKnowing) and self._encoder.knows_word(word, english)

    def common_words_like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        return self._encoder.common_words_like(beginning, lengths) if isinstance(self._encoder, WordKnowing) else ()

    def query_bank(self, asked: Modality) -> QueryBank | None:
        return self._encoder.query_bank(asked) if isinstance(self._encoder, QueryBanks) else None

    def _both(self, modality: Modality, contents: Sequence[Content], role: Role) -> tuple[Vectors, Details | None]:
        if isinstance(self._encoder, DetailedEncoder):
            return self._encoder.encode_detailed(modality, contents, role)
        return self._encoder.encode(modality, contents, role), None

    def _question(self, text: str) -> tuple[np.ndarray, Any]:
        with self._knowing:
            found = self._known.get(text)
            if found is not None:
                self._known.move_to_end(text)
        self._looked_up(found is not None)
        if found is None:
            found = self._made(text)
            with self._knowing:
                self._known[text] = found
                while len(self._known) > REMEMBERED:
                    self._known.popitem(last=False)
        return found

    def _made(self, text: str) -> tuple[np.ndarray, Any]:
        ticket = _Ticket(text)
        with self._knowing:
            self._waiting.append(ticket)
        while ticket.made is None and ticket.failed is None:
            with self._turn:
                if ticket.made is None and ticket.failed is None:
                    self._pass()
        if ticket.failed is not None:
            raise ticket.failed
        assert ticket.made is not None
        return ticket.made

    def _pass(self) -> None:
        """Encodes what waits now. A text that can not be encoded fails those beside it too: one by one, then."""
        with self._knowing:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        try:
            self._fill(batch)
        except Exception:  # noqa: BLE001 - whose fault it was is found out below, and raised in that thread
            for ticket in batch:
                try:
                    self._fill([ticket])
                except Exception as error:  # noqa: BLE001 - raised again where the text came from
                    ticket.failed = error

    def _fill(self, batch: Sequence[_Ticket]) -> None:
        vectors, details = self._both(Modality.TEXT, [ticket.text for ticket in batch], "query")
        self._told(len(batch))
        for row, ticket in enumerate(batch):
            ticket.made = (vectors[row], None if details is None else details[row])
