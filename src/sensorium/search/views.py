"""What is shown of a hit that is no picture itself: the page that it stands on, the frame that is seen then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sensorium.core.items import Aspect, Modality, Piece, Preview
from sensorium.core.ports import ItemStore
from sensorium.core.scopes import Scope


def shown_with(items: ItemStore, scope: Scope, pieces: Sequence[Piece]) -> Mapping[str, Preview]:
    """Previews by piece id: a piece's own or, where it has none, that of the page or frame it belongs to."""
    own = items.previews(scope, [piece.id for piece in pieces])
    bare = [piece for piece in pieces if piece.id not in own and stands_somewhere(piece)]
    neighbours = {item: items.pieces_of(scope, item) for item in {piece.item_id for piece in bare}}
    views = {piece.id: view.id for piece in bare if (view := view_of(piece, neighbours[piece.item_id])) is not None}
    found = items.previews(scope, sorted(set(views.values())))
    return {**own, **{piece: found[view] for piece, view in views.items() if view in found}}


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
