"""How a document crosses from the reading process to the parent, which believes nothing that it has not checked.

The head is JSON lines: one for the document, then one for each piece. The body holds, piece after piece, the text
as UTF-8, the renditions as raw pixels or samples, the preview as an encoded picture and the scan as raw pixels, and
then the track. Lines are parsed one at a time and are short, because JSON can unfold to thirty times its length in
memory.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from sensorium.core.contents import (
    AudioInput,
    Document,
    DraftPiece,
    ImageInput,
    Pixels,
    ReadRequest,
    Samples,
    Track,
)
from sensorium.core.errors import REFUSALS, Refused, TooLarge
from sensorium.core.items import Aspect, Clip, Modality, Place, Preview, Producer
from sensorium.processes.channel import Body
from sensorium.processes.channel import Malformed as Malformed

MOST_PIECES = 200_000
MOST_LINE_BYTES = 64 * 1024
MOST_HEAD_BYTES = 64 * 1024 * 1024
MOST_ATTRIBUTES = 64
MOST_WORDS = 1_000
MOST_NOTES = 20
MOST_TRACK_SECONDS = 1_800

PLAIN_FIELDS = (
    "preview_side",
    "chunk_characters",
    "chunk_overlap",
    "track_rate",
    "scan_side",
    "start",
    "clip",
    "page",
    "page_box",
)
FIRST_FIELDS = {"modality", "media_type", "title", "attributes", "reader", "track", "next", "length", "clip", "notes"}
CLIP_MAGIC = {"video/mp4": b"ftyp", "audio/mp4": b"ftyp", "video/webm": b"\x1aE\xdf\xa3", "audio/ogg": b"OggS"}
"""What a clip of each type begins with, in its first 8 bytes."""
PREVIEW_MAGIC = {"image/jpeg": b"\xff\xd8\xff", "image/webp": b"RIFF", "image/png": b"\x89PNG\r\n\x1a\n"}
MOST_PREVIEW_BYTES = 1024 * 1024

SAMPLES = np.dtype("<i2")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,63}/[a-z0-9.+-]{1,63}")


def pack_request(media_type: str, request: ReadRequest) -> bytes:
    """The request as one JSON line."""
    fields = {name: getattr(request, name) for name in PLAIN_FIELDS}
    fields["image_inputs"] = [asdict(wanted) for wanted in request.image_inputs]
    fields["audio_inputs"] = [[wanted.rate, wanted.seconds, wanted.hop] for wanted in request.audio_inputs]
    return json.dumps({"media_type": media_type, **fields}).encode()


def unpack_request(head: bytes) -> tuple[str, ReadRequest]:
    """The inverse of `pack_request`; it runs in the child, which trusts its parent."""
    fields = json.loads(head)
    pictures = tuple(ImageInput(**wanted) for wanted in fields.pop("image_inputs"))
    sounds = tuple(AudioInput(rate=rate, seconds=length, hop=hop) for rate, length, hop in fields.pop("audio_inputs"))
    clip, box = fields.pop("clip"), fields.pop("page_box")
    return fields.pop("media_type"), ReadRequest(
        image_inputs=pictures, audio_inputs=sounds, clip=clip and tuple(clip), page_box=box and tuple(box), **fields
    )


def pack_refusal(refusal: Refused) -> bytes:
    """A refusal as one JSON line; its subject stays with the parent, which alone knows the file's name."""
    return json.dumps({"refused": refusal.code, "what": refusal.what, "remedy": refusal.remedy}).encode()


def pack_document(document: Document) -> tuple[bytes, bytes]:
    """Head and body of a document. Raises TooLarge above `MOST_PIECES`."""
    if len(document.pieces) > MOST_PIECES:
        raise TooLarge(f"it falls into more than {MOST_PIECES} pieces", remedy="split the file and add the parts")
    reader, track, clip = document.reader, document.track, document.clip
    first = {
        "modality": document.modality,
        "media_type": document.media_type,
        "title": document.title,
        "attributes": dict(document.attributes),
        "reader": [reader.name, reader.version, reader.digest],
        "track": track and [track.rate, track.start, len(track.samples)],
        "next": document.next,
        "length": document.length,
        "clip": clip and [clip.media_type, clip.seconds, len(clip.data)],
        "notes": list(document.notes),
    }
    lines = [json.dumps(first)]
    parts: list[bytes | memoryview] = []
    for piece in document.pieces:
        line, body = _pack_piece(piece)
        lines.append(json.dumps(line))
        parts += body
    if track is not None:
        parts.append(np.ascontiguousarray(track.samples, SAMPLES).data.cast("B"))
    if clip is not None:
        parts.append(clip.data)
    return "\n".join(lines).encode(), b"".join(parts)


