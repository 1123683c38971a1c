"""What is shown of a hit that is no picture itself: the page that it stands on, the frame that is seen then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sensorium.core.items import Aspect, Modality, Piece, Preview
from sensorium.core.scopes import Filter, Scope
from sensorium.core.store_ports import ItemStore

LOOKS = Filter(modalities=frozenset({Modality.IMAGE}), aspects=frozenset({Aspect.FRAME, Aspect.CONTENT}))
PAGES = Filter(modalities=frozenset({Modality.IMAGE}), aspects=frozenset({Aspect.PAGE}))


def shown_with(items: ItemStore, scope: Scope, pieces: Sequence[Piece]) -> Mapping[str, Preview]:
    """Previews by piece id: a piece's own or, where it has none, that of the page or frame it belongs to."""
    own = items.previews(scope, [piece.id for piece in pieces])
    views = views_of(items, scope, [piece for piece in pieces if piece.id not in own])
    found = items.previews(scope, sorted({view.id for view in views.values()}))
    return {**own, **{piece: found[view.id] for piece, view in views.items() if view.id in found}}


def views_of(items: ItemStore, scope: Scope, pieces: Sequence[Piece]) -> Mapping[str, Piece]:
    """The page, picture or frame that each piece belongs to, by piece id. Of a long item only these are read."""
    pages: dict[str, set[int]] = defaultdict(set)
    looks: set[str] = set()
    bare = [piece for piece in pieces if stands_somewhere(piece)]
    for piece in bare:
        if piece.place.page is not None:
            pages[piece.item_id].add(piece.place.page)
        else:
            looks.add(piece.item_id)
    near = {item: items.pieces_of(scope, item, PAGES, numbers) for item, numbers in pages.items()}
    for item in looks:
        near[item] = near.get(item, ()) + items.pieces_of(scope, item, LOOKS)
    found = ((piece.id, view_of(piece, near[piece.item_id])) for piece in bare)
    return {id: view for id, view in found if view is not None}


def stands_somewhere(piece: Piece) -> bool:
    """Whether it is a part of a page, a picture or a film, and not just a stretch of text."""
    place = piece.place
    return any(part is not None for part in (place.page, place.seconds, place.box))


def view_of(piece: Piece, others: Sequence[Piece]) -> Piece | None:
    """The page or picture that a piece stands on, or the frame that is seen at its middle; None where there is none."""
    if piece.place.page is not None:
        pages = (other for other in others if other.aspect is Aspect.PAGE and other.place.page == piece.place.page)
        return next(pages, None)
    if piece.place.seconds is None:
        pictures = (other for other in others if other.aspect is Aspect.CONTENT and _is_picture(other))
        return next(pictures, None) if piece.place.box is not None else None
    middle = sum(piece.place.seconds) / 2
    frames = [other for other in others if other.aspect in (Aspect.FRAME, Aspect.CONTENT) and _is_picture(other)]
    return min(frames, key=lambda frame: _distance(frame, middle), default=None)


def _is_picture(piece: Piece) -> bool:
    return piece.modality is Modality.IMAGE


def _distance(frame: Piece, second: float) -> float:
    if frame.place.seconds is None:  # the cover of a recording
        return 0.0
    start, end = frame.place.seconds
    return max(start - second, second - end, 0.0)
