"""Subtitles: SubRip and WebVTT files, cues out of films, and cues joined to passages that can be found by meaning."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import av.error
from av.packet import Packet
from av.subtitles.subtitle import AssSubtitle

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile
from sensorium.core.items import Aspect, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.readers.texts.reader import decode, read_all

PRODUCER = Producer(name="reader.subtitles", version="1")

PASSAGE_SECONDS = 30.0
PAUSE_SECONDS = 6.0
"""After so long a silence somebody speaks of something else."""

CUE_SECONDS = 20.0
"""A cue that says no end, or a later one than this, ends here."""

_TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})[ \t]+-->[ \t]+(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[,.](\d{1,3})"
)
_TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
_ASS_BREAK = re.compile(r"\\[Nnh]")
_SPACE = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"""[.!?…。！？]["'”’»)\]♪]{0,3}$""")

ASS_FIELDS = 8
"""Fields before the text of an event as FFmpeg's decoders write it: ReadOrder, Layer, Style, Name, three margins,
Effect."""


@dataclass(frozen=True, slots=True)
class Cue:
    """What is written under the film from `start` to `stop`, in seconds; plain text in one line."""

    start: float
    stop: float
    text: str


class SubtitleReader:
    """A file of subtitles -> text pieces with their seconds."""

    media_types = frozenset({"application/x-subrip", "text/vtt"})

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, WrongEncoding, UnknownType, DamagedFile (no cue) or EmptyFile (no words).

        >>> import io
        >>> file = io.BytesIO(b"1\\n00:00:01,000 --> 00:00:02,500\\n<i>Good morning.</i>\\n")
        >>> piece = SubtitleReader().read(file, "application/x-subrip", ReadRequest(), Settings()).pieces[0]
        >>> piece.text, piece.place.seconds
        ('Good morning.', (1.0, 2.5))
        """
        text = decode(read_all(stream, settings))
        if not _TIMES.search(text):
            raise DamagedFile("subtitles without a single time", remedy="add it as a plain text, or save it anew")
        cues = parse_cues(text)
        if not cues:
            raise EmptyFile("subtitles without words", remedy="nothing to do, there is nothing to find in it")
        return Document(
            modality=Modality.TEXT,
            media_type=media_type,
            title="",
            pieces=subtitle_pieces(cues, request.chunk_characters),
            reader=PRODUCER,
            attributes={"seconds": f"{max(cue.stop for cue in cues):.3f}", "cues": str(len(cues))},
        )


def parse_cues(text: str) -> list[Cue]:
    """The cues of a SubRip or WebVTT text whose line ends are `\\n`, by time. What is no cue is passed over.

    >>> parse_cues("WEBVTT\\n\\n00:01.000 --> 00:02.000 align:start\\nYes.\\n- No.")
    [Cue(start=1.0, stop=2.0, text='Yes. - No.')]
    """
    cues = []
    for block in re.split(r"\n[ \t]*\n", text):
        lines = block.strip().split("\n")
        for number, line in enumerate(lines[:2]):  # before the times there may be a number or a name
            times = _TIMES.match(line.strip())
            if times:
                cues.append(_cue(_seconds(times.groups()[:4]), _seconds(times.groups()[4:]), lines[number + 1 :]))
                break
    return sorted((cue for cue in cues if cue.text), key=lambda cue: (cue.start, cue.stop))


def cue_of_packet(packet: Packet[Any], start: float) -> Cue | None:
    """The cue that a packet of a film's subtitle stream holds; None when it is empty or broken."""
    try:
        rects = packet.decode()
    except (av.error.FFmpegError, ValueError):
        return None
    lines = [rect.ass.decode("utf-8", "replace") for rect in rects if isinstance(rect, AssSubtitle)]
    texts = [_ASS_BREAK.sub(" ", line.split(",", ASS_FIELDS)[-1]) for line in lines]
    length = float(packet.duration * packet.time_base) if packet.duration else CUE_SECONDS
    cue = _cue(start, start + length, texts)
    return cue if cue.text else None


def join_cues(cues: Iterable[Cue], characters: int) -> Iterator[Cue]:
    """Passages of whole sentences, as far as they fit into `characters` and half a minute; a long pause ends one.

    >>> cues = [Cue(0, 2, "I came"), Cue(2, 4, "by train."), Cue(4, 6, "And you?")]
    >>> [cue.text for cue in join_cues(cues, 18)]
    ['I came by train.', 'And you?']
    """
    passage: list[Cue] = []
    for cue in cues:
        for part in _fitting(cue, characters):
            if passage and part.start - passage[-1].stop > PAUSE_SECONDS:
                yield _joined(passage)
                passage = []
            while passage and not _fits([*passage, part], characters):
                end = _last_sentence(passage)
                yield _joined(passage[:end])
                passage = passage[end:]
            passage.append(part)
    if passage:
        yield _joined(passage)


def subtitle_pieces(cues: Iterable[Cue], characters: int, language: str | None = None) -> tuple[DraftPiece, ...]:
    """Text pieces of joined cues."""
    attributes = {"language": language} if language else {}
    return tuple(
        DraftPiece(
            modality=Modality.TEXT,
            place=Place(seconds=(cue.start, cue.stop)),
            text=cue.text,
            aspect=Aspect.SUBTITLE,
            attributes=attributes,
        )
        for cue in join_cues(cues, characters)
    )


def _cue(start: float, stop: float, lines: Sequence[str]) -> Cue:
    words = html.unescape(_TAG.sub("", " ".join(lines)))
    stop = stop if start <= stop <= start + CUE_SECONDS else start + CUE_SECONDS
    return Cue(round(max(0.0, start), 3), round(max(0.0, stop), 3), _SPACE.sub(" ", words).strip())


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = parts
    assert minutes is not None
    assert seconds is not None
    assert fraction is not None
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}")


def _fitting(cue: Cue, characters: int) -> Iterator[Cue]:
    """A cue that is longer than a passage may be, in pieces that share its time."""
    if len(cue.text) <= characters:
        yield cue
        return
    for start in range(0, len(cue.text), characters):
        yield Cue(cue.start, cue.stop, cue.text[start : start + characters].strip() or "…")


def _fits(passage: Sequence[Cue], characters: int) -> bool:
    length = sum(len(cue.text) + 1 for cue in passage) - 1
    return length <= characters and passage[-1].stop - passage[0].start <= PASSAGE_SECONDS


def _last_sentence(passage: Sequence[Cue]) -> int:
    """How many cues up to the end of the last sentence; all of them when none ends."""
    ends = [number for number, cue in enumerate(passage, 1) if _SENTENCE_END.search(cue.text)]
    return ends[-1] if ends else len(passage)


def _joined(passage: Sequence[Cue]) -> Cue:
    return Cue(passage[0].start, max(cue.stop for cue in passage), " ".join(cue.text for cue in passage))
