from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.errors import TooLarge
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.packaged.reader import PackageReader
from sensorium.testing.documents import A, C, P, pptx, shape
from sensorium.testing.pictures import png

Links = Mapping[int, Mapping[str, tuple[str, str]]]

PICTURE = (
    '<p:pic><p:nvPicPr><p:cNvPr id="1" name="a" descr="A red field"/><p:nvPr/></p:nvPicPr>'
    '<p:blipFill><a:blip r:embed="p"/></p:blipFill>'
    '<p:spPr><a:xfrm><a:off x="500" y="0"/><a:ext cx="500" cy="250"/></a:xfrm></p:spPr></p:pic>'
)


def read(
    *slides: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Links | None = None,
    start: float = 0,
    **limits: int,
) -> Document:
    request = ReadRequest(image_inputs=(ImageInput(width=8, height=8),), start=start)
    stream = io.BytesIO(pptx(list(slides), parts, links))
    return PackageReader().read(stream, "application/zip", request, Settings(**limits))


def tree(kind: str, shapes: str) -> str:
    return f"<p:{kind} {P} {A}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:{kind}>"


def graphic(inside: str) -> str:
    return f"<p:graphicFrame><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></p:graphicFrame>"


def test_a_slide_is_a_page_with_its_title_as_heading() -> None:
    document = read(shape("Ducks", "title") + shape("swim\nfly", "body"), shape("End", "ctrTitle"))
    assert document.title == "Ducks"
    assert document.length == 2
    assert [(piece.place.page, piece.text, piece.attributes["heading"]) for piece in document.pieces] == [
        (1, "Ducks\n\n- swim\n- fly", "Ducks"),
        (2, "End", "End"),
    ]


def test_a_piece_knows_where_on_the_slide_it_is() -> None:
    document = read(shape("a", box=(100, 200, 300, 400)))
    assert document.pieces[0].place.box == (0.1, 0.2, 0.4, 0.6)


def test_a_box_is_clipped_to_the_slide() -> None:
    assert read(shape("a", box=(-500, 900, 1000, 1000))).pieces[0].place.box == (0, 0.9, 0.5, 1)
    assert read(shape("a", box=(2000, 0, 10, 10))).pieces[0].place.box is None


def test_shapes_are_read_title_first_then_by_place() -> None:
    slide = (
        shape("bottom", box=(0, 800, 900, 100))
        + shape("right", box=(500, 210, 400, 100))
        + shape("left", box=(0, 200, 400, 100))
        + shape("Title", "title", box=(0, 500, 900, 100))
    )
    assert read(slide).pieces[0].text == "Title\n\nleft\n\nright\n\nbottom"


def test_shapes_of_a_group_are_placed_in_it() -> None:
    frame = '<a:off x="500" y="500"/><a:ext cx="500" cy="500"/><a:chOff x="0" y="0"/><a:chExt cx="100" cy="100"/>'
    group = f"<p:grpSp><p:grpSpPr><a:xfrm>{frame}</a:xfrm></p:grpSpPr>{shape('a', box=(0, 0, 50, 100))}</p:grpSp>"
    assert read(group).pieces[0].place.box == (0.5, 0.5, 0.75, 1)


def test_a_placeholder_without_a_place_has_that_of_its_layout() -> None:
    layout = tree("sldLayout", shape("Click", "title", (100, 0, 800, 200)))
    parts = {"ppt/slideLayouts/l.xml": layout}
    links = {0: {"l": ("slideLayout", "../slideLayouts/l.xml")}}
    document = read(shape("Ducks", "title"), parts=parts, links=links)
    assert document.pieces[0].place.box == (0.1, 0, 0.9, 0.2)
    assert document.pieces[0].text == "Ducks"


@pytest.mark.parametrize("kind", ["dt", "ftr", "sldNum"])
def test_what_every_slide_repeats_is_left_out(kind: str) -> None:
    assert read(shape("Ducks") + shape("May 2024", kind)).pieces[0].text == "Ducks"


def test_only_lists_have_marks() -> None:
    bullet = shape("x").replace("<a:p>", "<a:p><a:pPr lvl='1'><a:buChar char='•'/></a:pPr>")
    assert read(shape("a\nb") + bullet).pieces[0].text == "a\n\nb\n\n- x"


