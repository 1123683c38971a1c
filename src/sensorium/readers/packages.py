"""Reads zip containers that are documents: what kind it is, its own parts say.

The first bytes of such a file tell little, so this is where the second opinion is formed, in the guarded process.
"""

from __future__ import annotations

from typing import BinaryIO

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import UnknownType
from sensorium.core.settings import Settings
from sensorium.readers import docx, epub, odf, pptx, xlsx
from sensorium.readers.office import Job
from sensorium.readers.relations import Package
from sensorium.readers.zipped import Zipped

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
        """Raises DamagedFile, TooLarge, EmptyFile, or UnknownType for an archive that is no document."""
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
        remedy = "unpack it and add the files"
        raise UnknownType("a zip archive that is no document", remedy=remedy)
