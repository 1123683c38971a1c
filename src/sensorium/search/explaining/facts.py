"""What is known of hits, for their explanations: read anew under the caller's scope, for several hits at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Protocol

import numpy as np

from sensorium.core.candidates import VisiblePiece
from sensorium.core.explanations import TermPlace, Told
from sensorium.core.items import Aspect, Modality, Piece
from sensorium.core.ports import Reranker, TellingReranker
from sensorium.core.queries import Query
from sensorium.core.scopes import EVERYTHING, Filter, Scope
from sensorium.core.spaces import Vectors
from sensorium.core.store_ports import PieceStore, VocabularyStore
from sensorium.core.terms import sought, terms
from sensorium.govern import guard
from sensorium.search.plan import Route
from sensorium.search.showing.views import views_of
from sensorium.search.wording.runs import shared_runs

MOST_TERMS = 64
"""Places of words that are told of one text."""

FILMED = Filter(aspects=frozenset({Aspect.FRAME, Aspect.SHOT}))


class ExplainingStore(PieceStore, VocabularyStore, Protocol):
    """What an explanation is read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a hit meets one part of a question. raw: the inner product with the part's own vector. standardised: in
    deviations above that of a random pair. share: what the part counts of all, 0..1."""

    raw: float
    standardised: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one hit.

    seen: the piece as it may be seen now; of a shot, the frame of it that fits best. route: that looks at pieces of its
    sense. among: how many there are to look at. told: what each look tells of `seen`, by its name. terms: where words
    of the question stand in it. view: the page or picture that a text stands on. shot: the number of the shot that it
    lies in, 0 where there is none.
    """

    seen: VisiblePiece
    route: Route | None
    among: int
    told: Mapping[str, Told]
    terms: tuple[TermPlace, ...]
    fits: tuple[Fit, ...]
    view: Piece | None
    shot: int


def facts_of(
    scope: Scope,
    query: Query,
    piece_ids: Sequence[str],
    *,
    routes: Sequence[Route],
    store: ExplainingStore,
    looks: Sequence[Reranker],
) -> dict[str, Facts]:
    """What is known of those of these pieces that the scope may see now and that the question's filter allows."""
    gathering = _Gathering(scope, query, routes, store)
    found = gathering.verified(piece_ids, query.filter)
    frames = {id: frame for id, one in found.items() if (frame := gathering.best_frame(one.piece)) is not None}
    seen = {id: frames.get(id, one) for id, one in found.items()}
    told = _told(gathering.singles(), list(seen.values()), looks)
    places = gathering.places([one for one in seen.values() if one.piece.text])
    views = views_of(store, scope, [one.piece for one in found.values() if one.piece.modality is Modality.TEXT])
    by_modality = {route.modality: route for route in routes}
    return {
        id: Facts(
            seen=one,
            route=(route := by_modality.get(one.piece.modality)),
            among=gathering.among(route) if route else 0,
            told=told.get(one.key, {}),
            terms=places.get(one.key, ()),
            fits=gathering.fits(route, found[id].key) if route else (),
            view=views.get(id),
            shot=gathering.shot(one.piece),
        )
        for id, one in seen.items()
    }


