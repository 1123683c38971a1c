"""Reads e-mails and mailboxes (RFC 5322, 2045, 4155): what was written and what it answers, apart; nothing is fetched.

A message in a mailbox is a page. Attachments are named in a note and stay closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import groupby
from typing import BinaryIO

from sensorium.core.contents import Document, DraftPiece, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, Refused, TooLarge
from sensorium.core.items import Modality, Producer
from sensorium.core.settings import Settings
from sensorium.readers.flow import HEADING_CHARACTERS, Block, compose
from sensorium.readers.recognise import CONTROL
from sensorium.readers.texts import hypertext
from sensorium.readers.texts.reader import read_all

PRODUCER = Producer(name="reader.mail", version="1")

SHOWN = ("Subject", "From", "To", "Cc", "Date")
"""Fields that are part of what a message says."""

SAVE_ANEW = "open it in another program and save it anew"

MOST_PARTS = 100
FIELD_CHARACTERS = 500
MOST_NAMED = 5

_NEXT = re.compile(rb"^From \S+ [^\n]{0,60}\d{4}[^\n]{0,20}\r?\n(?=[A-Za-z-]+:)", re.MULTILINE)
_QUOTED = re.compile(r"[ \t]?>")
_WROTE = r"(?:wrote|schrieb|écrit|escribió|scritto|napsal\(?a?\)?|napisał)"
_INTRODUCTION = re.compile(rf"(?:On|Am|Le|El|Il|Dne|W dniu)\b.{{3,200}}{_WROTE}.{{0,80}}:\s*$")
"""The line that mail programs write above what they quote."""


class MailReader:
    """A message, or a mailbox of them -> text pieces: head and body, and what is quoted as a part of its own."""

    media_types = frozenset({"message/rfc822", "application/mbox"})

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, DamagedFile or EmptyFile.

        >>> import io
        >>> message = b"Subject: Tea\\nFrom: ann@example.org\\nDate: Mon, 2 Jan 2023\\n\\nBoil water.\\n> How?\\n"
        >>> document = MailReader().read(io.BytesIO(message), "message/rfc822", ReadRequest(), Settings())
        >>> [(piece.text[-11:], dict(piece.attributes)) for piece in document.pieces]
        [('Boil water.', {'heading': 'Tea'}), ('> How?', {'heading': 'Tea', 'part': 'quoted'})]
        """
        data = read_all(stream, settings)
        notes: list[str] = []
        following = length = None
        title = ""
        try:
            if media_type == "message/rfc822":
                message = _parsed(data)
                pieces, title = _pieces(message, None, request, notes), _field(message, "Subject")
            else:
                pieces, following, length = _mailbox(data, request, settings, notes)
        except (Refused, MemoryError):
            raise
        except Exception as error:  # the parser of mail raises what it meets: names, dates, nesting, character sets
            raise DamagedFile(f"not a whole message ({type(error).__name__})", remedy=SAVE_ANEW) from error
        if not pieces and following is None and not request.start:
            raise EmptyFile("no message with a text", remedy="nothing to do, there is nothing to find in it")
        return Document(
            modality=Modality.TEXT,
            media_type=media_type,
            title=title[:HEADING_CHARACTERS],
            pieces=tuple(pieces),
            reader=PRODUCER,
            next=following,
            length=length,
            notes=tuple(notes[:15]),
        )


def _mailbox(
    data: bytes, request: ReadRequest, settings: Settings, notes: list[str]
) -> tuple[list[DraftPiece], float | None, float]:
    starts = [match.start() for match in _NEXT.finditer(data)]
    if not starts:
        raise DamagedFile("a mailbox without messages", remedy="restore it from its source")
    per_part = settings.document_part_pages * 100  # a message is a small page
    first = min(int(request.start), len(starts))
    last = min(first + per_part, len(starts))
    pieces: list[DraftPiece] = []
    for index in range(first, last):
        end = starts[index + 1] if index + 1 < len(starts) else len(data)
        message = _parsed(data[data.index(b"\n", starts[index]) + 1 : end])
        pieces += _pieces(message, index + 1, request, notes)
    return pieces, float(last) if last < len(starts) else None, float(len(starts))


def _parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _pieces(message: EmailMessage, page: int | None, request: ReadRequest, notes: list[str]) -> list[DraftPiece]:
    named = [(name, _field(message, name)) for name in SHOWN]
    head = "\n".join(f"{name}: {words}" for name, words in named if words)
    parts: list[Block] = [Block(text=head)] if head else []
    for text in _texts(message, notes):
        parts += _blocks(text)
    subject = _field(message, "Subject")[:HEADING_CHARACTERS]
    attributes = {"heading": subject} if subject else {}
    return [replace(piece, attributes={**attributes, **piece.attributes}) for piece in compose(parts, request, page)]


def _field(message: EmailMessage, name: str) -> str:
    """Decoded, on one line; "" for a field that is not there or is none."""
    try:
        words = str(message.get(name, ""))
    except Exception:  # noqa: BLE001 - the parser of addresses fails in many ways on what spammers write
        return ""
    return " ".join(_clean(words).split())[:FIELD_CHARACTERS]


def _texts(message: EmailMessage, notes: list[str]) -> Iterator[str]:
    """The text of each part that is one: of two forms of the same the plain one."""
    attached: list[str] = []
    for count, part in enumerate(message.walk()):
        if count > MOST_PARTS:
            raise TooLarge(f"a message of more than {MOST_PARTS} parts", remedy="save it without its attachments")
        if part.is_multipart() or not isinstance(part, EmailMessage):
            continue
        kind = part.get_content_type()
        if part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            attached.append(_clean(part.get_filename() or kind)[:100])
        elif kind == "text/plain":
            yield _decoded(part)
        elif kind == "text/html" and not _has_plain(message):
            tables = iter(range(1, hypertext.MOST_ELEMENTS + 2))
            blocks = hypertext.blocks(_decoded(part), lambda tables=tables: next(tables))[1]  # type: ignore[misc]
            yield "\n\n".join(block.text for block in blocks if isinstance(block, Block))
    if attached:
        others = f" and {len(attached) - MOST_NAMED} more" if len(attached) > MOST_NAMED else ""
        notes.append(f"attachments were not opened: {', '.join(attached[:MOST_NAMED])}{others}")


def _has_plain(message: EmailMessage) -> bool:
    return any(
        part.get_content_type() == "text/plain" and part.get_content_disposition() != "attachment"
        for part in message.walk()
    )


def _decoded(part: EmailMessage) -> str:
    """In the character set that the part names, else as UTF-8; what does not fit becomes a replacement character."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        text = data.decode("utf-8", "replace")
    return _clean(text)


def _clean(text: str) -> str:
    """Without control characters and halves of surrogate pairs; line ends as `\\n`."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return CONTROL.sub("", text)


def _blocks(text: str) -> Iterator[Block]:
    """Paragraphs; what is quoted of another message apart, with the line that introduces it."""
    for is_quoted, lines in groupby(text.split("\n"), key=_is_quoted):
        attributes = {"part": "quoted"} if is_quoted else {}
        for paragraph in re.split(r"\n[ \t]*\n", "\n".join(lines)):
            if paragraph.strip():
                yield Block(text=paragraph, attributes=attributes)


def _is_quoted(line: str) -> bool:
    return bool(_QUOTED.match(line) or _INTRODUCTION.match(line))
