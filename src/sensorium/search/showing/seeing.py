"""What the system sees in an item: the names that its pictures and sounds are nearest to, its words, its colours.

So that a person understands why it is found. The names are those of the 1,000 classes of ImageNet (Russakovsky et al.
2015) and of the 521 of AudioSet that YAMNet knows (Gemmeke et al. 2017); they are compared like any question.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from sensorium.core.items import Aspect, Modality, Piece
from sensorium.core.ports import Encoder
from sensorium.core.reports import Named, Seen
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Vectors
from sensorium.core.store_ports import PieceStore

PROMPTS = {Modality.IMAGE: "a photo of a {}", Modality.AUDIO: "the sound of {}"}
MOST_NAMES = 5
LEAST_SCORE = 0.02
"""A name whose score is lower is no better than chance."""
FIRST_WORDS = 300
"""Characters of a transcript, and of writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeing:
    """Looks at items by what the store holds of them. cache: a folder for the vectors of names, made once."""

    store: PieceStore
    encoder: Encoder
    cache: Path

    def seen(self, scope: Scope, item_id: str, pieces: Sequence[Piece]) -> Seen:
        """What is seen in a visible item with these pieces."""
        return Seen(
            names=tuple(
                found
                for sense in (Modality.IMAGE, Modality.AUDIO)
                if sense in self.encoder.modalities
                for found in self._named(scope, item_id, sense)
            ),
            speech=_words(pieces, Aspect.SPEECH),
            writing=_words(pieces, Aspect.WRITING),
            colours=next((piece.attributes["colours"] for piece in pieces if "colours" in piece.attributes), ""),
        )

    def prepare(self) -> None:
        """Makes the vectors of all names, or finds that they are kept: the first look takes seconds without it."""
        for sense in (Modality.IMAGE, Modality.AUDIO):
            if sense in self.encoder.modalities:
                self._vectors(sense, names_of(sense))

    def _named(self, scope: Scope, item_id: str, sense: Modality) -> list[Named]:
        """The names that any piece of this sense scores best for, best first."""
        space = self.encoder.space
        filter = Filter(item_ids=frozenset({item_id}), modalities=frozenset({sense}))
        keys = self.store.visible_keys(scope, filter, space.id)
        vectors = list(self.store.vectors_of(space.id, keys.tolist()).values())
        if not vectors:
            return []
        names = names_of(sense)
        best = (np.stack(vectors) @ self._vectors(sense, names).T).max(axis=0)
        curve = self.encoder.calibration(Modality.TEXT, sense)
        chosen = [(names[at], curve.score(float(best[at]))) for at in np.argsort(-best)[:MOST_NAMES]]
        return [Named(name=name, sense=sense, score=score) for name, score in chosen if score >= LEAST_SCORE]

    def _vectors(self, sense: Modality, names: Sequence[str]) -> Vectors:
        """float32 [names, width]; kept in a file, because they take seconds to make."""
        file = self.cache / f"names-{sense}-{self.encoder.space.digest[:16]}.npy"
        with contextlib.suppress(OSError, ValueError):
            kept = np.load(file, allow_pickle=False)
            if kept.shape == (len(names), self.encoder.space.width):
                return np.asarray(kept, np.float32)
        made = self.encoder.encode(Modality.TEXT, [PROMPTS[sense].format(name) for name in names], "query")
        with contextlib.suppress(OSError):  # it is made again next time
            self.cache.mkdir(parents=True, exist_ok=True)
            beside = file.with_suffix(f".{os.getpid()}.tmp")
            with beside.open("wb") as out:
                np.save(out, made)
            beside.replace(file)
        return made


def names_of(sense: Modality) -> list[str]:
    """The names of what may be seen, or heard.

    >>> len(names_of(Modality.AUDIO)), "Bark" in names_of(Modality.AUDIO)
    (521, True)
    """
    text = files(__package__).joinpath("names.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row["name"] for row in rows if row["sense"] == sense]


def _words(pieces: Iterable[Piece], aspect: Aspect) -> str:
    """The first words of all pieces of an aspect."""
    said = " ".join(piece.text or "" for piece in pieces if piece.aspect is aspect)
    return said if len(said) <= FIRST_WORDS else said[:FIRST_WORDS].rpartition(" ")[0] + " …"
