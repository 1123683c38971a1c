"""What passes between a reader, an encoder and the store: decoded contents and the drafts made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from sensorium.core.items import EMPTY_MAPPING, Item, Modality, Piece, Place, Preview, Producer
from sensorium.core.spaces import Vectors

Pixels = npt.NDArray[np.uint8]
"""uint8 [height, width, 3]: sRGB, upright, origin at the top left."""

Content = str | Pixels
"""What an encoder takes: a text, or the pixels of a picture."""

Role = Literal["piece", "query"]
"""Encoders that treat questions and answers differently (e5, ColPali) are told which one they see."""

HEAD_BYTES = 4096
"""How much of a file's start is looked at to tell what it is; more is ignored, less is fine for short files."""

Fit = Literal["squash", "crop", "pad"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInput:
    """The pixels that an image tower wants. A reader makes them where the file is decoded: in the child process.

    width, height: pixels. fit: "squash" ignores the aspect ratio, "crop" fills and cuts the centre, "pad" fits and
    fills with grey. Resampling is always bicubic with antialiasing.
    """

    width: int
    height: int
    fit: Fit = "squash"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What a reader is asked to make of a file.

    image_inputs: one rendition of each picture for every entry, in this order.
    preview_side: longest side of a preview in pixels; 0 makes none.
    chunk_characters, chunk_overlap: length of a text chunk and what it shares with the one before, in code points.
    """

    image_inputs: tuple[ImageInput, ...] = ()
    preview_side: int = 256
    chunk_characters: int = 800
    chunk_overlap: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPiece:
    """A piece as a reader hands it over: not yet numbered, not yet encoded.

    text: for text pieces. renditions: for pictures, the pixels for each `ReadRequest.image_inputs`, in order.
    """

    modality: Modality
    place: Place
    text: str | None = None
    renditions: tuple[Pixels, ...] = field(default=(), repr=False)
    preview: Preview | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file, read: what it is and the pieces it is cut into.

    title: from the content (a heading), or "" when the content has none.
    attributes: declared names only; never location, serial numbers or people's names from metadata.
    """

    modality: Modality
    media_type: str
    title: str
    pieces: tuple[DraftPiece, ...]
    reader: Producer
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An item with all that is derived from it, ready to be committed as one.

    vectors: for each space id, float32 [len(pieces), width]; a space that can not encode every modality of the item
    gives the ordinals it covers in `covered`, one row of vectors each. details: for each space id that has some, by
    ordinal, as `DetailForm.pack` made them; only of pieces that have a vector there.
    """

    item: Item
    pieces: tuple[Piece, ...]
    previews: Mapping[int, Preview]
    vectors: Mapping[str, Vectors] = field(repr=False)
    covered: Mapping[str, tuple[int, ...]]
    details: Mapping[str, Mapping[int, bytes]] = field(default_factory=dict, repr=False)
