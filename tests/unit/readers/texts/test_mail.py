from __future__ import annotations

import io
from email.message import EmailMessage

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge
from sensorium.core.settings import Settings
from sensorium.readers.recognise import recognise
from sensorium.readers.texts.mail import MailReader


def message(body: str = "Boil water.", **fields: str) -> EmailMessage:
    found = EmailMessage()
    for name, value in {"Subject": "Grüner Tee", "From": "Ann <ann@example.org>", **fields}.items():
        found[name] = value
    found["Date"] = "Mon, 02 Jan 2023 10:00:00 +0000"
    found.set_content(body)
    return found


def read(data: bytes, media_type: str = "message/rfc822", start: float = 0, **limits: int) -> Document:
    return MailReader().read(io.BytesIO(data), media_type, ReadRequest(start=start), Settings(**limits))


def test_a_message_says_who_when_and_what() -> None:
    data = message().as_bytes()
    assert recognise(data) == "message/rfc822"
    document = read(data)
    assert document.title == "Grüner Tee"
    (piece,) = document.pieces
    assert piece.text == (
        "Subject: Grüner Tee\nFrom: Ann <ann@example.org>\nDate: Mon, 02 Jan 2023 10:00:00 +0000\n\nBoil water."
    )
    assert dict(piece.attributes) == {"heading": "Grüner Tee"}


def test_what_is_quoted_is_a_part_of_its_own() -> None:
    body = "Yes.\n\nOn Monday, Ben <ben@example.org> wrote:\n> Tea?\n> Now?\n\nAnn\n"
    pieces = read(message(body).as_bytes()).pieces
    assert [piece.attributes.get("part") for piece in pieces] == [None, "quoted", None]
    for piece, end in zip(pieces, ("+0000\n\nYes.", "> Tea?\n> Now?", "Ann"), strict=True):
        assert (piece.text or "").endswith(end)
    assert pieces[2].text == "Ann"


def test_of_two_forms_the_plain_one_is_read() -> None:
    found = message()
    found.add_alternative("<p>Boil <b>water</b> as HTML.</p>", subtype="html")
    assert "HTML" not in str(read(found.as_bytes()).pieces)


def test_html_alone_is_read_without_its_tags() -> None:
    found = message()
    found.set_content("<p>Boil <b>water</b>.<img src='https://example.org/pixel.png'></p>", subtype="html")
    text = read(found.as_bytes()).pieces[0].text or ""
    assert text.endswith("\n\nBoil water.")


def test_attachments_stay_closed_and_are_named() -> None:
    found = message()
    found.add_attachment(b"PK\3\4", maintype="application", subtype="zip", filename="tea.zip")
    found.add_attachment("secret words", filename="notes.txt")
    document = read(found.as_bytes())
    assert document.notes == ("attachments were not opened: tea.zip, notes.txt",)
    assert "secret" not in str(document.pieces)


def test_character_sets_are_honoured_and_unknown_ones_do_no_harm() -> None:
    head = b"Subject: x\nFrom: a@b.c\nContent-Type: text/plain; charset="
    assert (read(head + b"iso-8859-1\n\nGr\xf6\xdfe").pieces[0].text or "").endswith("Größe")
    assert (read(head + b"x-none\n\nTea\0").pieces[0].text or "").endswith("Tea")


@pytest.mark.parametrize(
    "field", [b"From: =?utf-8?q?=FF=FE?= <", b"To: " + b"a,<" * 500, b"Date: 99 99 99", b"Subject: =?x?b?!!?="]
)
def test_broken_fields_do_no_harm(field: bytes) -> None:
    assert read(field + b"\nMIME-Version: 1.0\n\nTea is ready.").pieces


def test_messages_of_a_mailbox_are_pages() -> None:
    one = b"From a@b.c Mon Jan  2 10:00:00 2023\n" + message("One.\n\nFrom here on it rains.").as_bytes()
    two = b"From a@b.c Tue Jan  3 10:00:00 2023\n" + message("Two.", Subject="Second").as_bytes()
    assert recognise(one + b"\n" + two) == "application/mbox"
    document = read(one + b"\n" + two, "application/mbox")
    assert [(piece.place.page, piece.attributes["heading"]) for piece in document.pieces] == [
        (1, "Grüner Tee"),
        (2, "Second"),
    ]
    assert "From here on it rains." in (document.pieces[0].text or "")
    assert document.length == 2


def test_a_long_mailbox_is_read_in_parts() -> None:
    one = b"From a@b.c Mon Jan  2 10:00:00 2023\n" + message().as_bytes() + b"\n"
    first = read(one * 150, "application/mbox", document_part_pages=1)
    assert (len(first.pieces), first.next, first.length) == (100, 100, 150)
    assert len(read(one * 150, "application/mbox", start=100, document_part_pages=1).pieces) == 50


def test_too_many_parts_are_refused() -> None:
    found = message()
    for _ in range(101):
        found.add_attachment("x")
    with pytest.raises(TooLarge, match="100 parts"):
        read(found.as_bytes())


def test_parts_that_nest_without_end_are_damaged_or_read() -> None:
    data = b"Subject: x\n"
    for number in range(2_000):
        data += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (number, number)
    with pytest.raises((DamagedFile, TooLarge, EmptyFile)):
        read(data + b"\nhi")


def test_a_mailbox_of_nothing_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        read(b"nothing", "application/mbox")