@dataclass(slots=True)
class _Gathering:
    """Reads on behalf of one scope and question; what several hits share is read once."""

    scope: Scope
    query: Query
    routes: Sequence[Route]
    store: ExplainingStore
    _among: dict[str, int] = field(default_factory=dict)
    _filmed: dict[str, tuple[Piece, ...]] = field(default_factory=dict)

    def verified(self, piece_ids: Sequence[str], filter: Filter) -> dict[str, VisiblePiece]:
        """The pieces that may be seen now, by id."""
        known = self.store.pieces_by_id(self.scope, piece_ids)
        visible = guard.opened(self.store, self.scope, filter, [one.key for one in known.values()])
        return {one.piece.id: one for one in visible.values()}

    def singles(self) -> Iterator[Query]:
        """The wanted texts of the question, each as a question of its own: what looks can tell of."""
        for part in self.query.parts:
            if part.modality is Modality.TEXT and part.weight > 0 and not part.known:
                yield replace(self.query, parts=(part,))

    def among(self, route: Route) -> int:
        """How many visible pieces a route looks at."""
        if route.modality not in self._among:
            keys = self.store.visible_keys(self.scope, route.filter, route.space.id)
            self._among[route.modality] = len(keys)
        return self._among[route.modality]

    def places(self, texts: Sequence[VisiblePiece]) -> dict[int, tuple[TermPlace, ...]]:
        """Where the question's words stand in the texts, by key, in the order of each text."""
        found: dict[int, set[TermPlace]] = {one.key: set() for one in texts}
        for single in self.singles() if texts else ():
            text = str(single.parts[0].content)
            for wanted in sought(text):
                for key, spans in self.store.word_places(self.scope, wanted.pattern, list(found)).items():
                    found[key].update(TermPlace(word=wanted.pattern, characters=span) for span in spans)
            for one in texts:
                runs = shared_runs(terms(text), one.piece.text or "")
                found[one.key].update(TermPlace(word=run, characters=span) for run, span in runs)
        ordered = {key: sorted(own, key=lambda one: (one.characters, one.word)) for key, own in found.items()}
        return {key: tuple(own[:MOST_TERMS]) for key, own in ordered.items()}

    def fits(self, route: Route, key: int) -> tuple[Fit, ...]:
        """How a piece meets each part; of a question of one part there is nothing to tell apart."""
        vector = self.store.vectors_of(route.space.id, [key]).get(key)
        if vector is None or route.parts is None:
            return ()
        raws = (route.parts @ vector).tolist()
        return tuple(
            Fit(raw=raw, standardised=curve.standardised(raw), share=share)
            for raw, (share, curve) in zip(raws, route.curves, strict=True)
        )

    def best_frame(self, piece: Piece) -> VisiblePiece | None:
        """Of a shot its frame that fits best: a shot has no picture of its own."""
        route = next((route for route in self.routes if route.modality is Modality.IMAGE), None)
        if piece.aspect is not Aspect.SHOT or piece.place.seconds is None or route is None:
            return None
        start, end = piece.place.seconds
        inside = [one.id for one in self._film(piece) if one.aspect is Aspect.FRAME and start <= start_of(one) < end]
        frames = {one.key: one for one in self.verified(inside, EVERYTHING).values()}
        vectors = self.store.vectors_of(route.space.id, list(frames))
        best = max(vectors, key=lambda key: (_product(route.vector, vectors[key]), -key), default=None)
        return None if best is None else frames[best]

    def shot(self, piece: Piece) -> int:
        """The number of the shot that a moment of a film lies in, from 1; 0 where there is none."""
        if piece.aspect not in (Aspect.FRAME, Aspect.SHOT):
            return 0
        shots = sorted(start_of(one) for one in self._film(piece) if one.aspect is Aspect.SHOT)
        return int(np.searchsorted(shots, start_of(piece), side="right"))

    def _film(self, piece: Piece) -> tuple[Piece, ...]:
        if piece.item_id not in self._filmed:
            self._filmed[piece.item_id] = self.store.pieces_of(self.scope, piece.item_id, FILMED)
        return self._filmed[piece.item_id]


def _told(
    singles: Iterator[Query], seen: Sequence[VisiblePiece], looks: Sequence[Reranker]
) -> dict[int, dict[str, Told]]:
    """What each look tells of each piece, by key and the look's name; of the first text that it has a word on."""
    keys: dict[Modality, list[int]] = {}
    for one in seen:
        keys.setdefault(one.piece.modality, []).append(one.key)
    telling = [look for look in looks if isinstance(look, TellingReranker)]
    told: dict[int, dict[str, Told]] = {}
    for single, look, modality in product(singles, telling, keys):
        for key, said in look.tell(single, modality, keys[modality]).items() if look.applies(single, modality) else ():
            told.setdefault(key, {}).setdefault(look.name, said)
    return told


def start_of(piece: Piece) -> float:
    """The second at which a moment of a film begins."""
    return piece.place.seconds[0] if piece.place.seconds else 0.0


def _product(asked: Vectors, vector: Vectors) -> float:
    return float(asked[0] @ vector)
