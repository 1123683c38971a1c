"""Reads saved web pages: their text by structure, and the pictures that they hold themselves. Nothing is fetched."""

from __future__ import annotations

from typing import BinaryIO

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import EmptyFile
from sensorium.core.items import Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.readers.figures import Figures
from sensorium.readers.flow import HEADING_CHARACTERS, compose
from sensorium.readers.packaged.containers import title_of
from sensorium.readers.texts import hypertext
from sensorium.readers.texts.reader import decode, read_all

PRODUCER = Producer(name="reader.html", version="1")


class HtmlReader:
    """A page -> text pieces with their headings, tables, and pictures out of `data:` addresses.

    Places are characters of the text that the page shows.
    """

    media_types = frozenset({"text/html"})

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, WrongEncoding or EmptyFile.

        >>> import io
        >>> page = io.BytesIO(b"<title>Tea</title><p>Boil water.")
        >>> document = HtmlReader().read(page, "text/html", ReadRequest(), Settings())
        >>> document.title, document.pieces[0].text
        ('Tea', 'Boil water.')
        """
        text = decode(read_all(stream, settings))
        figures = Figures(request, settings)

        def picture(address: str, caption: str) -> DraftPiece | None:
            data = hypertext.embedded(address)
            return figures.piece(data, Place(), caption) if data is not None else None

        tables = iter(range(1, hypertext.MOST_ELEMENTS + 2))
        title, parts = hypertext.blocks(text, lambda: next(tables), picture)
        pieces = tuple(compose(parts, request))
        if not pieces:
            raise EmptyFile("a page without text", remedy="nothing to do, there is nothing to find in it")
        return Document(
            modality=Modality.DOCUMENT,
            media_type=media_type,
            title=(title or title_of(parts))[:HEADING_CHARACTERS],
            pieces=pieces,
            reader=PRODUCER,
            notes=figures.notes,
        )
