"""Reads texts in UTF-8, or in UTF-16 with a byte order mark: prose, marked up or not, tables, records, source code.

Nothing is cut off for a tower's sake: a tower that takes less than a piece at once reads it in windows and averages
them, so the length of a chunk decides how fine a place is and not what is found.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import EmptyFile, TooLarge, UnknownType, WrongEncoding
from sensorium.core.items import Modality, Producer
from sensorium.core.settings import Settings
from sensorium.readers.flow import cut
from sensorium.readers.recognise import CONTROL, TO_UTF8, text_encoding
from sensorium.readers.texts.delimited import NotDelimited, record_pieces, table_pieces
from sensorium.readers.texts.kinds import PLAIN
from sensorium.readers.texts.outline import outline
from sensorium.readers.texts.source import definitions

PRODUCER = Producer(name="reader.text", version="2")

SOURCE = "text/x-source"
RECORDS = "application/jsonl"
TABLES = frozenset({"text/csv", "text/tab-separated-values"})
UNTITLED = TABLES | {SOURCE, RECORDS}
"""Their first line is no title."""

TITLE_CHARACTERS = 120
"""A first line that is longer is the start of the text, not its title."""

_HEADING = re.compile(r"^#{1,6}[ \t]+(.+)$", re.MULTILINE)
_TITLE_SEARCH_CHARACTERS = 20_000


class TextReader:
    """A text -> text pieces, each with its place in code points of the decoded text, whose line ends are `\\n`."""

    media_types = frozenset(
        {PLAIN, "text/markdown", "text/x-rst", "text/csv", "text/tab-separated-values", "application/jsonl", SOURCE}
    )

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, WrongEncoding, EmptyFile or UnknownType (control characters: not a text).

        >>> import io
        >>> document = TextReader().read(io.BytesIO(b"# Tea\\n\\nBoil water."), "text/plain", ReadRequest(), Settings())
        >>> document.title, document.pieces[0].place.characters
        ('Tea', (0, 18))
        """
        text = decode(read_all(stream, settings))
        try:
            pieces = _pieces(text, media_type, request)
        except NotDelimited:
            media_type = PLAIN
            pieces = _pieces(text, media_type, request)
        if not pieces:
            raise EmptyFile("nothing but white space", remedy="nothing to do, there is nothing to find in it")
        return Document(
            modality=Modality.TEXT,
            media_type=media_type,
            title="" if media_type in UNTITLED else title_of(text),
            pieces=pieces,
            reader=PRODUCER,
            attributes={"characters": str(len(text))},
        )


def _pieces(text: str, media_type: str, request: ReadRequest) -> tuple[DraftPiece, ...]:
    """Raises NotDelimited where a text is no table or list after all."""
    if media_type in TABLES:
        return tuple(table_pieces(text, request))
    if media_type == RECORDS:
        return tuple(record_pieces(text, request))
    spans = definitions(text) if media_type == SOURCE else outline(text, media_type)
    return tuple(cut(text, spans, request))


def decode(data: bytes) -> str:
    """The text without its byte order mark, line ends as `\\n`; else exactly as it stands.

    >>> decode(b"\\xef\\xbb\\xbfone\\r\\ntwo")
    'one\\ntwo'
    """
    try:
        text = data.decode(text_encoding(data))
    except UnicodeDecodeError as error:
        raise WrongEncoding(f"byte {error.start} is not {error.encoding.upper()}", remedy=TO_UTF8) from None
    control = CONTROL.search(text)
    if control:
        what = f"a text with the control character U+{ord(control[0]):04X} at {control.start()}"
        raise UnknownType(what, remedy="remove the control characters, or add it in another format")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def title_of(text: str) -> str:
    """The first Markdown heading near the start, else the first line if it is short, else "".

    >>> title_of("Dear Ann,\\nall is well."), title_of("a" * 500)
    ('Dear Ann,', '')
    """
    start = text[:_TITLE_SEARCH_CHARACTERS]
    heading = _HEADING.search(start)
    line = heading[1].strip(" \t#") if heading else start.lstrip().partition("\n")[0].rstrip()
    return line if len(line) <= TITLE_CHARACTERS else ""


def read_all(stream: BinaryIO, settings: Settings) -> bytes:
    """The bytes of a text. Raises TooLarge above the limit of texts."""
    data = stream.read(settings.text_bytes + 1)
    if len(data) > settings.text_bytes:
        raise TooLarge(
            f"a text of more than {settings.text_bytes} bytes", remedy="split it, or raise SENSORIUM_TEXT_BYTES"
        )
    return data
