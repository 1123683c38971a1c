from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.contents import AudioInput, Document, DraftPiece, ImageInput, ReadRequest, Track
from sensorium.core.errors import REFUSALS, DamagedFile, Refused, TooLarge
from sensorium.core.items import Aspect, Clip, Modality, Place, Preview, Producer
from sensorium.readers import wire
from sensorium.readers.wire import Malformed

REQUEST = ReadRequest(image_inputs=(ImageInput(width=3, height=2), ImageInput(width=1, height=1)), preview_side=8)
MODELS_REQUEST = ReadRequest(
    image_inputs=(ImageInput(width=4, height=4, fit="crop", resample="bilinear", shorter=6),), preview_side=8
)
PRODUCER = Producer(name="reader.test", version="1", digest="ab")
PREVIEW = Preview(media_type="image/jpeg", width=8, height=4, data=b"\xff\xd8\xffdata", producer=PRODUCER)
PIXELS = (np.arange(18, dtype=np.uint8).reshape(2, 3, 3), np.full((1, 1, 3), 7, np.uint8))
PICTURE = DraftPiece(modality=Modality.IMAGE, place=Place(page=2), renditions=PIXELS, preview=PREVIEW)
TEXT = DraftPiece(modality=Modality.TEXT, place=Place(characters=(3, 8)), text="Größe 🎈")
DOCUMENT = Document(
    modality=Modality.DOCUMENT,
    media_type="application/pdf",
    title="A title",
    pieces=(TEXT, PICTURE),
    reader=PRODUCER,
    attributes={"pages": "2"},
)
LINES = [json.loads(line) for line in wire.pack_document(DOCUMENT)[0].split(b"\n")]
BODY = np.frombuffer(wire.pack_document(DOCUMENT)[1], np.uint8)


def unpack(lines: list[Any], body: Any = BODY) -> Document:
    return wire.unpack_answer("\n".join(json.dumps(line) for line in lines).encode(), body, REQUEST)


def changed(path: list[Any], value: Any) -> list[Any]:
    """The lines of a sound answer with one value replaced."""
    lines = json.loads(json.dumps(LINES))
    target = lines
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return lines


def test_a_document_comes_out_as_it_went_in() -> None:
    document = unpack(LINES)
    text, picture = document.pieces
    assert text == TEXT
    assert picture.preview == PREVIEW
    assert picture.place == PICTURE.place
    assert all(np.array_equal(a, b) for a, b in zip(picture.renditions, PIXELS, strict=True))
    assert (document.title, document.media_type, document.modality) == ("A title", "application/pdf", Modality.DOCUMENT)
    assert (document.reader, document.attributes) == (PRODUCER, {"pages": "2"})


def test_pixels_are_not_copied() -> None:
    assert np.shares_memory(unpack(LINES).pieces[1].renditions[0], BODY)


def test_a_request_comes_out_as_it_went_in() -> None:
    assert wire.unpack_request(wire.pack_request("image/png", REQUEST)) == ("image/png", REQUEST)
    assert wire.unpack_request(wire.pack_request("image/png", MODELS_REQUEST)) == ("image/png", MODELS_REQUEST)


@pytest.mark.parametrize("kind", REFUSALS.values())
def test_a_refusal_crosses_as_its_own_type(kind: type[Refused]) -> None:
    head = wire.pack_refusal(kind("what happened", subject="/a/path", remedy="what to do"))
    with pytest.raises(kind, match=r"^what happened; what to do$") as caught:
        wire.unpack_answer(head, BODY[:0], REQUEST)
    assert type(caught.value) is kind


