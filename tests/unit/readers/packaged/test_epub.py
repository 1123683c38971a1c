from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, UnknownType
from sensorium.core.items import Modality
from sensorium.core.settings import Settings
from sensorium.readers.packaged.reader import PackageReader
from sensorium.testing.documents import epub, zipped
from sensorium.testing.pictures import png


def read(
    chapters: Mapping[str, str], parts: Mapping[str, str | bytes] | None = None, start: float = 0, **limits: int
) -> Document:
    request = ReadRequest(image_inputs=(ImageInput(width=8, height=8),), start=start)
    stream = io.BytesIO(epub(chapters, parts))
    return PackageReader().read(stream, "application/epub+zip", request, Settings(**limits))


def test_chapters_are_pages_in_the_order_of_the_spine() -> None:
    document = read({"z.xhtml": "<h1>One</h1><p>First.</p>", "a.xhtml": "<h1>Two</h1><p>Second.</p>"})
    assert document.title == "A book"
    assert [(piece.place.page, piece.text, piece.attributes["heading"]) for piece in document.pieces] == [
        (1, "One\n\nFirst.", "One"),
        (2, "Two\n\nSecond.", "Two"),
    ]
    assert document.pieces[1].place.characters == (0, 12)


def test_an_empty_title_or_script_of_xhtml_hides_nothing() -> None:
    assert read({"a.xhtml": '<script src="x"/><p>All there.</p>'}).pieces[0].text == "All there."


def test_pictures_have_their_captions() -> None:
    body = '<p>See</p><figure><img src="../OEBPS/i/a%20b.png" alt="duck"/><figcaption>A grey duck</figcaption></figure>'
    body += '<img src="i/b.png" alt="A pond"/><img src="i/none.png" alt="A lake"/>'
    pictures = {"i/a b.png": png((1, 2, 3), 64, 48), "i/b.png": png((9, 9, 9), 64, 48)}
    document = read({"a.xhtml": body}, pictures)
    figures = [piece for piece in document.pieces if piece.modality is Modality.IMAGE]
    assert [(piece.attributes["caption"], piece.place.page) for piece in figures] == [("A grey duck", 1), ("A pond", 1)]
    assert any("A lake" in (piece.text or "") for piece in document.pieces)


def test_a_cover_that_is_wrapped_in_svg_is_found() -> None:
    body = '<svg xmlns:xlink="x"><text>no</text><image xlink:href="c.png"/></svg>'
    document = read({"a.xhtml": body}, {"c.png": png((1, 2, 3), 64, 48)})
    assert [piece.modality for piece in document.pieces] == [Modality.IMAGE]


def test_a_picture_out_of_the_book_is_not_looked_for() -> None:
    body = '<p>x</p><img src="../../../../etc/passwd"/><img src="file:///etc/passwd"/><img src="https://example.org/a.png"/>'
    assert len(read({"a.xhtml": body}).pieces) == 1


def test_long_books_are_read_in_parts() -> None:
    chapters = {f"{number}.xhtml": f"<p>Chapter {number}</p>" for number in range(5)}
    first, last = read(chapters, document_part_pages=3), read(chapters, document_part_pages=3, start=3)
    assert (first.next, first.length, last.next) == (3, 5, None)
    assert [piece.text for piece in last.pieces] == ["Chapter 3", "Chapter 4"]


def test_the_table_of_contents_is_left_out() -> None:
    container = '<container><rootfile full-path="b.opf"/></container>'
    book = (
        '<package><manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="p" href="p.png" media-type="image/png"/></manifest>'
        '<spine><itemref idref="n"/><itemref idref="a"/><itemref idref="p"/><itemref idref="?"/></spine></package>'
    )
    members = {"META-INF/container.xml": container, "b.opf": book, "nav.xhtml": "<p>Contents", "a.xhtml": "<p>Text"}
    document = PackageReader().read(io.BytesIO(zipped(members)), "application/zip", ReadRequest(), Settings())
    assert [(piece.text, piece.place.page) for piece in document.pieces] == [("Text", 2)]


def test_a_book_that_is_locked_is_refused_and_obscured_fonts_are_not() -> None:
    lock = "<encryption><CipherReference URI='OEBPS/{}'/></encryption>"
    with pytest.raises(UnknownType, match="locked"):
        read({"a.xhtml": "<p>x</p>"}, {"META-INF/encryption.xml": lock.format("a.xhtml")})
    assert read({"a.xhtml": "<p>x</p>"}, {"META-INF/encryption.xml": lock.format("font.otf")}).pieces


@pytest.mark.parametrize(
    "members",
    [
        {"META-INF/container.xml": "<container/>"},
        {"META-INF/container.xml": '<container><rootfile full-path="none.opf"/></container>'},
        {"META-INF/container.xml": '<container><rootfile full-path="b.opf"/></container>', "b.opf": "<package/>"},
    ],
)
def test_a_book_without_its_inside_is_damaged(members: dict[str, str]) -> None:
    with pytest.raises(DamagedFile):
        PackageReader().read(io.BytesIO(zipped(members)), "application/epub+zip", ReadRequest(), Settings())
