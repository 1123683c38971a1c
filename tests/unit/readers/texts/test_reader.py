from __future__ import annotations

import io

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import EmptyFile, TooLarge, UnknownType, WrongEncoding
from sensorium.core.items import Modality
from sensorium.core.settings import Settings
from sensorium.readers.texts.reader import TextReader


def read(data: bytes, request: ReadRequest | None = None, settings: Settings | None = None) -> Document:
    return TextReader().read(io.BytesIO(data), "text/plain", request or ReadRequest(), settings or Settings())


def test_a_text_becomes_pieces_with_their_places() -> None:
    text = "\n\n".join(f"Paragraph {number} has some words in it." for number in range(50))
    document = read(text.encode(), ReadRequest(chunk_characters=200, chunk_overlap=20))
    assert len(document.pieces) > 5
    for piece in document.pieces:
        assert piece.modality is Modality.TEXT
        assert piece.place.characters is not None
        start, end = piece.place.characters
        assert piece.text == text[start:end]


def test_the_length_is_an_attribute() -> None:
    assert read("Größe".encode()).attributes == {"characters": "5"}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_byte_order_mark_is_no_part_of_the_text(codec: str) -> None:
    assert read("Größe".encode(codec)).pieces[0].text == "Größe"


def test_places_count_characters_behind_unified_line_ends() -> None:
    document = read(b"one\r\ntwo\rthree")
    assert document.pieces[0].text == "one\ntwo\nthree"
    assert document.pieces[0].place.characters == (0, 13)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The title #\n\ntext", "The title"),
        ("Preface\n\n## Later heading\ntext", "Later heading"),
        ("A short line\nand more", "A short line"),
        ("\n\n  indented\n", "indented"),
        ("word " * 100, ""),
        ("#hashtag and words", "#hashtag and words"),
    ],
)
def test_the_title_is_the_first_heading_or_a_short_first_line(text: str, title: str) -> None:
    assert read(text.encode()).title == title


def test_a_wrong_byte_says_where_and_what_to_do() -> None:
    with pytest.raises(WrongEncoding, match=r"byte 5002 is not UTF-8; convert it to UTF-8"):
        read(b"a" * 5_001 + b"n\xe9e")


def test_half_a_character_of_utf_16_is_refused() -> None:
    with pytest.raises(WrongEncoding):
        read("ab".encode("utf-16") + b"x")


def test_a_control_character_deep_inside_is_refused() -> None:
    with pytest.raises(UnknownType, match=r"U\+0000 at 10000"):
        read(b"a" * 10_000 + b"\0")


@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\xef\xbb\xbf", "\u3000\u00a0".encode()])
def test_nothing_but_white_space_is_empty(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        read(data)


def test_a_text_above_the_limit_is_too_large() -> None:
    settings = Settings(text_bytes=100)
    assert read(b"x" * 100, settings=settings)
    with pytest.raises(TooLarge, match="100 bytes"):
        read(b"x" * 101, settings=settings)


def test_a_title_search_over_hashes_takes_no_time() -> None:
    assert read(b"# " + b"# " * 500_000 + b"x").title == ""
