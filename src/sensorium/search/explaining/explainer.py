"""Why each hit is a hit: what decided, told in sentences and in numbers, and where in it the question fits.

Only what the caller may see now is looked at: every hit is verified again, and everything is read under their scope.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from sensorium.core.calibration import Calibration, logit
from sensorium.core.explanations import Box, Explanation, Region
from sensorium.core.items import Aspect, Modality
from sensorium.core.ports import Encoder, LookCurves, Reranker
from sensorium.core.queries import Query
from sensorium.core.results import Evidence, Hit
from sensorium.core.scopes import Scope
from sensorium.search.arranging.placing import BROUGHT
from sensorium.search.explaining import saying
from sensorium.search.explaining.facts import ExplainingStore, Facts, facts_of, start_of
from sensorium.search.plan import Route, plan

BY_WORDS = "words"
"""The route of what was found by its words alone."""

Curves = Sequence[tuple[float, Calibration]]
"""Of each part of a question its share and its curve; the shares add up to 1."""

HEARD = frozenset({Aspect.SPEECH, Aspect.SOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """Explains hits. rerankers: the closer looks that a caller may take."""

    store: ExplainingStore
    encoders: Sequence[Encoder]
    rerankers: Callable[[Scope], Sequence[Reranker]]

    def explained(
        self, scope: Scope, query: Query, hits: Sequence[Hit], pieces: Collection[str] | None = None
    ) -> tuple[Hit, ...]:
        """The hits with their explanations. pieces: ids of those that are wanted; None for all of them.

        A hit that may not be seen any more has none.
        """
        wanted = [hit.piece.id for hit in hits if pieces is None or hit.piece.id in pieces]
        if not wanted:
            return tuple(hits)
        facts = facts_of(
            scope,
            query,
            wanted,
            routes=plan(query, self.encoders),
            store=self.store,
            looks=self.rerankers(scope),
        )
        return tuple(
            replace(hit, explanation=self._explanation(query, hit, facts[hit.piece.id]))
            if hit.piece.id in facts
            else hit
            for hit in hits
        )

    def _explanation(self, query: Query, hit: Hit, facts: Facts) -> Explanation:
        region = _region(hit, facts)
        return Explanation(
            words=tuple(_words(query, hit, facts, region)),
            numbers=dict(_numbers(query, hit, facts, self._curves(query, hit, facts))),
            terms=facts.terms,
            region=region,
        )

    def _curves(self, query: Query, hit: Hit, facts: Facts) -> Curves:
        """What makes a score of the raw one: the curves of the parts, or the one of the looks that were taken."""
        looks = tuple(look.name for look in deciding(hit).looks)
        if facts.route is None or not looks:
            return facts.route.curves if facts.route else ()
        for encoder in self.encoders:
            if encoder.space.id == facts.route.space.id and isinstance(encoder, LookCurves):
                curve = encoder.calibration_after(query.parts[0].modality, facts.route.modality, looks)
                return ((1.0, curve),) if curve else ()
        return ()


def deciding(hit: Hit) -> Evidence:
    """Of what found a hit, that which its score is made of: the route with a closer look, else the first one."""
    return max(hit.evidence, key=lambda one: (len(one.looks), one.route != BY_WORDS))


def _words(query: Query, hit: Hit, facts: Facts, region: Region | None) -> Iterator[str]:
    evidence, modality = deciding(hit), hit.piece.modality
    if evidence.route == BY_WORDS:
        yield "It was found by your words to the letter."
    elif evidence.route != BROUGHT:  # a rule that brings it says so below
        yield saying.likeness(query.parts, modality, saying.Standing(evidence.rank, facts.among))
    if facts.terms:
        text = facts.seen.piece.text or ""
        shown = {term.word: text[slice(*term.characters)] for term in reversed(facts.terms)}
        yield saying.said([shown[word] for word in dict.fromkeys(term.word for term in facts.terms)])
    if region is not None:
        yield from _places(hit, facts, region)
    if len(facts.fits) > 1:
        shares = [fit.share for fit in facts.fits]
        yield saying.shares(query.parts, shares, [fit.standardised for fit in facts.fits])
    if any(look.name == "hubness" for look in evidence.looks):
        yield "What is near to every question was set back."
    for rule in hit.rules:
        yield saying.moved(rule.name, rule.words)
    if not hit.matches:
        yield "It is among the nearest there are, and probably not what you look for."


def _places(hit: Hit, facts: Facts, region: Region) -> Iterator[str]:
    piece = hit.piece
    if region.seconds is not None:
        speaker = piece.attributes.get("speaker", "")
        yield saying.moment(region.seconds, facts.shot, heard=piece.aspect in HEARD, speaker=speaker)
    if region.page is not None:
        yield f"It stands on page {region.page}." if piece.aspect is not Aspect.PAGE else f"It is page {region.page}."
    if region.name:
        yield f"{region.name[:1].upper()}{region.name[1:]} fits best."


def _region(hit: Hit, facts: Facts) -> Region | None:
    seen, place = facts.seen.piece, hit.piece.place
    told = next((one for one in facts.told.values() if one.box is not None), None)
    box: Box | None = told.box if told else None
    of = seen.id
    if hit.piece.modality is Modality.TEXT:
        box, of = place.box, (facts.view.id if facts.view else hit.piece.id)
    seconds = start_of(seen) if seen.place.seconds else None
    if box is None and seconds is None and place.page is None:
        return None
    named = saying.where(box) if box is not None and hit.piece.modality is Modality.IMAGE else ""
    words = told.words if told else ()
    return Region(piece=of, box=box, name=named, seconds=seconds, page=place.page, words=words)


def _numbers(query: Query, hit: Hit, facts: Facts, curves: Curves) -> Iterator[tuple[str, float]]:
    evidence = deciding(hit)
    yield "score", hit.score
    if math.isfinite(odds := logit(hit.score)):
        yield "log odds", odds
    if evidence.route != BROUGHT:
        yield "rank", float(evidence.rank)
    yield "among", float(facts.among)
    yield "raw", evidence.raw
    for look in evidence.looks:
        yield f"after {look.name}", look.raw
    taken = {look.name for look in evidence.looks}
    for name, told in facts.told.items():
        if name in taken:
            yield from told.numbers.items()
    if facts.route is not None and curves:
        yield from _calibrated(facts.route, facts.among, evidence, curves)
    for number, (part, fit) in enumerate(zip(query.parts, facts.fits, strict=False), start=1):
        if len(query.parts) > 1:
            yield f"part {number} weight", part.weight
            yield f"part {number} share", fit.share
            yield f"part {number} raw", fit.raw
            yield f"part {number} standardised", fit.standardised


def _calibrated(route: Route, among: int, evidence: Evidence, curves: Curves) -> Iterator[tuple[str, float]]:
    """How the raw score becomes the log odds: `curve + shift by size`, and from where a hit matches."""
    raw = evidence.last_raw
    standardised = curves[0][1].standardised(raw) if evidence.looks else route.scale * raw - route.offset
    shift = sum(share * curve.shift(among) for share, curve in curves)
    least = sum(share * curve.least_odds(among) for share, curve in curves)
    yield "standardised", standardised
    yield "curve", sum(share * curve.log_odds(standardised) for share, curve in curves)
    yield "shift by size", shift
    if math.isfinite(least):
        yield "least log odds", least + shift