def _pack_piece(piece: DraftPiece) -> tuple[list[Any], list[bytes | memoryview]]:
    text = None if piece.text is None else piece.text.encode()
    preview, scan = piece.preview, piece.scan
    kind = SAMPLES if piece.modality is Modality.AUDIO else np.dtype(np.uint8)
    line = [
        piece.modality,
        piece.place.as_json(),
        None if text is None else len(text),
        [len(rendition) for rendition in piece.renditions],
        preview and [preview.media_type, preview.width, preview.height, len(preview.data)],
        piece.aspect,
        dict(piece.attributes),
        None if scan is None else list(scan.shape[:2]),
    ]
    body: list[bytes | memoryview] = [text or b""]
    body += [np.ascontiguousarray(rendition, kind).data.cast("B") for rendition in piece.renditions]
    body.append(preview.data if preview else b"")
    if scan is not None:
        body.append(np.ascontiguousarray(scan, np.uint8).data.cast("B"))
    return line, body


def unpack_answer(head: bytes, body: Body, request: ReadRequest) -> Document:
    """The document that answers `request`. Raises the `Refused` that was sent, or Malformed."""
    if head.count(b"\n") > MOST_PIECES:
        raise Malformed("too many pieces")
    lines = head.split(b"\n")
    first = parse_object(lines[0])
    if "refused" in first:
        raise unpack_refusal(first)
    expect(set(first) == FIRST_FIELDS, "the document's fields")
    name, version, digest = (_words(value, "reader") for value in _list(first["reader"], 3, "reader"))
    reader = Producer(name=name, version=version, digest=digest)
    media_type = _words(first["media_type"], "media type")
    expect(bool(_MEDIA_TYPE.fullmatch(media_type)), "media type")
    goes_on = request.start > 0 or any(first[name] is not None for name in ("next", "track", "clip"))
    expect(len(lines) > 1 or goes_on, "a document without pieces")
    cursor = Cursor(body)
    pieces = tuple(_piece(_parse(line), cursor, request, reader) for line in lines[1:])
    track = None if first["track"] is None else _track(first["track"], cursor, request)
    clip = None if first["clip"] is None else _clip(first["clip"], cursor, request)
    expect(cursor.at_end, "bytes that belong to no piece")
    return Document(
        modality=_modality(first["modality"]),
        media_type=media_type,
        title=_words(first["title"], "title"),
        pieces=pieces,
        reader=reader,
        attributes=_attributes(first["attributes"]),
        track=track,
        next=_next(first["next"], request),
        length=None if first["length"] is None else _number(first["length"], "length"),
        clip=clip,
        notes=_notes(first["notes"]),
    )


class Cursor:
    """Takes the body apart from front to back, without copying it."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._position = 0

    def take(self, size: int) -> Body:
        end = self._position + size
        expect(end <= self._body.size, "a body shorter than its pieces")
        part = self._body[self._position : end]
        self._position = end
        return part

    @property
    def at_end(self) -> bool:
        return self._position == self._body.size


def _piece(line: Any, cursor: Cursor, request: ReadRequest, reader: Producer) -> DraftPiece:
    kind, place, text_bytes, renditions, preview, aspect, attributes, scan = _list(line, 8, "piece")
    modality = _modality(kind)
    text = None if text_bytes is None else _text(cursor.take(_count(text_bytes, "text length")))
    expect((text is not None) == (modality is Modality.TEXT), "a text piece has text, and no other has")
    shows = _aspect(aspect)
    return DraftPiece(
        modality=modality,
        place=_place(place),
        text=text,
        renditions=_renditions(renditions, cursor, modality, shows, request),
        preview=None if preview is None else _preview(preview, cursor, request, reader),
        aspect=shows,
        attributes=_attributes(attributes),
        scan=None if scan is None else _scan(scan, cursor, request),
    )


def _renditions(
    lengths: Any, cursor: Cursor, modality: Modality, aspect: Aspect, request: ReadRequest
) -> tuple[Pixels | Samples, ...]:
    """One for each input of the modality; a shot has none, and its vector is made of its frames'."""
    pictures = request.image_inputs if modality is Modality.IMAGE and aspect is not Aspect.SHOT else ()
    sounds = request.audio_inputs if modality is Modality.AUDIO else ()
    counts = [
        _count(length, "length of a rendition") for length in _list(lengths, len(pictures) + len(sounds), "renditions")
    ]
    expect(all(count == wanted.height for count, wanted in zip(counts, pictures, strict=False)), "rendition's height")
    expect(all(1 <= n <= wanted.most_samples for n, wanted in zip(counts, sounds, strict=False)), "rendition's length")
    return tuple(
        [_pixels(cursor, image_input) for image_input in pictures]
        + [_samples(cursor, count) for count, _ in zip(counts, sounds, strict=False)]
    )


def _samples(cursor: Cursor, count: int) -> Samples:
    return cursor.take(count * SAMPLES.itemsize).copy().view(SAMPLES)


def _track(fields: Any, cursor: Cursor, request: ReadRequest) -> Track:
    rate, start, count = _list(fields, 3, "track")
    expect(request.track_rate > 0 and _count(rate, "rate") == request.track_rate, "the rate that was asked for")
    expect(_count(count, "samples") <= rate * MOST_TRACK_SECONDS, "length of the track")
    return Track(samples=_samples(cursor, count), rate=rate, start=_number(start, "start"))


