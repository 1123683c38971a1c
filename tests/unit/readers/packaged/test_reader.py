from __future__ import annotations

import io

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import ClosedArchive, DamagedFile, UnknownType
from sensorium.core.items import Modality
from sensorium.core.settings import Settings
from sensorium.readers.packaged.reader import PackageReader
from sensorium.readers.packaged.relations import resolved
from sensorium.testing.documents import docx, odf, office, zipped
from sensorium.testing.pictures import png


def read(data: bytes) -> Document:
    return PackageReader().read(io.BytesIO(data), "application/zip", ReadRequest(preview_side=32), Settings())


def test_the_kind_is_decided_by_the_root_of_the_main_part() -> None:
    assert read(docx("<w:p><w:r><w:t>x</w:t></w:r></w:p>")).media_type.endswith("wordprocessingml.document")
    document = office("ppt/presentation.xml", "<document><body><p><r><t>x</t></r></p></body></document>", {})
    assert read(document).media_type.endswith("wordprocessingml.document")


@pytest.mark.parametrize("members", [{"a.txt": "x"}, {"_rels/.rels": "<Relationships/>"}])
def test_an_archive_that_is_no_document_is_refused_with_a_remedy(members: dict[str, str]) -> None:
    with pytest.raises(ClosedArchive, match="--archives"):
        read(zipped(members))


def test_an_office_document_of_another_kind_is_refused() -> None:
    with pytest.raises(ClosedArchive):
        read(office("visio/document.xml", "<VisioDocument/>", {}))


def test_a_main_part_that_is_not_there_is_no_document() -> None:
    data = zipped(
        {"_rels/.rels": "<Relationships><Relationship Id='a' Type='/officeDocument' Target='x.xml'/></Relationships>"}
    )
    with pytest.raises(ClosedArchive):
        read(data)


@pytest.mark.parametrize(
    ("folder", "target", "name"),
    [
        ("ppt/slides", "../media/a.png", "ppt/media/a.png"),
        ("word", "/word/media/a.png", "word/media/a.png"),
        ("a", "../../../b", "b"),
        ("", "a/./b#c", "a/b"),
    ],
)
def test_targets_never_lead_out(folder: str, target: str, name: str) -> None:
    assert resolved(folder, target) == name


TEXT = (
    "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
    '<text:h text:outline-level="1">Tea</text:h><text:p>Boil<text:s text:c="2"/>water<text:line-break/>now'
    "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Really.</text:p></text:note-body></text:note>"
    "</text:p><text:list><text:list-item><text:p>leaves</text:p></text:list-item></text:list>"
    "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
    '<table:table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>b</text:p></table:table-cell>'
    "</table:table-row></table:table>"
    '<text:p><draw:frame><draw:image xlink:href="Pictures/a.png"/><svg:desc xmlns:svg="s">A pot</svg:desc>'
    "</draw:frame></text:p>"
)


def test_an_opendocument_text_is_read_in_order() -> None:
    document = read(odf("text", TEXT, {"Pictures/a.png": png((9, 9, 9), 64, 48)}))
    assert document.media_type == "application/vnd.oasis.opendocument.text"
    assert document.title == "Tea"
    assert [piece.text for piece in document.pieces] == [
        "Tea\n\nBoil  water\nnow",
        "Really.",
        "- leaves",
        "a | | | b",
        None,
    ]
    assert document.pieces[1].attributes["part"] == "footnote"
    assert document.pieces[4].attributes["caption"] == "A pot"


def test_slides_of_opendocument_are_pages_with_notes() -> None:
    box = "<draw:frame><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    page = f"<draw:page>{box}{{}}</draw:page>"
    notes = f"<presentation:notes>{box.format('Say hi')}</presentation:notes>"
    document = read(odf("presentation", page.format("One", notes) + page.format("Two", "")))
    assert [(piece.place.page, piece.text, piece.attributes.get("part")) for piece in document.pieces] == [
        (1, "One", None),
        (1, "Say hi", "notes"),
        (2, "Two", None),
    ]


def test_sheets_of_opendocument_are_read_as_tables() -> None:
    def line(*words: str) -> str:
        cells = "".join(f"<table:table-cell><text:p>{word}</text:p></table:table-cell>" for word in words)
        return f'<table:table-row>{cells}<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'

    document = read(
        odf("spreadsheet", f'<table:table table:name="T">{line("city", "size")}{line("Graz", "3")}</table:table>')
    )
    assert document.pieces[0].text == "city | size\ncity: Graz; size: 3"
    assert document.modality is Modality.DOCUMENT


def test_an_encrypted_opendocument_is_refused() -> None:
    with pytest.raises(UnknownType, match="encrypted"):
        read(
            odf(
                "text",
                "",
                {"META-INF/manifest.xml": "<manifest><file-entry><encryption-data/></file-entry></manifest>"},
            )
        )


def test_a_drawing_of_opendocument_is_refused() -> None:
    with pytest.raises(UnknownType, match="another kind"):
        read(odf("drawing", ""))


def test_a_damaged_opendocument_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        read(zipped({"mimetype": "x", "content.xml": "<office"}))
