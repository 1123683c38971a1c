from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.packaged.reader import PackageReader
from sensorium.testing.documents import C, W, docx
from sensorium.testing.pictures import png

REQUEST = ReadRequest(image_inputs=(ImageInput(width=8, height=8),))

STYLES = (
    f"<w:styles {W}>"
    '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Mine"><w:name w:val="Mine"/><w:basedOn w:val="berschrift1"/></w:style>'
    '<w:style w:styleId="Out"><w:name w:val="Out"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>'
    '<w:style w:styleId="Ring"><w:name w:val="x"/><w:basedOn w:val="Ring"/></w:style>'
    '<w:style w:styleId="Bullet"><w:name w:val="List"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
    "</w:styles>"
)
WITH_STYLES = {"word/styles.xml": STYLES}, {"s": ("styles", "styles.xml")}

BLIP = '<a:graphic><a:graphicData><a:pic><a:blip r:embed="p"/></a:pic></a:graphicData></a:graphic>'


def read(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
    settings: Settings | None = None,
) -> Document:
    stream = io.BytesIO(docx(body, parts, links))
    return PackageReader().read(stream, "application/vnd.openxmlformats", REQUEST, settings or Settings())


def text(body: str) -> str:
    return "\n".join(piece.text or "" for piece in read(body).pieces)


def p(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>"


def styled(words: str, style: str) -> str:
    return p(words, f'<w:pStyle w:val="{style}"/>')


def test_the_document_says_what_it_is() -> None:
    document = read(p("Dear Ann"))
    assert document.modality is Modality.DOCUMENT
    assert document.media_type.endswith("wordprocessingml.document")
    assert document.title == "Dear Ann"


@pytest.mark.parametrize("style", ["berschrift1", "Mine", "Out"])
def test_headings_are_known_by_what_their_style_means(style: str) -> None:
    document = read(p("Before.") + styled("The head", style) + p("Behind."), *WITH_STYLES)
    assert document.title == "The head"
    assert document.pieces[0].attributes["heading"] == "The head"


def test_a_style_that_is_based_on_itself_is_no_heading() -> None:
    assert read(styled("Words", "Ring"), *WITH_STYLES).pieces[0].attributes == {}


def test_items_of_lists_are_marked() -> None:
    listed = p("one", '<w:numPr><w:numId w:val="1"/></w:numPr>')
    plain = p("three", '<w:pStyle w:val="Bullet"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    document = read(listed + styled("two", "Bullet") + plain, *WITH_STYLES)
    assert document.pieces[0].text == "- one\n- two\n\nthree"


def test_runs_tabs_and_breaks_make_one_text() -> None:
    run = "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t xml:space='preserve'> c</w:t><w:noBreakHyphen/></w:r>"
    assert text(f"<w:p>{run}<w:hyperlink r:id='x'><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>") == "a\tb\n c-link"


def test_what_was_deleted_moved_away_or_hidden_is_left_out() -> None:
    gone = (
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> shown</w:t></w:r>"
    )
    assert text(f"<w:p>{gone}</w:p>") == "inserted shown"


def test_content_controls_and_formulas_are_read() -> None:
    control = f"<w:sdt><w:sdtPr/><w:sdtContent>{p('inside')}</w:sdtContent></w:sdt>"
    formula = (
        "<w:p xmlns:m='m'><m:oMath><m:r><m:t>E=mc</m:t></m:r><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:oMath></w:p>"
    )
    assert text(control + formula) == "inside\n\nE=mc2"


def test_a_table_is_a_piece_of_rows() -> None:
    cells = [[p("Food"), p("Calories")], [p("Leaves") + p("fresh"), p("50")]]
    rows = "".join(f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in row)}</w:tr>" for row in cells)
    document = read(p("See") + f"<w:tbl>{rows}</w:tbl>")
    assert document.pieces[1].aspect is Aspect.TABLE
    assert document.pieces[1].text == "Food | Calories\nLeaves fresh | 50"
    assert document.pieces[1].place.characters == (5, 38)


def test_a_picture_is_a_figure_with_its_words() -> None:
    drawing = f"<w:drawing><w:docPr descr='A duck'/>{BLIP}</w:drawing>"
    picture = {"word/media/a.png": png((255, 0, 0), 64, 48)}
    document = read(p("Look") + f"<w:p><w:r>{drawing}</w:r></w:p>" + p("End"), picture, {"p": ("image", "media/a.png")})
    figure = next(piece for piece in document.pieces if piece.modality is Modality.IMAGE)
    assert figure.aspect is Aspect.FIGURE
    assert figure.attributes["caption"] == "A duck"
    assert figure.renditions[0].shape == (8, 8, 3)
    assert document.notes == ()


def test_one_picture_is_one_piece_however_often_it_is_shown() -> None:
    drawing = f"<w:p><w:r><w:drawing>{BLIP}</w:drawing></w:r></w:p>"
    document = read(drawing * 5, {"word/media/a.png": png((255, 0, 0), 64, 48)}, {"p": ("image", "media/a.png")})
    assert len(document.pieces) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x01\0\0\0EMF", "picture left out"),
        (png((0, 0, 0), 5, 5), "less than 24 pixels"),
        (png((0, 0, 0), 64, 48)[:60], "not a whole PNG"),
    ],
)
def test_what_is_no_good_picture_is_left_out_with_a_note(data: bytes, why: str) -> None:
    drawing = f"<w:p><w:r><w:t>Words</w:t><w:drawing>{BLIP}</w:drawing></w:r></w:p>"
    document = read(drawing, {"word/media/a.png": data}, {"p": ("image", "media/a.png")})
    assert [piece.modality for piece in document.pieces] == [Modality.TEXT]
    assert len(document.notes) == 1
    assert why in document.notes[0]