def _clip(fields: Any, cursor: Cursor, request: ReadRequest) -> Clip:
    media_type, seconds, size = _list(fields, 3, "clip")
    expect(request.clip is not None, "no clip, where none was asked for")
    expect(isinstance(media_type, str) and media_type in CLIP_MAGIC, "type of the clip")
    start, end = (_number(value, "seconds of the clip") for value in _list(seconds, 2, "clip"))
    data = cursor.take(_count(size, "length of the clip")).tobytes()
    expect(start <= end and CLIP_MAGIC[media_type] in data[:8], "clip")
    return Clip(media_type=media_type, seconds=(start, end), data=data)


def _scan(shape: Any, cursor: Cursor, request: ReadRequest) -> Pixels:
    height, width = (_count(side, "side of a scan") for side in _list(shape, 2, "scan"))
    expect(min(height, width) >= 1 and max(height, width) <= request.scan_side, "size of a scan")
    return cursor.take(height * width * 3).reshape(height, width, 3)


def _next(value: Any, request: ReadRequest) -> float | None:
    if value is None:
        return None
    start = _number(value, "next")
    expect(start > request.start, "a next part that lies further on")
    return start


def _notes(value: Any) -> tuple[str, ...]:
    expect(isinstance(value, list) and len(value) <= MOST_NOTES, "notes")
    return tuple(_words(note, "note") for note in value)


def _pixels(cursor: Cursor, wanted: ImageInput) -> Pixels:
    shape = (wanted.height, wanted.width, 3)
    return cursor.take(math.prod(shape)).reshape(shape)


def _preview(fields: Any, cursor: Cursor, request: ReadRequest, reader: Producer) -> Preview:
    media_type, width, height, size = _list(fields, 4, "preview")
    sides = _count(width, "preview width"), _count(height, "preview height")
    expect(min(sides) >= 1 and max(sides) <= request.preview_side, "preview size")
    expect(_count(size, "preview length") <= MOST_PREVIEW_BYTES, "preview length")
    data = cursor.take(size).tobytes()
    expect(isinstance(media_type, str) and media_type in PREVIEW_MAGIC, "preview type")
    expect(data.startswith(PREVIEW_MAGIC[media_type]), "preview type")
    return Preview(media_type=media_type, width=sides[0], height=sides[1], data=data, producer=reader)


def _place(parts: Any) -> Place:
    expect(isinstance(parts, dict) and set(parts) <= {"seconds", "page", "box", "characters"}, "place")
    fields = dict(parts)
    for name, size, kinds in (("seconds", 2, (int, float)), ("box", 4, (int, float)), ("characters", 2, (int,))):
        if name in fields:
            fields[name] = tuple(_list(fields[name], size, name))
            expect(all(type(value) in kinds and abs(value) < 2**53 for value in fields[name]), name)
    if "page" in fields:
        _count(fields["page"], "page")
    try:
        return Place(**fields)
    except ValueError as error:
        raise Malformed(str(error)) from None


def _attributes(value: Any) -> Mapping[str, str]:
    expect(isinstance(value, dict) and len(value) <= MOST_ATTRIBUTES, "attributes")
    expect(all(_NAME.fullmatch(name) for name in value), "attribute name")
    return {name: _words(text, "attribute") for name, text in value.items()}


def unpack_refusal(fields: Mapping[str, Any]) -> Refused:
    """The inverse of `pack_refusal`. Raises Malformed."""
    expect(set(fields) == {"refused", "what", "remedy"}, "the refusal's fields")
    code = _words(fields["refused"], "code")
    expect(code in REFUSALS, "code")
    what, remedy = (_words(fields[name], name) for name in ("what", "remedy"))
    return REFUSALS[code](what, remedy=remedy)


def _parse(line: bytes) -> Any:
    expect(len(line) <= MOST_LINE_BYTES, "a line that is too long")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise Malformed("a line that is no JSON") from None


def parse_object(line: bytes) -> dict[str, Any]:
    """A JSON object out of one line. Raises Malformed."""
    value = _parse(line)
    expect(isinstance(value, dict), "an object")
    return dict(value)


def _list(value: Any, size: int, name: str) -> list[Any]:
    expect(isinstance(value, list) and len(value) == size, name)
    return list(value)


def _count(value: Any, name: str) -> int:
    expect(type(value) is int and 0 <= value < 2**53, name)
    return int(value)


def _number(value: Any, name: str) -> float:
    expect(type(value) in (int, float) and 0 <= value < 2**53, name)
    return float(value)


def _modality(value: Any) -> Modality:
    try:
        return Modality(value)
    except ValueError:
        raise Malformed("modality") from None


def _aspect(value: Any) -> Aspect:
    try:
        return Aspect(value)
    except ValueError:
        raise Malformed("aspect") from None


def _text(part: Body) -> str:
    try:
        return part.tobytes().decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Malformed("a text that is not UTF-8") from None


def _words(value: Any, name: str) -> str:
    """A short string without lone surrogates, which JSON would let through and no database takes."""
    expect(isinstance(value, str) and len(value) <= MOST_WORDS, name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Malformed(name) from None
    return str(value)


def expect(holds: bool, name: str) -> None:
    """Raises Malformed where something does not hold; name: what was expected."""
    if not holds:
        raise Malformed(name)
