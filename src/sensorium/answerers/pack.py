"""Hits made into numbered evidence, cut to a budget of characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sensorium.answerers.looks import COLOURS, SEEN
from sensorium.answerers.statements import plain
from sensorium.core.answers import Exhibit, Pack
from sensorium.core.items import Aspect, Modality, Piece, Place
from sensorium.core.reports import Seen
from sensorium.core.results import Hit
from sensorium.core.terms import terms

SHARE = 4
"""One exhibit takes at most this part of the budget: one fourth."""

LEAST = 40
"""Characters: with less room than this nothing more is taken."""

SAME = 0.8
"""A piece so many of whose words an earlier one of its item holds tells nothing new. Tables are kept whole and in
parts, and what is read off a page repeats what its text says."""

AROUND = 2.0
"""Seconds before and after a moment whose words tell of it."""

_SAID = {
    Aspect.SPEECH: "said",
    Aspect.SUBTITLE: "subtitle",
    Aspect.WRITING: "written",
    Aspect.CONTENT: "text",
    Aspect.TABLE: "table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Where words for pieces without words come from. pieces: of an item, by its id. seen: what is seen in it."""

    pieces: Callable[[str], Sequence[Piece]]
    seen: Callable[[str], Seen | None]

    def tell(self, hit: Hit) -> str:
        """What is seen, written and said where the hit is; "" where nothing is known.

        Of a page that are its own words, of a moment those around it; of everything else also the names of what it
        looks or sounds like.
        """
        near = [piece for piece in self.pieces(hit.item.id) if piece.text and _is_near(piece, hit)]
        lines = [f"{_SAID[piece.aspect]}: {piece.text}" for piece in near if piece.aspect in _SAID]
        if hit.item.modality is Modality.DOCUMENT:
            return "\n\n".join(piece.text for piece in near if piece.text)
        seen = self.seen(hit.item.id)
        names = [name.name for name in seen.names] if seen else []
        if seen and seen.colours and hit.item.modality is Modality.IMAGE:
            lines.append(f"{COLOURS}{seen.colours}")
        # Each is a paragraph, so that what is guessed and what is said do not run into one sentence.
        return "\n\n".join([f"{SEEN}{', '.join(names)}", *lines] if names else lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """characters: of all evidence. pieces: most exhibits."""

    characters: int = 12_000
    pieces: int = 24


def packed(hits: Iterable[Hit], telling: Telling, budget: Budget) -> Pack:
    """The evidence of `hits`, which come best first. What an earlier hit says already is left out."""
    exhibits: list[Exhibit] = []
    known: dict[str, list[set[str]]] = {}
    room = budget.characters
    for hit in hits:
        if len(exhibits) == budget.pieces or room < LEAST:
            break
        whole = plain(hit.piece.text or telling.tell(hit)).strip()
        words, before = set(terms(whole, most=None)), known.setdefault(hit.item.id, [])
        if not whole or _is_known(words, before):
            continue
        text = _shortened(whole, min(room, max(LEAST, budget.characters // SHARE)))
        exhibits.append(
            Exhibit(
                number=len(exhibits) + 1,
                hit=hit,
                text=text,
                described=hit.piece.text is None,
                shortened=len(text) < len(whole),
            )
        )
        before.append(set(terms(text, most=None)))
        room -= len(text)
    return Pack(exhibits=tuple(exhibits))


def _is_known(words: set[str], before: Iterable[set[str]]) -> bool:
    return any(len(words & held) >= SAME * len(words) for held in before)


def _shortened(text: str, most: int) -> str:
    """`text` up to `most` characters, cut at the end of a line or word."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(head.rfind("\n"), head.rfind(" "))
    return head[: end if end > most // 2 else most].rstrip()


def _is_near(piece: Piece, hit: Hit) -> bool:
    """Whether a text stands where the hit is."""
    own: Place = hit.piece.place
    if own.seconds is not None:
        start, end = piece.place.seconds or (0.0, -1.0)
        return start < own.seconds[1] + AROUND and end > own.seconds[0] - AROUND
    if own.page is None:
        return True
    return piece.place.page == own.page and _overlap(own.box, piece.place.box)


def _overlap(one: tuple[float, ...] | None, other: tuple[float, ...] | None) -> bool:
    """Whether two boxes share area; without a box it is the whole page."""
    if one is None or other is None:
        return True
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
