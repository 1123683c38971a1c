"""What a library holds: items, the pieces they are cut into, and where each came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sensorium.core.attributes import Value

EMPTY_MAPPING: Mapping[str, str] = MappingProxyType({})


class Modality(StrEnum):
    """The sense that a piece or a question speaks to, as the user sees it."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"


class Aspect(StrEnum):
    """What of its item a piece shows or says: why a hit is where it is.

    content: the item itself, or a stretch of its text. frame: one picture of a film. shot: the film between two cuts.
    speech: what somebody says. sound: what is heard. subtitle: what is written under a film. writing: text that is part
    of a picture, read off it. page: how a page looks. figure, table: a part of a page.
    """

    CONTENT = "content"
    FRAME = "frame"
    SHOT = "shot"
    SPEECH = "speech"
    SOUND = "sound"
    SUBTITLE = "subtitle"
    WRITING = "writing"
    PAGE = "page"
    FIGURE = "figure"
    TABLE = "table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Producer:
    """The program or model that made a derived row.

    `digest` is the sha256 (hex) of what decides the output: model files, or "" for code pinned by its version.

    >>> Producer(name="reader.image", version="1").key
    'reader.image@1'
    """

    name: str
    version: str
    digest: str = ""

    @property
    def key(self) -> str:
        """One string that names this producer; equal producers have equal keys."""
        return f"{self.name}@{self.version}" + (f"+{self.digest[:12]}" if self.digest else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in its item a piece lies. All parts None: the piece is the whole item.

    seconds: half-open interval `[start, end)` of the media time.
    page: 1-based page or slide number.
    box: `(left, top, right, bottom)` as shares of width and height, each 0..1, origin at the top left.
    characters: half-open interval `[start, end)` of Unicode code points in the item's text.

    >>> Place(characters=(0, 120)).as_json()
    {'characters': [0, 120]}
    >>> Place(seconds=(3.0, 1.0))
    Traceback (most recent call last):
    ...
    ValueError: seconds must satisfy 0 <= start <= end, got (3.0, 1.0)
    """

    seconds: tuple[float, float] | None = None
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    characters: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for name in ("seconds", "characters"):
            interval = getattr(self, name)
            if interval is not None and not 0 <= interval[0] <= interval[1]:
                raise ValueError(f"{name} must satisfy 0 <= start <= end, got {interval}")
        if self.page is not None and self.page < 1:
            raise ValueError(f"page counts from 1, got {self.page}")
        if self.box is not None:
            left, top, right, bottom = self.box
            if not (0 <= left <= right <= 1 and 0 <= top <= bottom <= 1):
                raise ValueError(f"box must lie within 0..1 as (left, top, right, bottom), got {self.box}")

    def as_json(self) -> dict[str, Any]:
        """The parts that are set, as JSON values."""
        parts = {"seconds": self.seconds, "page": self.page, "box": self.box, "characters": self.characters}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in parts.items() if v is not None}

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> Place:
        """The inverse of `as_json`. Raises ValueError or TypeError on parts that make no place."""
        arguments: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in parts.items()}
        return cls(**arguments)

    def describe(self) -> str:
        """A short phrase for people, or "" for the whole item.

        >>> Place(page=3, box=(0, 0, 0.5, 0.5)).describe()
        'page 3, box 0.00 0.00 0.50 0.50'
        >>> Place(seconds=(62.25, 3661)).describe()
        '1:02.2-1:01:01.0'
        """
        words = []
        if self.seconds is not None:
            words.append("-".join(clock(second) for second in self.seconds))
        if self.page is not None:
            words.append(f"page {self.page}")
        if self.box is not None:
            words.append("box " + " ".join(f"{edge:.2f}" for edge in self.box))
        if self.characters is not None:
            words.append(f"characters {self.characters[0]}-{self.characters[1]}")
        return ", ".join(words)


def clock(seconds: float) -> str:
    """Media time as players show it, with tenths.

    >>> clock(9.96), clock(62.25), clock(3661)
    ('0:10.0', '1:02.2', '1:01:01.0')
    """
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest / 10:04.1f}" if hours else f"{minutes}:{rest / 10:04.1f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Who may see an item. Default deny: without a reader nobody does; a denied principal never does.

    readers, denied: names of principals ("user:ann", "group:sales").
    purposes: the purposes an item may be used for; empty means any.
    """

    readers: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()

    def within(self, other: Rights) -> bool:
        """Whether everybody who may see what has these rights may see what has those of `other`.

        >>> ours, mine = Rights(readers=frozenset({"ann", "ben"})), Rights(readers=frozenset({"ann"}))
        >>> mine.within(ours), ours.within(mine)
        (True, False)
        """
        purposes = not other.purposes or (bool(self.purposes) and self.purposes <= other.purposes)
        return self.readers <= other.readers and self.denied >= other.denied and purposes

    def as_json(self) -> dict[str, list[str]]:
        """Sorted lists, so that equal rights have equal JSON."""
        return {"readers": sorted(self.readers), "denied": sorted(self.denied), "purposes": sorted(self.purposes)}

    @classmethod
    def from_json(cls, parts: Mapping[str, Any]) -> Rights:
        """The inverse of `as_json`."""
        return cls(**{name: frozenset(names) for name, names in parts.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where an item came from and what read it.

    source: the absolute path or URL that it was added from (personal data: shown only to those who see the item).
    content_hash: sha256 (hex) of the bytes. size: bytes. modified_at, added_at: Unix seconds.
    """

    source: str
    content_hash: str
    size: int
    modified_at: float
    added_at: float
    reader: Producer


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing the user added.

    media_type: as recognised from the content (RFC 6838), never from the name.
    attributes: typed facts. A reader's are declared names only and text ("width", "height", "characters"); those of a
    catalogue are its columns.
    """

    id: str
    tenant: str
    modality: Modality
    media_type: str
    title: str
    rights: Rights
    lineage: Lineage
    attributes: Mapping[str, Value] = field(default_factory=lambda: EMPTY_MAPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The part of an item that can be found by itself.

    id: the item's id, a dot, and the ordinal. modality: the sense of its vector, so a frame of a film is an image and
    a sentence that is spoken in it a text. text: what a text piece says; None for other modalities. producer: what made
    it: the reader that cut it, or the model that heard or read it. attributes: facts of this piece ("language",
    "confidence", "speaker"), as text.
    """

    item_id: str
    ordinal: int
    modality: Modality
    place: Place
    producer: Producer
    text: str | None = None
    aspect: Aspect = Aspect.CONTENT
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)

    @property
    def id(self) -> str:
        return f"{self.item_id}.{self.ordinal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A small picture of a piece, re-encoded from pixels: it carries no metadata of its source.

    data: the encoded bytes; width, height: pixels.
    """

    media_type: str
    width: int
    height: int
    data: bytes = field(repr=False)
    producer: Producer


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A stretch of a recording or film, encoded anew from what is heard and seen: it carries no metadata of its source.

    media_type: "video/mp4", "audio/mp4" and the like. seconds: the stretch that was cut, in media time of the source.
    """

    media_type: str
    seconds: tuple[float, float]
    data: bytes = field(repr=False)


def item_id(tenant: str, content_hash: str, rights: Rights) -> str:
    """The identity of content within one tenant and one set of rights.

    The rights are part of it, so that adding what somebody else keeps hidden neither tells that it is there nor
    widens who sees it.

    >>> item_id("local", "00" * 32, Rights(readers=frozenset({"owner"})))
    'it_dfaab0066f566b6716c6'
    """
    identity = json.dumps([tenant, content_hash, rights.as_json()], sort_keys=True, separators=(",", ":"))
    return "it_" + hashlib.sha256(identity.encode()).hexdigest()[:20]
