"""Bombs and broken documents, made here: each is a refusal of its own kind, in little time and little memory."""

from __future__ import annotations

import contextlib
import io
import random
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge
from sensorium.core.settings import MIB, Settings
from sensorium.readers.guarded import SandboxedReader
from sensorium.testing.documents import docx, epub, odf, office, pptx, shape, xlsx, zipped
from sensorium.testing.mutants import Chosen, check_mutants
from sensorium.testing.pictures import png

Read = Callable[..., Document]

OFFICE = "application/vnd.openxmlformats"
EPUB = "application/epub+zip"

MUTANTS = 300
MUTANTS_LONG = 10_000

BOMB_SECONDS, BOMB_MEMORY = 2, 256 * MIB
"""What refusing a bomb may cost: CPU time, and address space beyond what the decoders take when they are loaded."""


def reading(reader: SandboxedReader) -> Read:
    """Reads bytes as an open file."""

    def read(content: bytes, media_type: str) -> Document:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            return reader.read(file.fileno(), media_type, ReadRequest(preview_side=64))

    return read


@pytest.fixture(scope="module")
def tight() -> Iterator[Read]:
    """Reads with little memory and time, so that what takes more than a bomb may fails in another way."""
    loaded = 288 * MIB  # address space of the process with all readers loaded, most of it libraries
    settings = Settings(
        worker_memory=loaded + BOMB_MEMORY, worker_cpu_seconds=BOMB_SECONDS, worker_wall_seconds=40 * BOMB_SECONDS
    )
    with closing(SandboxedReader(settings)) as reader:
        yield reading(reader)


def zeros(size: int) -> bytes:
    """A deflate stream of that many zeros, some 1,000 times shorter."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return b"".join([packer.compress(bytes(MIB)) for _ in range(size // MIB)] + [packer.flush()])


def entry(name: bytes, data: bytes, size: int, offset: int = 0) -> tuple[bytes, bytes]:
    """A member and its entry in the directory, which say what they are told to."""
    fields = struct.pack("<HHHHHIII", 20, 0, 8, 0, 33, 0, len(data), size)
    local = b"PK\3\4" + fields + struct.pack("<HH", len(name), 0) + name
    central = (
        b"PK\1\2" + struct.pack("<H", 20) + fields + struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset) + name
    )
    return local + data, central


def container(*entries: tuple[bytes, bytes], count: int | None = None) -> bytes:
    body = b"".join(local for local, _ in entries)
    directory = b"".join(central for _, central in entries)
    number = len(entries) if count is None else count
    return body + directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, number, number, len(directory), len(body), 0)


def test_a_part_that_unfolds_is_refused(tight: Read) -> None:
    data = zeros(120 * MIB)
    assert len(data) < MIB
    bomb = container(entry(b"META-INF/container.xml", data, 120 * MIB))
    with pytest.raises(TooLarge, match="200"):
        tight(bomb, EPUB)


def test_a_part_that_claims_to_be_small_is_refused(tight: Read) -> None:
    bomb = container(entry(b"META-INF/container.xml", zeros(120 * MIB), 10))
    with pytest.raises(TooLarge):
        tight(bomb, EPUB)


def test_a_part_just_within_the_ratio_is_refused_by_its_size(tight: Read) -> None:
    noise = random.Random(1).randbytes(64 * 1024)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = noise[:2_000] + bytes(150_000)
    data = b"".join([packer.compress(block) for _ in range(900)] + [packer.flush()])
    with pytest.raises(TooLarge):
        tight(container(entry(b"META-INF/container.xml", data, 10)), EPUB)


def test_entries_that_share_one_core_are_refused(tight: Read) -> None:
    """As in David Fifield's "A better zip bomb": many names for the same bytes."""
    core, _ = entry(b"META-INF/container.xml", zeros(16 * MIB), 16 * MIB)
    names = [b"META-INF/container.xml", *(f"{number}.xml".encode() for number in range(1_000))]
    directory = [entry(name, zeros(0), 16 * MIB)[1] for name in names]
    with pytest.raises(DamagedFile, match="overlap"):
        tight(container((core, directory[0]), *((b"", central) for central in directory[1:])), EPUB)


def test_a_directory_of_a_million_entries_is_refused(tight: Read) -> None:
    central = entry(b"x", b"", 0)[1]
    bomb = entry(b"META-INF/container.xml", b"", 0)[0] + central * 1_000_000
    size = len(central) * 1_000_000
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, size, len(bomb) - size, 0)
    with pytest.raises(TooLarge, match="directory"):
        tight(bomb + end, EPUB)


def test_more_entries_than_the_limit_are_refused(tight: Read) -> None:
    with pytest.raises(TooLarge, match="entries"):
        tight(zipped({f"{number}": "" for number in range(10_001)}), "application/zip")


def laughs(levels: int = 30) -> str:
    entities = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, levels))
    return f'<!DOCTYPE l [<!ENTITY l0 "ha">{entities}]><l>&l{levels - 1};</l>'