def test_too_many_pieces_are_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_PIECES", 1)
    with pytest.raises(TooLarge):
        wire.pack_document(DOCUMENT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([0], []),
        ([0, "modality"], "smell"),
        ([0, "modality"], ["text"]),
        ([0, "media_type"], "text/html\r\nx: y"),
        ([0, "media_type"], "../../x"),
        ([0, "title"], 7),
        ([0, "title"], "x" * 1_001),
        ([0, "title"], "\ud800"),
        ([0, "attributes"], ["a"]),
        ([0, "attributes"], {"Pages; drop": "x"}),
        ([0, "attributes"], {"pages": 2}),
        ([0, "attributes"], {f"a{number}": "" for number in range(65)}),
        ([0, "reader"], ["a", "b"]),
        ([0, "reader"], ["a", "b", None]),
        ([0, "more"], 1),
        ([1], {}),
        ([1, 0], "smell"),
        ([1, 0], "image"),
        ([1, 1], []),
        ([1, 1], {"path": "/etc"}),
        ([1, 1], {"characters": [5, 3]}),
        ([1, 1], {"characters": [-1, 3]}),
        ([1, 1], {"characters": [1.5, 3]}),
        ([1, 1], {"characters": [1, 2, 3]}),
        ([1, 1], {"characters": [True, 3]}),
        ([1, 1], {"characters": [0, 10**400]}),
        ([1, 1], {"seconds": [0, float("nan")]}),
        ([1, 1], {"seconds": [0, float("inf")]}),
        ([1, 1], {"seconds": "01"}),
        ([1, 1], {"page": 0}),
        ([1, 1], {"page": 1.0}),
        ([1, 1], {"box": [0, 0, 2, 1]}),
        ([1, 2], None),
        ([1, 2], -1),
        ([1, 2], 2**60),
        ([1, 2], 4),
        ([2, 2], 3),
        ([2, 3], 1),
        ([2, 3], 3),
        ([2, 3], 2.0),
        ([2, 4], [1, 2, 3]),
        ([2, 4, 0], "text/html"),
        ([2, 4, 0], "image/png"),
        ([2, 4, 0], ["image/jpeg"]),
        ([2, 4, 1], 9),
        ([2, 4, 1], 0),
        ([2, 4, 3], 6),
        ([2, 4, 3], 2 * 1024 * 1024),
    ],
)
def test_what_a_reader_may_not_say_is_malformed(path: list[Any], value: Any) -> None:
    with pytest.raises(Malformed):
        unpack(changed(path, value))


def test_text_that_is_not_utf_8_is_malformed() -> None:
    body = BODY.copy()
    body[0] = 0xFF
    with pytest.raises(Malformed, match="UTF-8"):
        unpack(LINES, body)


@pytest.mark.parametrize("body", [BODY[:-1], np.append(BODY, np.uint8(0)), BODY[:0]])
def test_a_body_of_another_length_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed):
        unpack(LINES, body)


def test_a_document_without_pieces_is_malformed() -> None:
    with pytest.raises(Malformed, match="without pieces"):
        unpack(LINES[:1], BODY[:0])


@pytest.mark.parametrize(
    "fields",
    [
        {"refused": "no-such-code", "what": "", "remedy": ""},
        {"refused": "damaged"},
        {"refused": "damaged", "what": 1, "remedy": ""},
        {"refused": "damaged", "what": "x" * 1_001, "remedy": ""},
        {"refused": ["damaged"], "what": "", "remedy": ""},
    ],
)
def test_a_refusal_that_is_none_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        unpack([fields])


