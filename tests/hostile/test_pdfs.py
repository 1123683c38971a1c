"""Bombs and broken PDF documents, made here: each is refused or read, and the reader goes on."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable

import pytest

from sensorium.core.contents import Document
from sensorium.core.errors import DamagedFile, Refused, TooLarge
from sensorium.testing.mutants import check_mutants, has_pieces
from sensorium.testing.pdfs import Pdf, lines, panel, picture, placed, rule, stream, text

Read = Callable[..., Document]
PDF = "application/pdf"
WORDS = "The kettle sings when the water boils."

MUTANTS = 150
MUTANTS_LONG = 10_000


def packed(unit: bytes, times: int) -> bytes:
    """A unit many times over: packed once, so that the packed bytes can be repeated."""
    packer = zlib.compressobj(9)
    start, block = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH), packer.compress(unit)
    return start + (block + packer.flush(zlib.Z_FULL_FLUSH)) * times


@pytest.mark.parametrize("unit", [b" " * 1_000_000, b"0 0 m 9 9 l S\n" * 100_000], ids=["spaces", "strokes"])
def test_content_that_unfolds_to_gigabytes_is_too_large(read: Read, unit: bytes) -> None:
    pdf = Pdf()
    number = pdf.add(stream("/Filter /FlateDecode", packed(unit, 2_000)))
    with pytest.raises(TooLarge, match="unfolds"):
        read(pdf.page_of(number).data(), PDF)


def test_content_packed_twice_is_too_large(read: Read) -> None:
    pdf = Pdf()
    number = pdf.add(stream("/Filter [/FlateDecode /FlateDecode]", zlib.compress(packed(bytes(1_000_000), 2_000), 9)))
    with pytest.raises(TooLarge, match="unfolds"):
        read(pdf.page_of(number).data(), PDF)


def test_thousands_of_pages_are_too_large(read: Read) -> None:
    pdf = Pdf()
    for _ in range(6_000):
        pdf.page()
    with pytest.raises(TooLarge, match="6000 pages"):
        read(pdf.data(), PDF)


def test_a_count_of_pages_that_lies_costs_nothing(read: Read) -> None:
    data = Pdf().page(text(72, 100, WORDS)).data().replace(b"/Count 1", b"/Count 4000")
    document = read(data, PDF)
    assert document.pieces[1].text == WORDS
    assert all(f"page {number} " in " ".join(document.notes) for number in range(2, 9))


def test_a_picture_of_900_megapixels_is_not_drawn(read: Read) -> None:
    pdf = Pdf()
    number = pdf.add(picture(30_000, 30_000, bytes(1_000)))
    document = read(pdf.page(placed("I", 0, 0, 600, 700) + text(72, 750, WORDS), pictures=[("I", number)]).data(), PDF)
    assert [piece.text for piece in document.pieces] == [WORDS]


def test_a_tree_of_pages_that_bites_its_tail_is_damaged(read: Read) -> None:
    pdf = Pdf().page(text(72, 100, WORDS))
    data = pdf.data().replace(f"/Kids [{pdf.pages[0]} 0 R]".encode(), b"/Kids [2 0 R]")
    with pytest.raises(DamagedFile):
        read(data, PDF)


def test_a_tree_of_pages_of_two_thousand_levels_is_survived(read: Read) -> None:
    pdf = Pdf()
    for number in range(3, 2_003):
        pdf.objects[number] = f"<< /Type /Pages /Kids [{number + 1} 0 R] /Count 1 /Parent {number - 1} 0 R >>".encode()
    pdf.page(text(72, 100, WORDS))
    pdf.objects[2_002] = f"<< /Type /Pages /Kids [{pdf.pages[0]} 0 R] /Count 1 >>".encode()
    pdf.pages = [3]
    with pytest.raises(Refused):
        read(pdf.data(), PDF)


@pytest.mark.parametrize(
    "content",
    ["[" * 100_000, "q " * 100_000, "<<" * 100_000, "BT " * 50_000],
    ids=["arrays", "states", "names", "texts"],
)
def test_nesting_is_survived(read: Read, content: str) -> None:
    assert read(Pdf().page(content).data(), PDF).pieces


def test_a_form_that_shows_itself_is_survived(read: Read) -> None:
    pdf = Pdf()
    pdf.objects[3] = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 600 700] /Resources << /XObject << /A 3 0 R >> >>", b"/A Do"
    )
    assert read(pdf.page("/A Do " + text(72, 100, WORDS), pictures=[("A", 3)]).data(), PDF).pieces


def test_bookmarks_in_a_circle_are_survived(read: Read) -> None:
    pdf = Pdf(catalogue="/Outlines 3 0 R")
    pdf.objects[3] = b"<< /First 4 0 R /Last 4 0 R /Count 1 >>"
    pdf.objects[4] = b"<< /Title (a) /Next 4 0 R /First 4 0 R /Parent 3 0 R >>"
    assert read(pdf.page(text(72, 100, WORDS)).data(), PDF).pieces


def test_a_hundred_thousand_letters_on_a_page_are_survived(read: Read) -> None:
    content = "".join(text(10, 10 + 0.35 * number, "x" * 100, size=1) for number in range(2_000))
    assert read(Pdf().page(content).data(), PDF).pieces


def test_a_file_that_calls_an_action_when_it_opens_is_only_read(read: Read) -> None:
    action = "/OpenAction << /S /JavaScript /JS (while (true) {}) >>"
    assert read(Pdf(catalogue=action).page(text(72, 100, WORDS)).data(), PDF).pieces


@pytest.mark.parametrize("head", ["", "%PDF-1.7\n", "%PDF-1.7\n%%EOF", "%!PS-Adobe-3.0\n"])
def test_nothing_behind_a_head_is_damaged(read: Read, head: str) -> None:
    with pytest.raises(DamagedFile):
        read(head.encode() or b"\n", PDF)


def specimen() -> bytes:
    """Two pages with all that the reader looks at."""
    pdf = Pdf(catalogue="/Outlines 3 0 R")
    pdf.objects[3] = b"<< /First 4 0 R /Last 4 0 R /Count 1 >>"
    pdf.objects[4] = b""
    number = pdf.add(picture(30, 30, bytes(range(256)) * 4))
    table = "".join(text(100 + 90 * n, 415 + 20 * row, f"{row}{n},00") for row in range(4) for n in range(3))
    table += "".join(rule(95, 400 + 20 * at, 380, 400 + 20 * at) for at in range(5))
    shapes = "".join(panel(100 + 20 * n, 550, 112 + 20 * n, 640 - 5 * n) for n in range(8))
    content = text(72, 60, "A Title", size=20) + lines(72, 100, [WORDS] * 4) + table + shapes
    pdf.page(content + placed("I", 300, 200, 500, 350) + text(300, 365, "Figure 1. Tea."), pictures=[("I", number)])
    pdf.page(lines(72, 100, [WORDS] * 9), entries="/Rotate 90 /CropBox [10 10 500 600]")
    pdf.objects[4] = f"<< /Title (Tea) /Parent 3 0 R /Dest [{pdf.pages[1]} 0 R /XYZ 0 500 0] >>".encode()
    return pdf.data()


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Flipped bytes, digits replaced by others, pieces cut out, doubled or zeroed, or the end cut off."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        start, size = chance.randrange(len(changed)), chance.choice((1, 2, 4, 64))
        kind = chance.choice(("flip", "digit", "digit", "cut", "double", "zero", "end"))
        if kind == "flip":
            changed[start] = chance.randrange(256)
        elif kind == "digit":
            found = next((at for at in range(start, len(changed)) if 48 <= changed[at] <= 57), start)
            changed[found] = chance.randrange(48, 58)
        elif kind == "cut":
            del changed[start : start + size]
        elif kind == "double":
            changed[start:start] = changed[start : start + size]
        elif kind == "zero":
            changed[start : start + size] = bytes(len(changed[start : start + size]))
        elif chance.random() < 0.2:
            del changed[max(start, 32) :]
    return bytes(changed)


def check(read: Read, count: int, seed: int) -> None:
    whole = specimen()
    check_mutants(
        read,
        lambda chance: (mutated(chance, whole), whole, PDF),
        count=count,
        seed=seed,
        holds=(has_pieces, lambda document: len(document.pieces) > 5),
    )


def test_mutated_documents_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS, seed=8)


@pytest.mark.long
def test_many_mutated_documents_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS_LONG, seed=9)