def test_a_link_to_a_picture_elsewhere_is_not_followed() -> None:
    rels = (
        "<Relationships><Relationship Id='p' Type='x/image' Target='file:///etc/passwd' TargetMode='External'/>"
        "<Relationship Id='q' Type='x/image' Target='../../../etc/passwd'/></Relationships>"
    )
    body = f"<w:p><w:r><w:t>x</w:t><w:drawing>{BLIP}</w:drawing></w:r></w:p>"
    assert len(read(body, {"word/_rels/document.xml.rels": rels}).pieces) == 1


def test_of_two_ways_to_say_it_one_is_read() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    both = (
        "<mc:AlternateContent xmlns:mc='mc'>"
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent>"
    )
    assert text(f"<w:p><w:r><w:t>around</w:t>{both}</w:r></w:p>") == "around\n\nboxed"


def test_boxes_in_boxes_are_read_once() -> None:
    box = "<w:p><w:r><w:t>end</w:t></w:r></w:p>"
    for _ in range(30):
        box = f"<w:p><w:r><w:pict><w:txbxContent>{box}</w:txbxContent></w:pict></w:r></w:p>"
    assert text(box) == "end"


def test_a_chart_is_a_table() -> None:
    series = "<c:ser><c:tx><c:v>Ducks</c:v></c:tx><c:cat><c:pt idx='0'><c:v>May</c:v></c:pt></c:cat>"
    series += "<c:val><c:pt idx='0'><c:v>4.2999999999999998</c:v></c:pt></c:val></c:ser>"
    chart = {"word/charts/chart1.xml": f"<c:chartSpace {C}><c:chart>{series}</c:chart></c:chartSpace>"}
    body = "<w:p><w:r><w:drawing><c:chart r:id='c'/></w:drawing></w:r></w:p>"
    document = read(body, chart, {"c": ("chart", "charts/chart1.xml")})
    assert document.pieces[0].text == "| Ducks\nMay | 4.3"
    assert document.pieces[0].aspect is Aspect.TABLE


def test_notes_and_running_heads_come_last_and_once() -> None:
    parts = {
        "word/footnotes.xml": f"<w:footnotes {W}><w:footnote>{p('Said by Ann.')}</w:footnote></w:footnotes>",
        "word/header1.xml": f"<w:hdr {W}>{p('Our firm')}</w:hdr>",
        "word/header2.xml": f"<w:hdr {W}>{p('Our firm')}{p('3')}</w:hdr>",
    }
    links = {
        "f": ("footnotes", "footnotes.xml"),
        "h": ("header", "header1.xml"),
        "i": ("header", "header2.xml"),
    }
    document = read(p("Body"), parts, links)
    assert [(piece.text, dict(piece.attributes)) for piece in document.pieces] == [
        ("Body", {}),
        ("Said by Ann.", {"part": "footnote"}),
        ("Our firm", {"part": "header"}),
    ]


def test_comments_are_left_out_with_a_note() -> None:
    document = read(p("Body"), {"word/comments.xml": f"<w:comments {W}/>"}, {"c": ("comments", "comments.xml")})
    assert document.notes == ("comments were left out",)


def test_a_document_of_nothing_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read("<w:p/>")


def test_a_part_that_is_no_xml_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        read("<w:p>")
