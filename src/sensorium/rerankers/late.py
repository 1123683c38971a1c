"""Late interaction: every word of a question is held against every cell of a picture, and the best cell counts.

A vector for a whole picture mixes all that is on it. Its cells do not: "red" finds the bus, "umbrella" the woman. The
sum over words of the best match is MaxSim (Khattab and Zaharia 2020, SIGIR); words against parts of pictures are SCAN
(Lee et al. 2018, ECCV) and FILIP (Yao et al. 2022, ICLR).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from sensorium.core.details import DetailForm, Levels
from sensorium.core.errors import PluginBroken, StoreDamaged
from sensorium.core.explanations import Told, WordCell
from sensorium.core.items import Modality
from sensorium.core.ports import DetailedEncoder, Encoder, RowNaming
from sensorium.core.queries import Query
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.core.store_ports import DetailStore
from sensorium.core.terms import terms
from sensorium.rerankers.regions import best_block, cell_box, fit, side_of

MOST_TOLD = 8
"""Words of a question that are told of one by one."""

WORD_SCALE = 32_768.0
"""Levels of a word's components. Products with the levels of a cell are whole numbers, and by Cauchy and Schwarz no
partial sum of them reaches 2 ** 24, below which float32 is exact: scores do not depend on the order of the sums, and so
not on which other pictures stand in the same product."""

PRODUCTS = 4_000_000
"""Inner products that are held at once: 16 MB. A long question takes fewer pictures at a time."""


class LateInteraction:
    """Adds `weight * (late - mean)` to the raw scores of pictures. Fits the port `Reranker`.

    late: the mean over the question's words of the best inner product with a cell; weight, mean: of the encoder's
    `DetailForm`. A picture without details keeps its raw score, as if its late score were the mean: anything made of
    the other candidates would let them move it. Reads on behalf of `scope` alone. May be shared by threads.
    """

    name = "late"

    def __init__(self, scope: Scope, encoder: Encoder, details: DetailStore) -> None:
        self._scope = scope
        self._encoder = encoder if isinstance(encoder, DetailedEncoder) else None
        self._details = details
        self._last: tuple[str, Vectors] = ("", np.empty((0, 0), np.float32))

    @classmethod
    def load(cls, scope: Scope, encoder: Encoder, store: DetailStore) -> LateInteraction:
        """Fits the port `RerankerFactory`."""
        return cls(scope, encoder, store)

    def applies(self, query: Query, found: Modality) -> bool:
        """Whether a question of one text looks for pictures, and the encoder gives details that count."""
        if self._encoder is None or self._encoder.details is None or self._encoder.details.weight == 0:
            return False
        return found is Modality.IMAGE and [part.modality for part in query.parts] == [Modality.TEXT]

    def rescore(self, query: Query, found: Modality, keys: Sequence[int], raw: Sequence[float]) -> list[float]:
        """`raw` with the late score added where there is one.

        Raises StoreDamaged for kept details, PluginBroken for words, that are not of the encoder's form.
        """
        if self._encoder is None or self._encoder.details is None or not self.applies(query, found):
            return list(raw)
        form = self._encoder.details
        late = dict(self._late_scores(self._encoder, form, str(query.parts[0].content), keys))
        return [
            score + form.weight * (late[key] - form.mean) if key in late else score
            for key, score in zip(keys, raw, strict=True)
        ]

    def tell(self, query: Query, found: Modality, keys: Sequence[int]) -> dict[int, Told]:
        """Fits `TellingReranker`: the late score, the part of the picture that fits best, each word's best cell."""
        if self._encoder is None or self._encoder.details is None or not self.applies(query, found):
            return {}
        form, text = self._encoder.details, str(query.parts[0].content)
        words, side = self._words(self._encoder, form, text), side_of(form.cells)
        kept = self._details.details(self._scope, self._encoder.space.id, keys) if len(words) else {}
        named = _rows_of(words, self._encoder, text) if kept and side else []
        told: dict[int, Told] = {}
        for key, levels in zip(kept, self._unpacked(self._encoder, form, kept), strict=True):
            late = float(max_similarity(words, levels[None], form.scale)[0])
            cells = levels.astype(np.float32) / np.float32(form.scale)
            told[key] = Told(
                numbers={"late": late, "late weight": form.weight, "late mean": form.mean},
                box=best_block(fit(words, cells), side) if side else None,
                words=tuple(_best_cell(word, rows, cells) for word, rows in named),
            )
        return told

    def _late_scores(
        self, encoder: DetailedEncoder, form: DetailForm, text: str, keys: Sequence[int]
    ) -> Iterator[tuple[int, float]]:
        words = self._words(encoder, form, text)
        at_once = max(1, PRODUCTS // (max(1, len(words)) * form.cells))
        for start in range(0, len(keys) if len(words) else 0, at_once):
            kept = self._details.details(self._scope, encoder.space.id, keys[start : start + at_once])
            levels = self._unpacked(encoder, form, kept)
            yield from zip(kept, max_similarity(words, levels, form.scale).tolist(), strict=True)

    def _unpacked(self, encoder: DetailedEncoder, form: DetailForm, kept: dict[int, bytes]) -> Levels:
        try:
            return form.unpack(list(kept.values()))
        except ValueError as error:
            raise StoreDamaged(
                f"the details of a piece are not of the encoder's form: {error}",
                subject=encoder.space.id,
                remedy="use the encoder that the library was filled by, or add the files again to a new library",
            ) from error

    def _words(self, encoder: DetailedEncoder, form: DetailForm, text: str) -> Vectors:
        """Encoded once for all calls about one question: the last one is remembered, and no other."""
        last, words = self._last
        if last != text:
            _, details = encoder.encode_detailed(Modality.TEXT, [text], "query")
            try:
                words = check_vectors(details[0] if details else np.empty((0, form.width), np.float32), form.width)
            except ValueError as error:
                raise PluginBroken(
                    f"the encoder's words are wrong: {error}",
                    subject=encoder.space.id,
                    remedy="mend or remove the plugin",
                ) from error
            self._last = (text, words)
        return words


def _rows_of(words: Vectors, encoder: DetailedEncoder, text: str) -> list[tuple[str, Vectors]]:
    """The telling words of a question, each with its rows; none where it can not be told which they are."""
    spans = encoder.row_spans(text) if isinstance(encoder, RowNaming) else ()
    if len(spans) != len(words):
        return []
    named: list[tuple[str, Vectors]] = []
    for word in terms(text)[:MOST_TOLD]:
        start = text.lower().find(word)
        own = [row for row, (begin, end) in enumerate(spans) if start - 1 <= begin < end <= start + len(word)]
        if own:
            named.append((word, words[own]))
    return named


def _best_cell(word: str, rows: Vectors, cells: Vectors) -> WordCell:
    """rows: of the word, float32 [n, width]; of several the mean counts."""
    heat = (rows @ cells.T).mean(axis=0)
    cell = int(np.argmax(heat))
    return WordCell(word=word, box=cell_box(cell, side_of(len(cells)) or 1), score=float(heat[cell]))


def max_similarity(words: Vectors, levels: Levels, scale: float) -> npt.NDArray[np.float64]:
    """float64 [n]: for each picture the mean over words of the largest inner product with one of its cells.

    words: float32 [at least 1, width], unit rows. levels: int8 [n, cells, width], cells times `scale`.

    By hand: the first word lies on the first cell, the second has products of 0 and 0.6, and the mean is (1 + 0.6) / 2.

    >>> words = np.array([[1, 0, 0], [0, 0.6, 0.8]], np.float32)
    >>> levels = np.array([[[100, 0, 0], [0, 100, 0]]], np.int8)
    >>> max_similarity(words, levels, scale=100.0).round(4).tolist()
    [0.8]
    """
    whole = np.rint(words * np.float32(WORD_SCALE))
    # A product for each picture is small enough for one thread: BLAS threads that wait for each other cost more.
    products = whole @ levels.astype(np.float32).transpose(0, 2, 1)
    best: npt.NDArray[np.float32] = products.max(axis=2)
    scores: npt.NDArray[np.float64] = best.sum(axis=1, dtype=np.float64) / (len(words) * WORD_SCALE * scale)
    return scores
