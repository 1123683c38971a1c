"""Reads zip containers that are documents: what kind it is, its own parts say.

The first bytes of such a file tell little, so this is where the second opinion is formed, in the guarded process.
"""

from __future__ import annotations

from typing import BinaryIO

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import ClosedArchive, UnknownType
from sensorium.core.settings import Settings
from sensorium.readers.archives.zipped import Zipped
from sensorium.readers.packaged import docx, epub, odf, pptx, xlsx
from sensorium.readers.packaged.containers import Job
from sensorium.readers.packaged.relations import Package
from sensorium.readers.recognise import OPEN_ARCHIVE

ROOTS = {"document": docx.read, "presentation": pptx.read, "workbook": xlsx.read}
"""Office documents by the root of their main part."""


class PackageReader:
    """A Word, PowerPoint, Excel or OpenDocument file, or an EPUB book -> its texts, tables and pictures in order."""

    media_types = frozenset(
        {
            "application/zip",
            "application/epub+zip",
            "application/vnd.oasis.opendocument",
            "application/vnd.openxmlformats",
        }
    )

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises DamagedFile, TooLarge, EmptyFile, UnknownType, or ClosedArchive for an archive that is no document."""
        if media_type == "application/zip":
            _check_document(Zipped(stream, settings, as_folder=True))
        container = Zipped(stream, settings)
        job = Job(container, request, settings)
        package = Package(container, settings)
        if epub.CONTAINER in container:
            return epub.read(package, job)
        if odf.CONTENT in container and "mimetype" in container:
            return odf.read(package, job)
        main = package.main() if "_rels/.rels" in container else None
        if main is not None:
            root = package.xml(main)
            if root.tag in ROOTS:
                return ROOTS[root.tag](package, main, root, job)
        if media_type == "application/zip":
            raise _no_document()
        raise UnknownType("a document of a kind that is not known here", remedy="add it in another format")


def _check_document(container: Zipped) -> None:
    """An archive may hold what no document does; so it is told before it is looked at as strictly as one."""
    marks = ("_rels/.rels", epub.CONTAINER, "mimetype")
    if not any(mark in container or mark in container.left_out for mark in marks):
        raise _no_document()


def _no_document() -> ClosedArchive:
    return ClosedArchive("a zip archive that is no document", remedy=OPEN_ARCHIVE)