@given(st.data())
def test_any_bytes_are_a_document_a_refusal_or_malformed(data: st.DataObject) -> None:
    head = bytearray(wire.pack_document(DOCUMENT)[0])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(head) - 1))
        head[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        wire.unpack_answer(bytes(head), BODY, REQUEST)
    except (Malformed, Refused):
        return


def test_a_refusal_keeps_its_subject_at_home() -> None:
    assert b"/home" not in wire.pack_refusal(DamagedFile("x", subject="/home/ann/x"))


FILM_REQUEST = ReadRequest(
    image_inputs=(ImageInput(width=2, height=1),),
    audio_inputs=(AudioInput(rate=10, seconds=0.5, hop=0.2),),
    preview_side=8,
    track_rate=100,
    scan_side=4,
    start=60.0,
)
SOUND = DraftPiece(
    modality=Modality.AUDIO,
    place=Place(seconds=(60.0, 60.5)),
    renditions=(np.array([1, -2, 3], np.int16),),
    aspect=Aspect.SOUND,
)
SHOT = DraftPiece(modality=Modality.IMAGE, place=Place(seconds=(60.0, 64.0)), aspect=Aspect.SHOT)
FRAME = DraftPiece(
    modality=Modality.IMAGE,
    place=Place(seconds=(60.0, 64.0)),
    renditions=(np.arange(6, dtype=np.uint8).reshape(1, 2, 3),),
    aspect=Aspect.FRAME,
    attributes={"sharpness": "12"},
    scan=np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
)
FILM = Document(
    modality=Modality.VIDEO,
    media_type="video/mp4",
    title="",
    pieces=(SHOT, FRAME, SOUND),
    reader=PRODUCER,
    track=Track(samples=np.array([5, 6, -7], np.int16), rate=100, start=60.0),
    next=120.0,
    length=300.5,
    notes=("a stream was left out",),
)
FILM_HEAD, FILM_BODY = wire.pack_document(FILM)


def film(path: list[Any] | None = None, value: Any = None) -> Document:
    """The film as the parent gets it, with one value of its head replaced."""
    lines = [json.loads(line) for line in FILM_HEAD.split(b"\n")]
    if path:
        target: Any = lines
        for step in path[:-1]:
            target = target[step]
        target[path[-1]] = value
    head = "\n".join(json.dumps(line) for line in lines).encode()
    return wire.unpack_answer(head, np.frombuffer(FILM_BODY, np.uint8), FILM_REQUEST)


def test_a_part_of_a_film_comes_out_as_it_went_in() -> None:
    document = film()
    shot, frame, sound = document.pieces
    assert (shot.aspect, shot.renditions, shot.place) == (Aspect.SHOT, (), SHOT.place)
    assert np.array_equal(frame.renditions[0], FRAME.renditions[0])
    assert np.array_equal(frame.scan, FRAME.scan)
    assert frame.attributes == {"sharpness": "12"}
    assert sound.renditions[0].tolist() == [1, -2, 3]
    assert document.track is not None
    assert (document.track.samples.tolist(), document.track.rate, document.track.start) == ([5, 6, -7], 100, 60.0)
    assert (document.next, document.length, document.notes) == (120.0, 300.5, ("a stream was left out",))


def test_a_request_for_a_page_comes_out_as_it_went_in() -> None:
    request = ReadRequest(page=7, page_box=(0.0, 0.25, 0.5, 1.0))
    assert wire.unpack_request(wire.pack_request("application/pdf", request)) == ("application/pdf", request)


def test_a_request_for_a_part_comes_out_as_it_went_in() -> None:
    assert wire.unpack_request(wire.pack_request("video/mp4", FILM_REQUEST)) == ("video/mp4", FILM_REQUEST)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([0, "next"], 60.0),
        ([0, "next"], "later"),
        ([0, "length"], -1),
        ([0, "track"], [99, 60.0, 3]),
        ([0, "track"], [100, 60.0, 10**12]),
        ([0, "notes"], ["x"] * 100),
        ([0, "notes"], ["x" * 10_000]),
        ([1, 5], "smell"),
        ([2, 6], {"Bad name": "x"}),
        ([2, 7], [2, 5]),
        ([2, 7], [0, 4]),
        ([3, 3], [6]),
        ([3, 3], [0]),
        ([3, 3], []),
    ],
)
def test_a_part_of_a_film_that_was_tampered_with_is_malformed(path: list[Any], value: Any) -> None:
    with pytest.raises(Malformed):
        film(path, value)


def test_a_later_part_may_hold_nothing() -> None:
    head, body = wire.pack_document(Document(**{**FIELDS, "pieces": ()}))
    assert wire.unpack_answer(head, np.frombuffer(body, np.uint8), FILM_REQUEST).pieces == ()


FIELDS = {name: getattr(FILM, name) for name in ("modality", "media_type", "title", "reader")}


CLIPPED = ReadRequest(clip=(1.0, 4.5))
CLIP = Clip(media_type="video/mp4", seconds=(1.0, 4.5), data=b"\0\0\0\x20ftypisom")


def clip_answer(**changes: Any) -> tuple[bytes, Any]:
    head, body = wire.pack_document(Document(**FIELDS, pieces=(), clip=Clip(**{**CLIP_FIELDS, **changes})))
    return head, np.frombuffer(body, np.uint8)


CLIP_FIELDS = {"media_type": CLIP.media_type, "seconds": CLIP.seconds, "data": CLIP.data}


def test_a_clip_comes_out_as_it_went_in() -> None:
    assert wire.unpack_answer(*clip_answer(), CLIPPED).clip == CLIP
    assert wire.unpack_request(wire.pack_request("video/mp4", CLIPPED)) == ("video/mp4", CLIPPED)


@pytest.mark.parametrize("changes", [{"media_type": "text/html"}, {"data": b"<html>"}, {"seconds": (5.0, 1.0)}])
def test_a_clip_that_is_none_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        wire.unpack_answer(*clip_answer(**changes), CLIPPED)


def test_a_clip_that_nobody_asked_for_is_malformed() -> None:
    with pytest.raises(Malformed):
        wire.unpack_answer(*clip_answer(), FILM_REQUEST)