XML_BOMBS = {
    "billion laughs": laughs(),
    "one entity many times": f'<!DOCTYPE l [<!ENTITY a "{"a" * 50_000}">]><l>{"&a;" * 50_000}</l>',
    "a file": '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>',
    "a parameter": '<!DOCTYPE l [<!ENTITY % a SYSTEM "file:///etc/passwd">%a;]><l/>',
    "depth": "<a>" * 60_000,
}


@pytest.mark.parametrize("name", XML_BOMBS)
@pytest.mark.parametrize("place", ["main", "relations", "book"])
def test_xml_that_unfolds_reaches_out_or_nests_is_damaged(tight: Read, name: str, place: str) -> None:
    bomb = XML_BOMBS[name]
    data = {
        "main": office("word/document.xml", bomb, {}),
        "relations": zipped({"_rels/.rels": bomb}),
        "book": zipped({"META-INF/container.xml": bomb}),
    }[place]
    with pytest.raises(DamagedFile):
        tight(data, OFFICE)


def test_a_million_attributes_and_elements_are_refused(tight: Read) -> None:
    wide = "<document>" + "<p/>" * 3_000_000 + "</document>"
    with pytest.raises(TooLarge):
        tight(office("word/document.xml", wide, {"x": random.Random(1).randbytes(10)}), OFFICE)


def test_entities_of_a_chapter_do_not_unfold(tight: Read) -> None:
    data = epub({"a.xhtml": "<p>x</p>"}, {"b.xhtml": laughs()})
    assert tight(data, EPUB).pieces
    page = laughs().encode()
    document = tight(page, "text/html")
    assert sum(len(piece.text or "") for piece in document.pieces) < len(page)


HTML_BOMBS = {
    "depth": b"<div>" * 100_000 + b"x",
    "open lists": b"<ul><li>x" * 50_000,
    "open tables": b"<table><tr><td>" * 25_000 + b"x",
    "formatting": b"<b><i>" * 100_000 + b"<p>x" * 1_000,
    "fonts": b"".join(b"<font size=%d>" % number for number in range(100_000)) + b"x",
    "attributes": b"<p" + b"".join(b" a%d=1" % number for number in range(200_000)) + b">x",
    "signs": b"x" + b"<" * 500_000,
    "comments": b"x<!--" * 200_000,
    "ampersands": b"x" + b"&" * 1_000_000,
    "titles": b"<title>x</titl" * 100_000,
    "quotes": b"x<a b='" * 200_000,
}


@pytest.mark.parametrize("name", HTML_BOMBS)
def test_pages_that_are_made_to_be_slow_are_not(tight: Read, name: str) -> None:
    with contextlib.suppress(EmptyFile):  # HTML takes all that follows an open comment or title for its content
        assert tight(HTML_BOMBS[name], "text/html").pieces


def test_a_cell_that_is_shared_a_million_times_is_refused(tight: Read) -> None:
    shared = f"<sst><si><t>{'x' * 32_000}</t></si></sst>"
    sheet = '<row><c t="s"><v>0</v></c></row>' * 20_000
    with pytest.raises(TooLarge):
        tight(xlsx({"a": sheet}, {"xl/sharedStrings.xml": shared}), OFFICE)


def test_a_cell_that_is_repeated_without_end_is_not() -> None:
    cell = '<table:table-cell table:number-columns-repeated="99999"><text:p>x</text:p></table:table-cell>'
    data = odf("spreadsheet", f"<table:table><table:table-row>{cell * 100}</table:table-row></table:table>")
    with closing(SandboxedReader(Settings())) as reader:
        document = reading(reader)(data, "application/vnd.oasis.opendocument")
    assert len(document.pieces[0].text or "") < 100_000


