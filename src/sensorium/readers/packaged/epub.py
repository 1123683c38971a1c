"""Reads EPUB books (EPUB 3.3, and 2.0.1): chapters in the order of the spine, with their headings and pictures.

A page is a chapter here: the file's place in the spine, from 1. Characters count in the text of that chapter. Left
out: the table of contents, which only repeats the headings, styles, fonts, sounds.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sensorium.core.contents import Document, DraftPiece
from sensorium.core.errors import DamagedFile, UnknownType
from sensorium.core.items import Place
from sensorium.readers.flow import Part, compose
from sensorium.readers.markup import children, descend
from sensorium.readers.packaged.containers import Job, title_of
from sensorium.readers.packaged.relations import Package, resolved
from sensorium.readers.texts import hypertext
from sensorium.readers.texts.reader import decode

MEDIA_TYPE = "application/epub+zip"
CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"

PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


@dataclass(frozen=True, slots=True)
class _Chapter:
    name: str
    is_contents: bool


def read(package: Package, job: Job) -> Document:
    """The chapters that this part of the book is to hold. Raises UnknownType for a book that is locked."""
    name, root = _publication(package)
    chapters = _spine(package, root, posixpath.dirname(name))
    if not chapters:
        raise DamagedFile("a book without chapters", remedy="restore it from its source")
    _check_locks(package, {chapter.name for chapter in chapters})
    wanted, following = job.part_of([chapter.name for chapter in chapters])
    pieces: list[DraftPiece] = []
    title = _metadata(root, "title")
    for index in wanted:
        if not chapters[index].is_contents:
            parts = _parts(package, chapters[index].name, index + 1, job)
            title = title or title_of(parts)
            pieces += compose(parts, job.request, index + 1)
    return job.document(MEDIA_TYPE, title, pieces, (following, len(chapters)))


def _publication(package: Package) -> tuple[str, Element]:
    """The name and the tree of the file that says what the book is made of."""
    for entry in package.xml(CONTAINER).iter("rootfile"):
        name = resolved("", entry.get("full-path", ""))
        if name in package:
            return name, package.xml(name)
    raise DamagedFile("a book that does not say what it is made of", remedy="restore it from its source")


def _spine(package: Package, root: Element, folder: str) -> list[_Chapter]:
    manifest = {entry.get("id"): entry for entry in children(descend(root, "manifest"), "item")}
    found: dict[str, _Chapter] = {}
    for reference in children(descend(root, "spine"), "itemref"):
        entry = manifest.get(reference.get("idref"))
        if entry is None or entry.get("media-type") not in PAGES:
            continue
        name = resolved(folder, entry.get("href", ""))
        if name in package:
            found.setdefault(name, _Chapter(name, "nav" in entry.get("properties", "").split()))
    return list(found.values())


def _check_locks(package: Package, names: set[str]) -> None:
    """Fonts may be obscured; a book whose chapters are encrypted can not be read."""
    if ENCRYPTION in package:
        locked = {resolved("", entry.get("URI", "")) for entry in package.xml(ENCRYPTION).iter("CipherReference")}
        if locked & names:
            raise UnknownType("a book that is locked to a reading device", remedy="add a copy without protection")


def _metadata(root: Element, name: str) -> str:
    found = descend(root, "metadata", name)
    return "" if found is None else "".join(found.itertext()).strip()


def _parts(package: Package, name: str, page: int, job: Job) -> list[Part]:
    folder = posixpath.dirname(name)

    def picture(address: str, caption: str) -> DraftPiece | None:
        target = resolved(folder, address)
        data = package.container.read(target) if target in package else hypertext.embedded(address)
        return job.figures.piece(data, Place(page=page), caption) if data is not None else None

    text = decode(package.xml_bytes(name))
    return hypertext.blocks(text, job.next_table, picture)[1]
