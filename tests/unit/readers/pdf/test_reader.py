"""The PDF reader on documents that the tests write themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from sensorium.core.contents import Document, DraftPiece, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.pdf.reader import PdfReader
from sensorium.testing.pdfs import Pdf, lines, panel, picture, placed, rule, stream, text

WORDS = "The kettle sings when the water boils and the tea is poured into small white cups."
LEFT = [f"Left line {name} tells of the harbour." for name in ("one", "two", "three", "four", "five", "six")]
RIGHT = [f"Right line {name} tells of the hills." for name in ("one", "two", "three", "four", "five", "six")]
NOISE = ["jjRE.-Offl- aVc X1t. i.I ,mlw{ rTvlTTH qjzk", "KtRRT.-Nota- xq IlVttC fVb n,J1Z; .itorNEYzS"] * 3


def read(
    pdf: Pdf | bytes, *, settings: Settings | None = None, side: int = 0, start: float = 0.0, chunk: int = 800
) -> Document:
    """With pictures of one size, and scans of `side`."""
    request = ReadRequest(
        image_inputs=(ImageInput(width=64, height=64),),
        preview_side=64,
        scan_side=side,
        start=start,
        chunk_characters=chunk,
        chunk_overlap=min(120, chunk // 2),
    )
    data = pdf if isinstance(pdf, bytes) else pdf.data()
    return PdfReader().read(io.BytesIO(data), "application/pdf", request, settings or Settings())


def of(document: Document, aspect: Aspect, modality: Modality = Modality.TEXT) -> list[DraftPiece]:
    return [piece for piece in document.pieces if piece.aspect is aspect and piece.modality is modality]


def said(pieces: Sequence[DraftPiece]) -> str:
    return "\n".join(piece.text or "" for piece in pieces)


def test_a_page_is_a_picture_and_its_text() -> None:
    document = read(Pdf().page(text(72, 100, WORDS)))
    page, words = document.pieces
    assert (page.modality, page.aspect, page.place.page, page.place.box) == (Modality.IMAGE, Aspect.PAGE, 1, None)
    assert page.renditions[0].shape == (64, 64, 3)
    assert page.preview is not None
    assert page.preview.height == 64
    assert (words.text, words.aspect, words.place.page) == (WORDS, Aspect.CONTENT, 1)
    assert document.attributes == {"pages": "1", "width": "612", "height": "792", "text_layer": "yes"}


def test_a_text_has_the_box_it_is_drawn_in() -> None:
    box = of(read(Pdf().page(text(153, 396, WORDS, size=8))), Aspect.CONTENT)[0].place.box
    assert box is not None
    assert box[0] == pytest.approx(0.25, abs=0.01)
    assert box[1] < 0.5 < box[3] < 0.51


def test_without_pictures_asked_for_none_is_made() -> None:
    request = ReadRequest(preview_side=0)
    data = io.BytesIO(Pdf().page(text(72, 100, WORDS)).data())
    document = PdfReader().read(data, "application/pdf", request, Settings())
    assert [piece.modality for piece in document.pieces] == [Modality.TEXT]


def test_a_page_without_text_is_empty_where_no_picture_is_asked_for() -> None:
    data = io.BytesIO(Pdf().page(panel(100, 100, 200, 200)).data())
    with pytest.raises(EmptyFile):
        PdfReader().read(data, "application/pdf", ReadRequest(preview_side=0), Settings())


def test_columns_are_read_one_after_the_other() -> None:
    rows = "".join(
        lines(72, 100 + 14 * n, [one]) + lines(330, 100 + 14 * n, [two])
        for n, (one, two) in enumerate(zip(LEFT, RIGHT, strict=True))
    )
    found = said(of(read(Pdf().page(rows)), Aspect.CONTENT)).replace("\n", " ")
    assert found == " ".join(LEFT + RIGHT)


def test_a_chunk_lies_in_one_column() -> None:
    content = lines(72, 100, LEFT) + lines(330, 100, RIGHT)
    for piece in of(read(Pdf().page(content)), Aspect.CONTENT):
        assert piece.place.box is not None
        assert piece.place.box[2] < 0.52 or piece.place.box[0] > 0.52


def test_a_long_column_is_cut_into_overlapping_chunks() -> None:
    pieces = of(read(Pdf().page(lines(72, 100, LEFT * 4)), chunk=200), Aspect.CONTENT)
    assert len(pieces) > 3
    assert all(len(piece.text or "") <= 200 for piece in pieces)
    boxes = [piece.place.box for piece in pieces]
    assert all(one and two and two[1] < one[3] for one, two in pairwise(boxes))


def test_a_word_parted_at_the_end_of_a_line_is_whole_again() -> None:
    document = read(Pdf().page(lines(72, 100, ["We went to the har-", "bour in the non-", "Baltic north."])))
    assert said(of(document, Aspect.CONTENT)) == "We went to the harbour in the non-Baltic north."


@pytest.mark.parametrize(("turn", "corner"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))])
def test_a_turned_page_is_upright_in_picture_and_boxes(turn: int, corner: tuple[int, int]) -> None:
    content = panel(20, 20, 220, 220, grey=0.0) + text(250, 100, WORDS[:30])
    document = read(Pdf().page(content, entries=f"/Rotate {turn}"))
    pixels = np.asarray(of(document, Aspect.PAGE, Modality.IMAGE)[0].renditions[0], np.int64)
    quarters = {(row, column): pixels[32 * row : 32 * row + 32, 32 * column : 32 * column + 32].mean()
                for row in (0, 1) for column in (0, 1)}  # fmt: skip
    assert min(quarters, key=lambda quarter: quarters[quarter]) == corner
    assert document.attributes["width"] == ("792" if turn % 180 else "612")
    box = of(document, Aspect.CONTENT)[0].place.box
    assert box is not None
    assert (box[2] - box[0] > box[3] - box[1]) == (turn % 180 == 0)


def test_only_what_the_crop_box_shows_is_read() -> None:
    content = text(110, 700, "Inside of the visible part.") + text(110, 100, "Cut away by the printer.")
    document = read(Pdf().page(content, entries="/CropBox [100 0 400 300]"))
    assert said(of(document, Aspect.CONTENT)) == "Inside of the visible part."
    assert (document.attributes["width"], document.attributes["height"]) == ("300", "300")
    box = of(document, Aspect.CONTENT)[0].place.box
    assert box is not None
    assert box[0] < 0.05
    assert 0.6 < box[1] < 0.7


def test_a_picture_with_its_caption_is_a_figure() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes(1_600)))
    below = "Figure 3. A harbour at night."
    pdf.page(lines(72, 80, LEFT) + placed("I", 150, 200, 450, 400) + text(150, 420, below), pictures=[("I", number)])
    document = read(pdf)
    (figure,) = of(document, Aspect.FIGURE, Modality.IMAGE)
    assert figure.attributes == {"caption": below}
    assert figure.place.box == pytest.approx((150 / 612, 200 / 792, 450 / 612, 400 / 792), abs=0.01)
    assert figure.renditions[0].mean() < 30
    assert below in said(of(document, Aspect.CONTENT))


def test_a_picture_that_fills_the_page_is_the_page() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes(1_600)))
    document = read(pdf.page(placed("I", 0, 0, 612, 792), pictures=[("I", number)]))
    assert [piece.aspect for piece in document.pieces] == [Aspect.PAGE]


def table_with_rules() -> str:
    cells = [["Town", "People", "Height"], ["Graz", "291,134", "353"], ["Linz", "206,853", "266"],
             ["Steyr", "37,952", "310"]]  # fmt: skip
    content = ""
    for row, entries in enumerate(cells):
        content += "".join(text(100 + 130 * n, 215 + 20 * row, entry) for n, entry in enumerate(entries))
    for level in range(5):
        content += rule(95, 200 + 20 * level, 480, 200 + 20 * level)
    for at in (95, 220, 350, 480):
        content += rule(at, 200, at, 280)
    return content


def test_the_cells_of_a_row_stay_together() -> None:
    document = read(Pdf().page(text(95, 190, "Table 2. Towns on rivers.") + table_with_rules()))
    (table,) = of(document, Aspect.TABLE)
    assert table.text == (
        "Table 2. Towns on rivers.\nTown | People | Height\nGraz | 291,134 | 353\nLinz | 206,853 | 266\n"
        "Steyr | 37,952 | 310"
    )
    assert table.attributes["caption"] == "Table 2. Towns on rivers."
    assert "Graz" not in said(of(document, Aspect.CONTENT))


def test_each_chunk_of_a_long_table_names_its_columns() -> None:
    rows = [("Year", "Births", "Deaths")] + [(str(1900 + n), str(4000 + n), str(3000 + n)) for n in range(40)]
    content = "".join(
        text(100 + 120 * at, 80 + 15 * n, cell) for n, row in enumerate(rows) for at, cell in enumerate(row)
    )
    pieces = of(read(Pdf().page(content), chunk=200), Aspect.TABLE)
    assert len(pieces) > 3
    assert all((piece.text or "").startswith("Year | Births | Deaths\n") for piece in pieces)
    assert said(pieces).count("\n1917 | 4017 | 3017") == 1


def test_a_text_knows_the_heading_above_it() -> None:
    content = text(72, 100, "On Kettles", size=20, bold=True) + lines(72, 130, LEFT * 2)
    content += text(72, 400, "On Cups", size=16, bold=True) + lines(72, 430, RIGHT * 2)
    pieces = of(read(Pdf().page(content)), Aspect.CONTENT)
    headings = {piece.attributes["heading"]: piece.text for piece in pieces}
    assert headings["On Kettles"].startswith("On Kettles\n\nLeft line one")  # type: ignore[union-attr]
    assert headings["On Cups"].startswith("On Cups\n\nRight line one")  # type: ignore[union-attr]


def test_bookmarks_are_headings() -> None:
    pdf = Pdf(catalogue="/Outlines 3 0 R")
    pdf.objects[3] = b"<< /First 4 0 R /Last 4 0 R /Count 1 >>"
    pdf.objects[4] = b""
    pdf.page(lines(72, 100, LEFT)).page(lines(72, 100, RIGHT))
    pdf.objects[4] = f"<< /Title (The Hills) /Parent 3 0 R /Dest [{pdf.pages[1]} 0 R /Fit] >>".encode()
    first, second = of(read(pdf), Aspect.CONTENT)
    assert (dict(first.attributes), dict(second.attributes)) == ({}, {"heading": "The Hills"})


def test_the_title_is_the_largest_line_of_the_first_page() -> None:
    pdf = Pdf(trailer="/Info << /Title (minutes_final_v3.docx) /Author (Needle Person) >>")
    document = read(pdf.page(text(72, 90, "A History of Tea", size=22) + lines(72, 130, LEFT)))
    assert document.title == "A History of Tea"
    assert "Needle" not in repr(document)
    assert "minutes" not in repr(document)


def test_a_page_of_one_size_of_type_gives_no_title() -> None:
    assert read(Pdf().page(lines(72, 100, LEFT))).title == ""


def test_a_long_document_is_read_in_parts() -> None:
    pdf = Pdf()
    for number in range(5):
        pdf.page(text(72, 100, f"Chapter {'abcde'[number]} of the book of tea."))
    settings = Settings(document_part_pages=2)
    starts, pages, at = [], [], 0.0
    while True:
        part = read(pdf, settings=settings, start=at)
        starts.append(at)
        pages += [piece.place.page for piece in of(part, Aspect.PAGE, Modality.IMAGE)]
        assert part.length == 5.0
        if part.next is None:
            break
        at = part.next
    assert (starts, pages) == ([0.0, 2.0, 4.0], [1, 2, 3, 4, 5])


def test_a_running_head_is_said_once_a_part() -> None:
    pdf = Pdf()
    for number in range(1, 6):
        pdf.page(text(72, 40, f"The Book of Tea, page {number}") + lines(72, 300, LEFT))
    assert said(of(read(pdf), Aspect.CONTENT)).count("Book of Tea") == 1


def test_a_page_without_text_is_given_larger_for_reading() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes(1_600)))
    document = read(pdf.page(placed("I", 0, 0, 612, 792), pictures=[("I", number)]), side=500)
    scan = document.pieces[0].scan
    assert scan is not None
    assert scan.shape == (500, 386, 3)
    assert document.attributes["text_layer"] == "no"


def test_a_page_with_sound_text_is_not_read_off_its_picture() -> None:
    assert all(piece.scan is None for piece in read(Pdf().page(lines(72, 100, LEFT)), side=500).pieces)


def test_sound_text_on_a_picture_of_the_whole_page_is_believed() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes([200]) * 1_600))
    content = placed("I", 0, 0, 612, 792) + lines(72, 100, LEFT)
    assert read(pdf.page(content, pictures=[("I", number)]), side=500).pieces[0].scan is None


def test_a_text_layer_of_noise_is_not_believed() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes([200]) * 1_600))
    document = read(pdf.page(placed("I", 0, 0, 612, 792) + lines(72, 100, NOISE), pictures=[("I", number)]), side=500)
    assert document.pieces[0].scan is not None
    assert document.title == ""


def test_a_picture_within_a_page_is_given_larger_when_it_has_no_text() -> None:
    pdf = Pdf()
    number = pdf.add(picture(40, 40, bytes(1_600)))
    pdf.page(lines(72, 80, LEFT) + placed("I", 150, 200, 450, 400), pictures=[("I", number)])
    document = read(pdf, side=792)
    assert of(document, Aspect.PAGE, Modality.IMAGE)[0].scan is None
    scan = of(document, Aspect.FIGURE, Modality.IMAGE)[0].scan
    assert scan is not None
    assert scan.shape[:2] == pytest.approx((201, 301), abs=2)


def test_a_bad_page_does_not_lose_the_others() -> None:
    pdf = Pdf().page(text(72, 100, WORDS)).page("", entries="/MediaBox [0 0 90000 90000]").page(text(72, 100, WORDS))
    document = read(pdf)
    assert {piece.place.page for piece in document.pieces} == {1, 3}
    assert len(document.notes) == 1
    assert document.notes[0].startswith("page 2 ")


def test_a_page_that_is_no_page_is_noted() -> None:
    pdf = Pdf().page(text(72, 100, WORDS)).page(text(72, 100, WORDS))
    pdf.objects[pdf.pages[1]] = b"(not a page)"
    document = read(pdf)
    assert {piece.place.page for piece in document.pieces} == {1}
    assert "page 2" in document.notes[0]


def test_a_picture_of_too_many_pixels_costs_the_look_and_not_the_text() -> None:
    pdf = Pdf()
    number = pdf.add(picture(30_000, 30_000, bytes(1_000)))
    document = read(pdf.page(placed("I", 0, 0, 612, 700) + text(72, 750, WORDS), pictures=[("I", number)]))
    assert [piece.text for piece in document.pieces] == [WORDS]
    assert "pixels" in document.notes[0]


def test_no_page_that_can_be_read_is_damage() -> None:
    pdf = Pdf().page()
    pdf.objects[pdf.pages[0]] = b"(not a page)"
    with pytest.raises(DamagedFile, match="none of its pages"):
        read(pdf)


def test_a_document_of_no_pages_is_damage() -> None:
    with pytest.raises(DamagedFile):
        read(Pdf())


def test_too_many_pages_are_too_large() -> None:
    pdf = Pdf()
    for _ in range(12):
        pdf.page()
    with pytest.raises(TooLarge, match="12 pages"):
        read(pdf, settings=Settings(document_pages=10))


def test_a_part_beyond_the_end_is_refused() -> None:
    with pytest.raises(DamagedFile, match="no page 8 of 1"):
        read(Pdf().page(), start=7.0)


def test_a_locked_document_is_refused_as_locked() -> None:
    keys = f"/O <{'ab' * 32}> /U <{'cd' * 32}>"
    pdf = Pdf(trailer=f"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 {keys} /P -4 >>")
    with pytest.raises(DamagedFile, match="password"):
        read(pdf.page(text(72, 100, WORDS)))


def test_a_wrong_table_of_objects_is_mended() -> None:
    data = Pdf().page(text(72, 100, WORDS)).data()
    assert said(of(read(data.replace(b"startxref\n", b"startxref\n9")), Aspect.CONTENT)) == WORDS


def test_bytes_before_the_document_are_skipped() -> None:
    data = b"Content-Type: application/pdf\r\n\r\n" + Pdf().page(text(72, 100, WORDS)).data()
    assert said(of(read(data), Aspect.CONTENT)) == WORDS


def test_what_a_form_holds_is_part_of_the_look() -> None:
    pdf = Pdf(catalogue="/AcroForm << /Fields [3 0 R] >>")
    pdf.objects[3] = b""
    look = pdf.add(stream("/Type /XObject /Subtype /Form /BBox [0 0 300 300]", b"0 g 0 0 300 300 re f"))
    pdf.page("", entries="/Annots [3 0 R]")
    pdf.objects[3] = (
        f"<< /Type /Annot /Subtype /Widget /FT /Tx /T (f) /Rect [100 100 400 400] /F 4 /P {pdf.pages[0]} 0 R "
        f"/AP << /N {look} 0 R >> >>"
    ).encode()
    assert read(pdf).pieces[0].renditions[0].min() < 20


def test_pdfium_has_no_javascript() -> None:
    assert not {"V8", "XFA"} & set(pdfium.PDFIUM_INFO.flags)


def test_an_attachment_stays_closed() -> None:
    pdf = Pdf(catalogue="/Names << /EmbeddedFiles << /Names [(a.txt) 3 0 R] >> >>")
    pdf.objects[3] = b"<< /Type /Filespec /F (a.txt) /EF << /F 4 0 R >> >>"
    pdf.objects[4] = stream("/Type /EmbeddedFile", b"NEEDLE in the attachment")
    assert "NEEDLE" not in repr(read(pdf.page(text(72, 100, WORDS))))


def look(page: int, box: tuple[float, float, float, float] | None = None, side: int = 600) -> DraftPiece:
    """The one piece of a request for a page of two."""
    data = Pdf().page(text(72, 100, WORDS)).page(panel(306, 396, 612, 792, grey=0.0)).data()
    request = ReadRequest(preview_side=side, page=page, page_box=box)
    (piece,) = PdfReader().read(io.BytesIO(data), "application/pdf", request, Settings()).pieces
    return piece


def seen(piece: DraftPiece) -> np.ndarray:
    assert piece.preview is not None
    return np.asarray(Image.open(io.BytesIO(piece.preview.data)).convert("L"))


def test_a_page_alone_is_drawn_as_large_as_it_is_wanted() -> None:
    piece = look(2)
    assert (piece.aspect, piece.place.page, max(seen(piece).shape)) == (Aspect.PAGE, 2, 600)
    assert seen(piece)[-10:, -10:].max() < 30 < seen(piece)[:10, :10].min()


def test_a_part_of_a_page_is_drawn_as_large_as_a_page() -> None:
    piece = look(2, box=(0.5, 0.5, 1.0, 1.0))
    assert 590 <= max(seen(piece).shape) <= 600
    assert seen(piece).mean() < 30


@pytest.mark.parametrize("page", [3, 9_999])
def test_a_page_that_is_not_there_is_not_drawn(page: int) -> None:
    with pytest.raises(DamagedFile):
        look(page)
