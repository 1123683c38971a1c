"""Subtitles in files of their own beside a film: which belong to which film, and what a film is with them."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.receipts import JOINED, Sighting
from sensorium.ingest.discover import Found
from sensorium.ingest.sources import folder_of, name_of, shown

FILMS = (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".ogv", ".webm")
SUBTITLES = (".srt", ".vtt")

_TAGS = re.compile(r"(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}))?(?:\.(?:cc|forced|hi|sdh))?", re.IGNORECASE)
"""What may stand between a film's name and `.srt`: a language (BCP 47), and what kind of subtitles they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """Subtitles as they were read. language: as their name says, "" where it does not."""

    source: str
    content_hash: str
    size: int
    modified_ns: int
    seen_at: float
    language: str
    document: Document = field(repr=False)


def is_film(source: str) -> bool:
    """Whether the name is that of a film.

    >>> is_film("/films/snow.MP4"), is_film("/films/snow.srt")
    (True, False)
    """
    return source.lower().endswith(FILMS)


def is_subtitles(source: str) -> bool:
    """Whether the name is that of a file of subtitles."""
    return source.lower().endswith(SUBTITLES)


def is_joined(sighting: Sighting) -> bool:
    """Whether these subtitles were seen as a part of their film."""
    return sighting.content_hash.startswith(JOINED)


def belongs(subtitles: str, film: str) -> bool:
    """Whether these subtitles lie beside this film, under its name.

    >>> belongs("/films/snow.en.srt", "/films/snow.mp4"), belongs("/films/snow 2.srt", "/films/snow.mp4")
    (True, False)
    """
    return _tags(subtitles, film) is not None


def paired(found: Iterable[Found], beside: Callable[[str], Sequence[str]]) -> list[Found]:
    """The same entries, each film with the subtitles that belong to it; they have no entry of their own then.

    beside: the files in a folder, sorted. So it does not matter which of them was found: a film brings its subtitles,
    and subtitles bring their film, since neither is complete without the other.
    """
    units: list[Found] = []
    met: set[str] = set()
    for entry in found:
        unit = entry if entry.refused is not None else _unit(entry, beside)
        if unit.source not in met:
            met.add(unit.source)
            units.append(unit)
    return units


def files_beside() -> Callable[[str], Sequence[str]]:
    """Lists the regular files of folders, each folder once."""
    listed: dict[str, list[str]] = {}

    def beside(folder: str) -> Sequence[str]:
        if folder not in listed:
            try:
                with os.scandir(folder or "/") as entries:
                    listed[folder] = sorted(entry.path for entry in entries if entry.is_file(follow_symlinks=False))
            except OSError:  # whoever opens a file there will say so
                listed[folder] = []
        return listed[folder]

    return beside


def identity(film_hash: str, sidecars: Sequence[Sidecar]) -> str:
    """The hash of a film's content with its subtitles: of its own bytes where it has none.

    >>> identity("00" * 32, []) == "00" * 32
    True
    """
    if not sidecars:
        return film_hash
    told = sorted((one.language, one.content_hash) for one in sidecars)
    return hashlib.sha256(json.dumps(["film with subtitles", film_hash, told]).encode()).hexdigest()


def with_subtitles(document: Document, film_hash: str, sidecars: Sequence[Sidecar]) -> Document:
    """The film, or its last part, with the pieces of its subtitles; those that lie behind its end are left out.

    film_hash: of its own bytes, kept as an attribute: who opens the film again can tell whether it is the same.
    """
    pieces: list[DraftPiece] = []
    notes: list[str] = []
    for one in sidecars:
        fitting = [piece for piece in one.document.pieces if _starts_before(piece, document.length)]
        attributes = {"language": one.language} if one.language else {}
        pieces += [replace(piece, producer=one.document.reader, attributes=attributes) for piece in fitting]
        late = len(one.document.pieces) - len(fitting)
        behind = f", {late} of them behind its end and left out" if late else ""
        notes.append(f"with the {len(one.document.pieces)} passages of {shown(name_of(one.source))}{behind}")
    return replace(
        document,
        pieces=(*document.pieces, *pieces),
        notes=(*document.notes, *notes),
        attributes={**document.attributes, "film_hash": film_hash} if sidecars else document.attributes,
    )


def joined_to(sightings: Mapping[str, Sighting]) -> dict[str, frozenset[str]]:
    """By film, the subtitles that were last seen as a part of it."""
    films: dict[str, set[str]] = {}
    by_item: dict[str, list[str]] = {}
    for seen in sightings.values():
        if is_joined(seen):
            by_item.setdefault(seen.item_id, []).append(seen.source)
    for seen in sightings.values():
        if seen.item_id in by_item and not is_joined(seen):
            films[seen.source] = {one for one in by_item[seen.item_id] if belongs(one, seen.source)}
    return {film: frozenset(sources) for film, sources in films.items()}


def language_of(subtitles: str, film: str) -> str:
    """The language that the name of subtitles says, in lower case.

    >>> language_of("/films/snow.en.srt", "/films/snow.mp4"), language_of("/films/snow.srt", "/films/snow.mp4")
    ('en', '')
    """
    tags = _tags(subtitles, film)
    return tags[1].lower() if tags and tags[1] else ""


def _tags(subtitles: str, film: str) -> re.Match[str] | None:
    if not (is_subtitles(subtitles) and is_film(film)):
        return None
    stem = _stem(film)
    between = _stem(subtitles)
    return _TAGS.fullmatch(between, len(stem)) if between.startswith(stem) else None


def _stem(source: str) -> str:
    return source.rpartition(".")[0]


def _unit(entry: Found, beside: Callable[[str], Sequence[str]]) -> Found:
    if not (is_film(entry.source) or is_subtitles(entry.source)):
        return entry
    around = beside(folder_of(entry.source))
    film = entry.source if is_film(entry.source) else _film_of(entry.source, around)
    if film is None:
        return entry
    sidecars = tuple(one for one in around if belongs(one, film) and _film_of(one, around) == film)
    return replace(entry, source=film, sidecars=sidecars)


def _film_of(subtitles: str, around: Sequence[str]) -> str | None:
    """The film that fits best: the longest name, and of equal ones the first."""
    fitting = [film for film in around if belongs(subtitles, film)]
    return min(fitting, key=lambda film: (-len(_stem(film)), film), default=None)


def _starts_before(piece: DraftPiece, length: float | None) -> bool:
    return length is None or piece.place.seconds is None or piece.place.seconds[0] < length
