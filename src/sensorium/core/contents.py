"""What passes between a reader, an encoder and the store: decoded contents and the drafts made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeGuard

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import Refused
from sensorium.core.items import EMPTY_MAPPING, Aspect, Clip, Item, Modality, Piece, Place, Preview, Producer
from sensorium.core.spaces import Vectors

Pixels = npt.NDArray[np.uint8]
"""uint8 [height, width, 3]: sRGB, upright, origin at the top left."""

Samples = npt.NDArray[np.int16]
"""int16 [n]: one channel of sound at a rate that the context names."""

Content = str | Pixels | Samples
"""What an encoder takes: a text, the pixels of a picture, or the samples of a sound."""


def is_pixels(content: object) -> TypeGuard[Pixels]:
    """Whether this is a picture.

    >>> is_pixels(np.zeros((2, 3, 3), np.uint8)), is_pixels("a dog")
    (True, False)
    """
    return isinstance(content, np.ndarray) and content.dtype == np.uint8 and content.shape[2:] == (3,)


def is_samples(content: object) -> TypeGuard[Samples]:
    """Whether this is a sound.

    >>> is_samples(np.zeros(5, np.int16)), is_samples(np.zeros((5, 3), np.int16))
    (True, False)
    """
    return isinstance(content, np.ndarray) and content.dtype == np.int16 and content.ndim == 1


Role = Literal["piece", "query"]
"""Encoders that treat questions and answers differently (e5, ColPali) are told which one they see."""

HEAD_BYTES = 4096
"""How much of a file's start is looked at to tell what it is; more is ignored, less is fine for short files."""

Fit = Literal["squash", "crop", "pad"]

Resample = Literal["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]
"""Filters by Pillow's names, in the order of its numbers, which the files of models name them by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInput:
    """The pixels that an image tower wants. A reader makes them where the file is decoded: in the child process.

    width, height: pixels. fit: "squash" ignores the aspect ratio, "crop" fills and cuts the centre, "pad" fits and
    fills with grey. resample: the filter, always with antialiasing. shorter: with "crop", the length in whole pixels
    that the shorter side is brought to before the centre is cut, as models are trained; 0 cuts first.
    """

    width: int
    height: int
    fit: Fit = "squash"
    resample: Resample = "bicubic"
    shorter: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInput:
    """The windows of sound that a sound tower wants, mixed to one channel.

    rate: samples a second. seconds: length of a window. hop: seconds from the start of one to that of the next.
    """

    rate: int
    seconds: float
    hop: float

    @property
    def most_samples(self) -> int:
        """Of one window.

        >>> AudioInput(rate=16_000, seconds=2.5, hop=1.0).most_samples
        40000
        """
        return math.ceil(self.rate * self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What a reader is asked to make of a file.

    image_inputs, audio_inputs: one rendition of each picture, or window of sound, for every entry, in this order.
    preview_side: longest side of a preview in pixels; 0 makes none.
    chunk_characters, chunk_overlap: length of a text chunk and what it shares with the one before, in code points.
    track_rate: samples a second of the sound track that is wanted as a whole, for what listens to speech; 0: none.
    scan_side: longest side in pixels of the pictures that writing is to be read off; 0: none.
    start: where in a long file to go on, as the `Document.next` of the part before said.
    clip: seconds of a stretch of a recording or film that is wanted to play, in place of all pieces.
    page: number, from 1, of a page that is wanted to be seen, in place of all pieces; 0: none. page_box: the part
    of it, as `Place.box` says.
    """

    image_inputs: tuple[ImageInput, ...] = ()
    audio_inputs: tuple[AudioInput, ...] = ()
    preview_side: int = 256
    chunk_characters: int = 800
    chunk_overlap: int = 120
    track_rate: int = 0
    scan_side: int = 0
    start: float = 0.0
    clip: tuple[float, float] | None = None
    page: int = 0
    page_box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPiece:
    """A piece as a reader hands it over: not yet numbered, not yet encoded.

    text: for text pieces. renditions: for pictures, the pixels for each `ReadRequest.image_inputs`, in order; for
    sounds, the samples for each `ReadRequest.audio_inputs`; empty for a shot, whose vector is the mean of its frames'.
    scan: the picture larger, for what reads writing off it; its longest side is at most `ReadRequest.scan_side`.
    producer: None for the document's reader. vectors: by space id, float32 [width] of unit length, where what made the
    piece gave one itself, as the voice of a sentence.
    """

    modality: Modality
    place: Place
    text: str | None = None
    renditions: tuple[Pixels | Samples, ...] = field(default=(), repr=False)
    preview: Preview | None = None
    aspect: Aspect = Aspect.CONTENT
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)
    scan: Pixels | None = field(default=None, repr=False)
    producer: Producer | None = None
    vectors: Mapping[str, Vectors] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A stretch of a sound track. samples: int16 [n], one channel. rate: of them a second. start: seconds of media
    time at which the first one is heard."""

    samples: Samples = field(repr=False)
    rate: int
    start: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file, or one part of a long one, read: what it is and the pieces it is cut into.

    title: from the content (a heading), or "" when the content has none.
    attributes: declared names only; never location, serial numbers or people's names from metadata.
    track: the sound of this part, where it was asked for and there is some. next: where the next part starts, in the
    unit of `length`; None when this part ends the file. length: of the whole file, in seconds or pages, where that is
    known. clip: where one was asked for. notes: what was left out and why, one sentence each, for the receipt.
    """

    modality: Modality
    media_type: str
    title: str
    pieces: tuple[DraftPiece, ...]
    reader: Producer
    attributes: Mapping[str, str] = field(default_factory=lambda: EMPTY_MAPPING)
    track: Track | None = None
    next: float | None = None
    length: float | None = None
    clip: Clip | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file in an archive that was unpacked. name: its path in the archive; "" of the one file that was packed alone.

    start, size: where its bytes lie among those of all members. refusal: why it was left out.
    """

    name: str
    start: int = 0
    size: int = 0
    refusal: Refused | None = None


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