def test_notes_of_the_speaker_are_a_part_of_their_own() -> None:
    notes = tree("notes", shape("7", "sldNum") + shape("Greet them.", "body"))
    document = read(
        shape("Ducks", "title"),
        parts={"ppt/notesSlides/n.xml": notes},
        links={0: {"n": ("notesSlide", "../notesSlides/n.xml")}},
    )
    assert [(piece.text, piece.attributes.get("part")) for piece in document.pieces] == [
        ("Ducks", None),
        ("Greet them.", "notes"),
    ]
    assert document.pieces[1].place.page == 1


def test_a_picture_has_its_box_and_words() -> None:
    document = read(
        PICTURE,
        parts={"ppt/media/a.png": png((255, 0, 0), 64, 32)},
        links={0: {"p": ("image", "../media/a.png")}},
    )
    (figure,) = document.pieces
    assert figure.modality is Modality.IMAGE
    assert figure.aspect is Aspect.FIGURE
    assert (figure.place.page, figure.place.box) == (1, (0.5, 0, 1, 0.25))
    assert figure.attributes["caption"] == "A red field"


def test_a_chart_is_a_table_with_series_as_columns() -> None:
    def series(name: str, values: list[str]) -> str:
        def points(words: list[str]) -> str:
            return "".join(f"<c:pt idx='{index}'><c:v>{word}</c:v></c:pt>" for index, word in enumerate(words))

        labels = f"<c:cat>{points(['Q1', 'Q2'])}</c:cat>"
        return f"<c:ser><c:tx><c:v>{name}</c:v></c:tx>{labels}<c:val>{points(values)}</c:val></c:ser>"

    title = "<c:title><c:tx><a:p><a:r><a:t>Ducks by quarter</a:t></a:r></a:p></c:tx></c:title>"
    both = series("Grey", ["1", "2"]) + series("White", ["3"])
    chart = f"<c:chartSpace {C} {A}><c:chart>{title}{both}</c:chart></c:chartSpace>"
    document = read(
        graphic("<c:chart r:id='c'/>"),
        parts={"ppt/charts/c.xml": chart},
        links={0: {"c": ("chart", "../charts/c.xml")}},
    )
    assert document.pieces[0].aspect is Aspect.TABLE
    assert document.pieces[0].text == "Ducks by quarter\n| Grey | White\nQ1 | 1 | 3\nQ2 | 2"


def test_an_index_of_a_chart_is_not_believed() -> None:
    chart = f"<c:chartSpace {C}><c:ser><c:val><c:pt idx='4000000000'><c:v>1</c:v></c:pt></c:val></c:ser></c:chartSpace>"
    frame = graphic("<c:chart r:id='c'/>")
    parts, links = {"ppt/charts/c.xml": chart}, {0: {"c": ("chart", "../charts/c.xml")}}
    assert read(frame + shape("x"), parts=parts, links=links).pieces[0].text == "x"


def test_a_table_is_rows() -> None:
    def cell(words: str) -> str:
        return f"<a:tc><a:txBody><a:p><a:r><a:t>{words}</a:t></a:r></a:p></a:txBody></a:tc>"

    rows = "".join(f"<a:tr>{''.join(map(cell, line))}</a:tr>" for line in (["a", "b"], ["1", "2"]))
    frame = (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    assert read(frame).pieces[0].text == "a | b\n1 | 2"


def test_a_diagram_is_a_list() -> None:
    points = "".join(f"<pt><t><a:p><a:r><a:t>{word}</a:t></a:r></a:p></t></pt>" for word in ("plan", "do"))
    frame = graphic("<x:relIds xmlns:x='x' r:dm='d'/>")
    parts = {"ppt/diagrams/d.xml": f"<dataModel {A}>{points}</dataModel>"}
    document = read(frame, parts=parts, links={0: {"d": ("diagramData", "../diagrams/d.xml")}})
    assert document.pieces[0].text == "- plan\n- do"


def test_slides_come_in_the_order_of_the_show_and_in_parts() -> None:
    slides = [shape(f"slide {number}") for number in range(5)]
    first = read(*slides, document_part_pages=2)
    last = read(*slides, document_part_pages=2, start=4)
    assert [piece.text for piece in first.pieces] == ["slide 0", "slide 1"]
    assert first.next == 2
    assert [(piece.text, piece.place.page) for piece in last.pieces] == [("slide 4", 5)]
    assert last.next is None


def test_too_many_slides_are_refused() -> None:
    with pytest.raises(TooLarge, match="2 pages"):
        read(shape("a"), shape("b"), document_pages=1)


def test_a_part_without_anything_is_no_error_in_the_middle() -> None:
    document = read("", "", shape("c"), document_part_pages=1, start=1)
    assert document.pieces == ()
    assert document.next == 2
