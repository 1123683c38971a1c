"""Encoders in front of another one: what they do not change goes to the other, and what that lacks they have not."""

from __future__ import annotations

from collections.abc import Sequence

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


class Forwarding:
    """The encoder `base`, with every port that one may have: fits `DetailedEncoder`, `SoundEncoder`, `LookCurves`,
    `QueryBanks`, `RowNaming` and `WordKnowing`. May be shared by threads, as its base may.

    A subclass overrides what it changes. Methods give what the base gives and raise what it raises, and nothing (None,
    no words, no rows) where the base has not the port.
    """

    def __init__(self, base: Encoder) -> None:
        self.base = base
        self.space = base.space
        self.modalities = base.modalities
        self.image_input = base.image_input
        self.audio_input: AudioInput | None = base.audio_input if isinstance(base, SoundEncoder) else None
        self.details: DetailForm | None = base.details if isinstance(base, DetailedEncoder) else None

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """As of `Encoder`."""
        return self.base.encode(modality, contents, role)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """As of `DetailedEncoder`; vectors alone where the base gives no details."""
        if isinstance(self.base, DetailedEncoder):
            return self.base.encode_detailed(modality, contents, role)
        return self.base.encode(modality, contents, role), None

    def verify(self) -> None:
        """As of `Encoder`."""
        self.base.verify()

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """As of `Encoder`."""
        return self.base.calibration(asked, found)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """As of `LookCurves`."""
        return self.base.calibration_after(asked, found, looks) if isinstance(self.base, LookCurves) else None

    def query_bank(self, asked: Modality) -> QueryBank | None:
        """As of `QueryBanks`."""
        return self.base.query_bank(asked) if isinstance(self.base, QueryBanks) else None

    def row_spans(self, text: str) -> Sequence[tuple[int, int]]:
        """As of `RowNaming`."""
        return self.base.row_spans(text) if isinstance(self.base, RowNaming) else ()

    def english_odds(self, text: str) -> float:
        """As of `WordKnowing`."""
        return self.base.english_odds(text) if isinstance(self.base, WordKnowing) else 0.0

    def knows_word(self, word: str, english: bool = True) -> bool:
        """As of `WordKnowing`."""
        return isinstance(self.base, WordKnowing) and self.base.knows_word(word, english)

    def common_words_like(self, beginning: str, lengths: tuple[int, int]) -> Sequence[str]:
        """As of `WordKnowing`."""
        return self.base.common_words_like(beginning, lengths) if isinstance(self.base, WordKnowing) else ()