def test_a_picture_bomb_in_a_document_is_left_out(tight: Read) -> None:
    rows = zlib.compress(bytes(1 + 13_400 // 8) * 13_400, 9)
    header = struct.pack(">IIBBBBB", 13_400, 13_400, 1, 0, 0, 0, 0)
    from sensorium.testing.pictures import SIGNATURE, chunk

    bomb = SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    body = "<w:p><w:r><w:t>Words</w:t><w:drawing><a:blip r:embed='p'/></w:drawing></w:r></w:p>"
    document = tight(docx(body, {"word/media/a.png": bomb}, {"p": ("image", "media/a.png")}), OFFICE)
    assert [piece.text for piece in document.pieces] == ["Words"]
    assert "13400 x 13400" in document.notes[0]


@pytest.mark.parametrize("kind", ["wmf", "eps", "svg"])
def test_pictures_that_are_programs_are_never_opened(tight: Read, kind: str) -> None:
    data = {"wmf": b"\xd7\xcd\xc6\x9a" + bytes(100), "eps": b"%!PS-Adobe-3.0 EPSF-3.0", "svg": b"<svg xmlns='x'/>"}[
        kind
    ]
    body = "<w:p><w:r><w:t>Words</w:t><w:drawing><a:blip r:embed='p'/></w:drawing></w:r></w:p>"
    document = tight(docx(body, {"word/media/a.png": data}, {"p": ("image", "media/a.png")}), OFFICE)
    assert len(document.pieces) == 1
    assert "1 picture left out" in document.notes[0]


def sound() -> dict[str, tuple[str, bytes]]:
    """One document of each kind, with text, a table and a picture; stored, so that mutations reach the XML."""
    picture = {"media/a.png": png((200, 30, 30), 48, 36)}
    cell = "<w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc>"
    body = (
        "<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p><w:p><w:r><w:t>Words.</w:t>"
        f"<w:drawing><a:blip r:embed='p'/></w:drawing></w:r></w:p><w:tbl><w:tr>{cell}{cell}</w:tr></w:tbl>"
    )
    page = "<h1>Head</h1><p>Words &amp; more.</p><table><tr><td>a<td>b</table><img src='a.png' alt='x'>"
    slide = shape("Head", "title", (0, 0, 500, 100)) + shape("one\ntwo", "body", (0, 200, 500, 500))
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>45292.5</v></c></row>'
    made = {
        "docx": (OFFICE, docx(body, {"word/media/a.png": picture["media/a.png"]}, {"p": ("image", "media/a.png")})),
        "pptx": (OFFICE, pptx([slide, slide])),
        "xlsx": (OFFICE, xlsx({"a": row * 5}, {"xl/sharedStrings.xml": "<sst><si><t>word</t></si></sst>"})),
        "epub": (EPUB, epub({"a.xhtml": page}, {"a.png": picture["media/a.png"]})),
        "odt": ("application/vnd.oasis.opendocument", odf("text", "<text:h>Head</text:h><text:p>Words.</text:p>")),
    }
    stored = {name: (kind, repacked(data, zipfile.ZIP_STORED)) for name, (kind, data) in made.items()}
    packed = {f"{name} packed": entry for name, entry in made.items()}
    mail = b"Subject: x\nFrom: a@b.c\nContent-Type: multipart/mixed; boundary=z\n\n--z\n\nHi\n"
    mail += b"--z\nContent-Type: text/html\n\n<p>Ho\n--z--\n"
    texts = {
        "html": ("text/html", page.encode()),
        "mail": ("message/rfc822", mail),
        "mbox": ("application/mbox", b"From a@b.c Mon Jan  2 10:00:00 2023\n" + mail),
        "csv": ("text/csv", b'a,b\n1,2\n3,4\n5,"6\n7"\n'),
        "jsonl": ("application/jsonl", b'{"a": 1}\n{"b": [1, {"c": null}]}\n'),
        "rst": ("text/x-rst", b"Head\n====\n\n.. code::\n\n    x\n\n``y``\n"),
    }
    return {**stored, **packed, **texts}


def repacked(data: bytes, method: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return zipped({name: file.read(name) for name in file.namelist()}, method)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Flipped bytes, signs of markup put in, a piece cut out or doubled; in containers checksums are set right again,
    so that what was changed is read and not only refused."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(changed) or 1)
        size = chance.choice((1, 4, 16, 100))
        kind = chance.choice(("flip", "flip", "put", "cut", "double", "end"))
        if kind == "flip":
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == "put":
            changed[at : at + 1] = chance.choice((b"<", b">", b'"', b"&", b"/", b"9", b"-", b"\xff", b"\0", b"\n"))
        elif kind == "cut":
            del changed[at : at + size]
        elif kind == "double":
            changed[at:at] = changed[at : at + size]
        elif chance.random() < 0.2:
            del changed[max(at, 12) :]
    return bytes(changed)


def mutant(chance: random.Random, data: bytes) -> bytes:
    """Of a container either the whole or one member, packed anew."""
    if not data.startswith(b"PK") or chance.random() < 0.4:
        return mutated(chance, data)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    name = chance.choice(list(parts))
    parts[name] = mutated(chance, parts[name])
    return zipped(parts)


def check(read: Read, count: int, seed: int) -> None:
    documents = sound()
    request = ReadRequest(image_inputs=(ImageInput(width=16, height=16),), preview_side=32)

    def chosen(chance: random.Random) -> Chosen:
        kind, data = documents[chance.choice(list(documents))]
        return mutant(chance, data), data, kind

    check_mutants(partial(read, request=request), chosen, count=count, seed=seed)


def test_mutated_documents_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS, seed=8)


@pytest.mark.long
def test_many_mutated_documents_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS_LONG, seed=9)


def test_sound_documents_are_read(read: Read) -> None:
    for kind, data in sound().values():
        assert read(data, kind).pieces


NEEDLES = (b"NEEDLE-AUTHOR", b"NEEDLE-COMPANY", b"NEEDLE-COMMENT")


def test_no_metadata_of_a_document_is_copied(read: Read) -> None:
    parts = {
        "docProps/core.xml": "<coreProperties><creator>NEEDLE-AUTHOR</creator></coreProperties>",
        "docProps/app.xml": "<Properties><Company>NEEDLE-COMPANY</Company></Properties>",
        "word/comments.xml": "<comments><p><r><t>NEEDLE-COMMENT</t></r></p></comments>",
    }
    document = read(docx("<w:p><w:r><w:t>Words</w:t></w:r></w:p>", parts), OFFICE)
    assert not any(needle.decode() in repr(document) for needle in NEEDLES)
