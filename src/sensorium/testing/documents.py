"""Small documents for tests, made of strings: what an Office program or a book maker would write, and no more."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
C = 'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
R = f'xmlns:r="{RELATIONSHIPS}"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

Content = str | bytes


def zipped(members: Mapping[str, Content], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip container of these members, in this order.

    >>> zipped({"a.txt": "one"})[:4]
    b'PK\\x03\\x04'
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return data.getvalue()


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part of relations. targets: for each id, the last word of the type, and the target.

    >>> relations({"r1": ("image", "media/a.png")}).count("Relationship ")
    1
    """
    entries = "".join(
        f'<Relationship Id="{key}" Type="{RELATIONSHIPS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}">{entries}</Relationships>'


def office(main: str, content: str, others: Mapping[str, Content]) -> bytes:
    """An Office document whose main part has this name and content."""
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations({"r1": ("officeDocument", main)}),
            main: content,
            **others,
        }
    )


def docx(
    body: str, parts: Mapping[str, Content] | None = None, links: Mapping[str, tuple[str, str]] | None = None
) -> bytes:
    """A Word document. body: block elements of WordprocessingML, with the prefixes w, a, r and c declared.

    >>> docx("<w:p/>")[:2]
    b'PK'
    """
    document = f"<w:document {W} {A} {R} {C}><w:body>{body}</w:body></w:document>"
    rels = {"word/_rels/document.xml.rels": relations(links)} if links else {}
    return office("word/document.xml", document, {**rels, **(parts or {})})


def pptx(
    slides: list[str],
    parts: Mapping[str, Content] | None = None,
    links: Mapping[int, Mapping[str, tuple[str, str]]] | None = None,
) -> bytes:
    """A presentation of 1,000 x 1,000 units. slides: the shapes of each. links: relations of a slide, by its index."""
    ids = "".join(f'<p:sldId id="{256 + index}" r:id="s{index}"/>' for index in range(len(slides)))
    root = f'<p:presentation {P} {R}><p:sldIdLst>{ids}</p:sldIdLst><p:sldSz cx="1000" cy="1000"/></p:presentation>'
    others: dict[str, Content] = {
        "ppt/_rels/presentation.xml.rels": relations(
            {f"s{index}": ("slide", f"slides/slide{index}.xml") for index in range(len(slides))}
        )
    }
    for index, shapes in enumerate(slides):
        tree = f"<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>"
        others[f"ppt/slides/slide{index}.xml"] = f"<p:sld {P} {A} {R} {C}>{tree}</p:sld>"
        if links and index in links:
            others[f"ppt/slides/_rels/slide{index}.xml.rels"] = relations(links[index])
    return office("ppt/presentation.xml", root, {**others, **(parts or {})})


def shape(text: str, kind: str = "", box: tuple[int, int, int, int] | None = None) -> str:
    """A shape of a slide. text: its paragraphs, one a line. kind: of its placeholder. box: left, top, width, height."""
    holder = f'<p:ph type="{kind}"/>' if kind else ""
    frame = ""
    if box:
        frame = f'<a:xfrm><a:off x="{box[0]}" y="{box[1]}"/><a:ext cx="{box[2]}" cy="{box[3]}"/></a:xfrm>'
    paragraphs = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n"))
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>'
        f"<p:spPr>{frame}</p:spPr><p:txBody>{paragraphs}</p:txBody></p:sp>"
    )


def xlsx(sheets: Mapping[str, str], parts: Mapping[str, Content] | None = None) -> bytes:
    """A workbook. sheets: the rows of each. parts may bring "xl/sharedStrings.xml" and "xl/styles.xml"."""
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="s{at}"/>' for at, name in enumerate(sheets, 1))
    links = {f"s{at}": ("worksheet", f"worksheets/sheet{at}.xml") for at in range(1, len(sheets) + 1)}
    links["t"], links["y"] = ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
    others: dict[str, Content] = {"xl/_rels/workbook.xml.rels": relations(links)}
    for at, rows in enumerate(sheets.values(), 1):
        others[f"xl/worksheets/sheet{at}.xml"] = f"<worksheet {S} {R}><sheetData>{rows}</sheetData></worksheet>"
    root = f"<workbook {S} {R}><sheets>{listed}</sheets></workbook>"
    return office("xl/workbook.xml", root, {**others, **(parts or {})})


def epub(chapters: Mapping[str, str], parts: Mapping[str, Content] | None = None, title: str = "A book") -> bytes:
    """A book. chapters: by name, the body of each; parts lie beside them."""
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    publication = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    pages = {
        f"OEBPS/{name}": f'<?xml version="1.0"?><!DOCTYPE html><html><head><title/></head><body>{body}</body></html>'
        for name, body in chapters.items()
    }
    beside = {f"OEBPS/{name}": content for name, content in (parts or {}).items() if not name.startswith("META-INF/")}
    meta = {name: content for name, content in (parts or {}).items() if name.startswith("META-INF/")}
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": publication,
            **pages,
            **beside,
            **meta,
        }
    )


def odf(kind: str, content: str, parts: Mapping[str, Content] | None = None) -> bytes:
    """An OpenDocument file. kind: "text", "spreadsheet" or "presentation". content: what its body holds."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text", "table", "draw", "presentation")
    )
    root = (
        f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<office:body><office:{kind}>{content}</office:{kind}></office:body></office:document-content>"
    )
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    return zipped({"mimetype": mimetype, "content.xml": root, **(parts or {})})
