"""From a question to routes: one for each space and each modality that may answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sensorium.core.calibration import Calibration, logistic
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.core.spaces import Space, Vectors
from sensorium.core.trace import AskedPart


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One search of one index: `vector` against the pieces of one modality.

    A question of several parts is a weighted mean of standardised inner products, one a part. That mean is linear in
    the piece, so one vector holds it: `mean = scale * (vector . piece) - offset`. The curves of the parts, mixed by
    their shares, turn it into a score.

    vector: float32 [1, width], unit length. filter: the question's, narrowed to `modality`. curves: (share, curve) of
    each part; the shares add up to 1. parts: float32 [parts, width], the vectors of the parts themselves.
    """

    name: str
    space: Space
    modality: Modality
    filter: Filter
    vector: Vectors = field(repr=False)
    scale: float
    offset: float
    curves: tuple[tuple[float, Calibration], ...]
    parts: Vectors | None = field(default=None, repr=False)

    def score(self, raw: float, pieces: int = 0) -> float:
        """The calibrated score, 0..1, of an inner product with `vector`. pieces: how many are looked at."""
        return self.judge(pieces)(raw)[0]

    def matches(self, raw: float, pieces: int = 0) -> bool:
        """Whether it reaches the cut; always when any part has none."""
        return self.judge(pieces)(raw)[1]

    def judge(self, pieces: int = 0) -> Callable[[float], tuple[float, bool]]:
        """`score` and `matches` of inner products, as of `Calibration.judge`."""
        shift = sum(share * curve.shift(pieces) for share, curve in self.curves)
        least = sum(share * curve.least_odds(pieces) for share, curve in self.curves)

        def judged(raw: float) -> tuple[float, bool]:
            odds = self._log_odds(raw)
            return logistic(odds + shift), odds >= least

        return judged

    def _log_odds(self, raw: float) -> float:
        mean = self.scale * raw - self.offset
        return sum(share * curve.log_odds(mean) for share, curve in self.curves)


def plan(query: Query, encoders: Sequence[Encoder]) -> list[Route]:
    """The routes that answer `query`: none where no encoder can look. Raises BadQuery when none can take its parts."""
    asked = {part.modality for part in query.parts}
    able = [encoder for encoder in encoders if asked <= encoder.modalities]
    if not able:
        named = ", ".join(sorted(asked))
        raise BadQuery(f"no encoder of this library takes {named}", remedy="ask in another sense or name an encoder")
    routes: list[Route] = []
    for encoder in able:
        encoded = [_encoded(encoder, part) for part in query.parts]
        targets = _targets(query.filter, encoder.modalities)
        routes.extend(_route(query, encoder, encoded, modality) for modality in targets)
    return routes


def asked_parts(query: Query) -> list[AskedPart]:
    """The parts of a question with what each counts, for its trace."""
    total = sum(abs(part.weight) for part in query.parts)
    return [
        AskedPart(words=part.words, sense=str(part.modality), weight=part.weight, share=abs(part.weight) / total)
        for part in query.parts
    ]


def _encoded(encoder: Encoder, part: QueryPart) -> np.ndarray:
    """float32 [width]: the vector that is known of the part, else the one that the encoder makes."""
    known = part.known.get(encoder.space.id)
    return known if known is not None else encoder.encode(part.modality, [part.content], "query")[0]


def _targets(filter: Filter, encodable: Iterable[Modality]) -> list[Modality]:
    wanted = filter.modalities
    return sorted(modality for modality in encodable if wanted is None or modality in wanted)


def _route(query: Query, encoder: Encoder, encoded: Sequence[np.ndarray], modality: Modality) -> Route:
    curves = [encoder.calibration(part.modality, modality) for part in query.parts]
    weights = np.array([part.weight for part in query.parts], dtype=np.float64)
    shares = np.abs(weights) / np.abs(weights).sum()
    signed = np.sign(weights) * shares
    combined = sum(
        share / curve.deviation * vector.astype(np.float64)
        for share, curve, vector in zip(signed, curves, encoded, strict=True)
    )
    length = float(np.linalg.norm(combined))
    if length < 1e-9:
        raise BadQuery("the parts cancel each other out", remedy="avoid something else than what you look for")
    return Route(
        name=f"vectors:{encoder.space.name}",
        space=encoder.space,
        modality=modality,
        filter=replace(query.filter, modalities=frozenset({modality})),
        vector=np.ascontiguousarray((combined / length)[None, :], dtype=np.float32),
        scale=length,
        offset=float(sum(s * curve.mean / curve.deviation for s, curve in zip(signed, curves, strict=True))),
        curves=tuple(zip(shares.tolist(), curves, strict=True)),
        parts=np.stack(encoded),
    )
