from __future__ import annotations

import codecs
import contextlib
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sensorium.core.contents import HEAD_BYTES
from sensorium.core.errors import EmptyFile, Refused, UnknownType, WrongEncoding
from sensorium.readers.recognise import describe, recognise


def picture(format: str) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, format)
    return data.getvalue()


def archive(name: str, content: str = "x") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("BMP", "image/bmp"),
        ("TIFF", "image/tiff"),
        ("AVIF", "image/avif"),
    ],
)
def test_pictures_are_told_by_what_an_encoder_writes(format: str, media_type: str) -> None:
    assert recognise(picture(format)) == media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
        (b"%!PS-Adobe-3.0", "application/postscript"),
        (b"ID3\x04\0\0\0\0\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\0\0", "audio/mpeg"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "video/mp4"),
        (b"\0\0\0\x20ftypheic\0\0\0\0", "image/heic"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", "video/matroska"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm\x42\x87\x81\x04", "video/webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska\x42\x87\x81\x04", "video/matroska"),
        (b"OggS\0\x02" + bytes(22) + b"\x01vorbis", "audio/ogg"),
        (b"OggS\0\x02" + bytes(22) + b"\x80theora", "video/ogg"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
        (b"FORM\0\0\1\0AIFFCOMM", "audio/aiff"),
        (b"\0\0\0\x20ftypM4A \0\0\2\0", "audio/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\2\0", "video/quicktime"),
        (b"\0\0\0\x08wide\0\0\x10\0mdat", "video/quicktime"),
        (b"\xff\xf1\x50\x80\x01\x1f\xfc\0" + b"\xff\xf1", "audio/aac"),
        (b"\x7fELF\x02\x01\x01\0", "application/x-elf"),
        (b"SQLite format 3\0\x10\0", "application/vnd.sqlite3"),
        (archive("a.txt"), "application/zip"),
        (archive("[Content_Types].xml"), "application/vnd.openxmlformats"),
        (archive("mimetype", "application/epub+zip"), "application/epub+zip"),
        (b"<!DOCTYPE html>\n<html>", "text/html"),
        (b"<!-- a comment -->\n<HTML lang='en'>", "text/html"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'>", "image/svg+xml"),
        (b"<?xml version='1.0'?>\n<feed>", "application/xml"),
    ],
)
def test_other_kinds_have_a_name(head: bytes, media_type: str) -> None:
    assert recognise(head) == media_type
    assert not describe(media_type).startswith("a file of type")


@pytest.mark.parametrize(
    "text",
    [
        "Otto went home.",
        "OTTO VON BISMARCK",
        "FORMULA ONE",
        "RIFFS and chords",
        "ID3 tags explained",
        "BMW is a maker of cars",
        "MZ was a maker of motorcycles",
        "GIF89a is a format",
        "<!-- a comment --> and then Markdown",
        "<3 you",
        "Zażółć gęślą jaźń, 日本語, 🎈",
        "tab\tand\x1b[31mcolour\x1b[0m\r\n",
    ],
)
def test_texts_that_begin_like_something_else_are_texts(text: str) -> None:
    assert recognise(text.encode()) == "text/plain"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(codec: str) -> None:
    assert recognise("Größe".encode(codec)) == "text/plain"


def test_a_character_cut_by_the_end_of_the_head_is_no_fault() -> None:
    assert recognise("é".encode() * HEAD_BYTES) == "text/plain"
    assert recognise(b"x" + "é".encode() * HEAD_BYTES) == "text/plain"


@pytest.mark.parametrize("codec", ["latin-1", "cp1252", "iso-8859-2"])
def test_other_encodings_are_refused_with_a_remedy(codec: str) -> None:
    with pytest.raises(WrongEncoding, match="iconv"):
        recognise("Ein größeres Stück Käse, ä ö ü".encode(codec))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_a_wrong_encoding(codec: str) -> None:
    with pytest.raises(WrongEncoding, match="byte order mark"):
        recognise("a plain sentence".encode(codec))


@pytest.mark.parametrize("head", [b"\0" * 100, bytes(range(256)), b"text with a \0 in it", codecs.BOM_UTF8 + b"\x01"])
def test_bytes_without_a_name_are_unknown(head: bytes) -> None:
    with pytest.raises(UnknownType):
        recognise(head)


def test_no_bytes_are_empty() -> None:
    with pytest.raises(EmptyFile):
        recognise(b"")


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: ("<?xml" + text).encode()))
def test_any_bytes_have_a_type_or_are_refused(head: bytes) -> None:
    with contextlib.suppress(Refused):
        assert "/" in recognise(head)


def test_comments_that_nest_take_no_time() -> None:
    assert recognise(b"<!---->" * 600) == "text/plain"


def test_a_pdf_behind_a_foreign_head_is_a_pdf() -> None:
    head = b"Content-Type: application/pdf\r\n\r\n%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    assert recognise(head) == "application/pdf"


def test_a_text_that_speaks_of_the_signature_of_pdfs_is_a_text() -> None:
    assert recognise(b"A file starts with\n%PDF-1.4\nand then come its objects.") == "text/plain"
