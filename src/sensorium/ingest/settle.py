"""What is done with a whole item's vectors before it is committed: shots get theirs, like neighbours become one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sensorium.core.contents import DraftPiece
from sensorium.core.items import Aspect, Place
from sensorium.core.spaces import Vectors
from sensorium.ingest.parts import EncodedPart, Rows, inside

ALIKE = 0.97
"""Cosine from which a window of sound says what the one before it says already."""
LONGEST_SECONDS = 60.0
"""Of windows that became one: a place that is longer tells nobody where to listen."""


def settled(part: EncodedPart) -> EncodedPart:
    """The item with a vector for each shot, and with windows of sound joined that follow each other and are alike."""
    return _merged(_pooled(part))


def _pooled(part: EncodedPart) -> EncodedPart:
    """Each shot has the mean of its frames' vectors, unit length, in every space that has all of them."""
    shots = [ordinal for ordinal, piece in enumerate(part.pieces) if piece.aspect is Aspect.SHOT]
    if not shots:
        return part
    rows = {space: Rows(dict(found.vectors), dict(found.details)) for space, found in part.rows.items()}
    for shot in shots:
        frames = list(inside(part.pieces[shot], part.pieces))
        for found in rows.values():
            vectors = [found.vectors[frame] for frame in frames if frame in found.vectors]
            if vectors:
                found.vectors[shot] = unit_mean(vectors)
    return replace(part, rows=rows)


def _merged(part: EncodedPart) -> EncodedPart:
    groups = _groups(part)
    if all(len(group) == 1 for group in groups):
        return part
    numbers = {group[0]: number for number, group in enumerate(groups)}
    rows = {space: found.renumbered(numbers) for space, found in part.rows.items()}
    for space, found in part.rows.items():
        for number, group in enumerate(groups):
            vectors = [found.vectors[ordinal] for ordinal in group if ordinal in found.vectors]
            if len(group) > 1 and vectors:
                rows[space].vectors[number] = unit_mean(vectors)
    pieces = tuple(_spanning([part.pieces[ordinal] for ordinal in group]) for group in groups)
    return replace(part, pieces=pieces, rows=rows)


def _groups(part: EncodedPart) -> list[list[int]]:
    """Ordinals that become one piece, in the order of their first ones."""
    groups: list[list[int]] = []
    last: list[int] | None = None
    for ordinal, piece in enumerate(part.pieces):
        if piece.aspect is Aspect.SOUND and last is not None and _follows(part, last, ordinal):
            last.append(ordinal)
            continue
        groups.append([ordinal])
        if piece.aspect is Aspect.SOUND:
            last = groups[-1]
    return groups


def _follows(part: EncodedPart, group: list[int], ordinal: int) -> bool:
    first, last, seconds = (part.pieces[n].place.seconds for n in (group[0], group[-1], ordinal))
    if first is None or last is None or seconds is None:
        return False
    if not (first[0] <= seconds[0] <= last[1] and seconds[1] - first[0] <= LONGEST_SECONDS):
        return False
    spaces = [found for found in part.rows.values() if group[0] in found.vectors and ordinal in found.vectors]
    return bool(spaces) and all(float(found.vectors[group[0]] @ found.vectors[ordinal]) >= ALIKE for found in spaces)


def _spanning(pieces: list[DraftPiece]) -> DraftPiece:
    if len(pieces) == 1:
        return pieces[0]
    places = [piece.place.seconds for piece in pieces if piece.place.seconds is not None]
    place = Place(seconds=(places[0][0], max(end for _, end in places)))
    return replace(pieces[0], place=place)


def unit_mean(vectors: list[Vectors]) -> Vectors:
    """float32 [d]: the mean direction of unit vectors; the first one where they cancel each other out.

    >>> unit_mean([np.array([1, 0], np.float32), np.array([0, 1], np.float32)]).round(3).tolist()
    [0.7070000171661377, 0.7070000171661377]
    """
    mean = np.mean(vectors, axis=0)
    length = float(np.linalg.norm(mean))
    found: Vectors = (mean / length).astype(np.float32) if length > 1e-6 else vectors[0]
    return found
