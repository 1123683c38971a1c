from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.items import Aspect
from sensorium.core.settings import Settings
from sensorium.readers.recognise import recognise
from sensorium.readers.texts.outline import outline
from sensorium.readers.texts.reader import TextReader

SMALL = ReadRequest(chunk_characters=80, chunk_overlap=20)


def read(text: str, media_type: str | None = None, request: ReadRequest = SMALL) -> Document:
    data = text.encode()
    return TextReader().read(io.BytesIO(data), media_type or recognise(data[:4096]), request, Settings())


MARKDOWN = """# Tea

Boil water. See [the book](https://example.org/tea).

## Green

- leaves
- a pot

```python
# not a heading
pour()
```

| kind | minutes |
| --- | --- |
| green | 2 |
"""


def test_markdown_is_cut_at_its_headings_code_and_tables() -> None:
    document = read(MARKDOWN)
    assert document.media_type == "text/markdown"
    assert document.title == "Tea"
    assert [(piece.aspect, piece.text, piece.attributes["heading"]) for piece in document.pieces] == [
        (Aspect.CONTENT, "# Tea\n\nBoil water. See [the book](https://example.org/tea).", "Tea"),
        (Aspect.CONTENT, "## Green\n\n- leaves\n- a pot\n\n```python\n# not a heading\npour()\n```", "Green"),
        (Aspect.TABLE, "| kind | minutes |\n| --- | --- |\n| green | 2 |", "Green"),
    ]


RST = """=========
Tea
=========

Boil water, see :ref:`water` and ``pot``.

Green
-----

.. note:: Do not burn it::

    code = 1

    more = 2

Then drink.
"""


def test_restructured_text_is_cut_at_underlined_headings() -> None:
    document = read(RST, request=ReadRequest(chunk_characters=60, chunk_overlap=0))
    assert document.media_type == "text/x-rst"
    headings = [piece.attributes["heading"] for piece in document.pieces]
    assert headings[0] == "Tea"
    assert headings[-1] == "Green"
    assert any("code = 1\n\n    more = 2" in (piece.text or "") for piece in document.pieces)


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("Tea\n===\n\ntext", ["Tea"]),
        ("text\n\nGreen tea\n---------\ntext", ["Green tea"]),
        ("one\ntwo\n---\n", []),
        ("text\n\n---\n\ntext", []),
        ("---\ntitle: x\n---\ntext", []),
        ("| a |\n-----\n", []),
        ("short\n~~\n", []),
        ("longer title\n~~~~\n", []),
        ("\u2014\u2014\n----\n", []),
    ],
)
def test_a_line_of_signs_makes_a_heading_of_the_line_above(text: str, headings: list[str]) -> None:
    assert [span.block.text for span in outline(text) if span.block.kind == "heading"] == headings


def test_a_number_sign_in_plain_text_is_a_heading_where_it_stands_alone() -> None:
    text = "# Tea\n\nx = 1\n# a comment\ny = 2"
    assert [span.block.text for span in outline(text, "text/plain") if span.block.kind == "heading"] == ["Tea"]


def test_a_fence_ends_only_with_its_like() -> None:
    text = "````\n```\n# no heading\n````\n\n# Yes\n"
    assert [(span.block.kind.value, text[span.start : span.end][:4]) for span in outline(text)] == [
        ("code", "````"),
        ("heading", "# Ye"),
    ]
    assert [span.block.kind.value for span in outline("```\nnever closed\n# x")] == ["code"]


MARKED = st.lists(
    st.sampled_from(["# H\n", "```\n", "~~~\n", "| a |\n", "---\n", "===\n", "text\n", "\n", "    x\n", "y::\n", " "]),
    max_size=40,
).map("".join)


@given(MARKED | st.text("#`~|-=\n :ab", max_size=120), st.sampled_from(["text/plain", "text/markdown", "text/x-rst"]))
def test_spans_hold_all_of_a_text_in_order(text: str, media_type: str) -> None:
    spans = outline(text, media_type)
    covered = {index for span in spans for index in range(span.start, span.end)}
    assert {index for index, sign in enumerate(text) if not sign.isspace()} <= covered
    assert all(before.end <= after.start for before, after in itertools.pairwise(spans))


@given(MARKED)
def test_pieces_hold_all_of_a_marked_text(text: str) -> None:
    if not text.strip():
        return
    covered: set[int] = set()
    for piece in read(text, "text/markdown").pieces:
        assert piece.place.characters is not None
        covered |= set(range(*piece.place.characters))
    assert {index for index, sign in enumerate(text) if not sign.isspace()} <= covered


@pytest.mark.parametrize("line", ["# x\n", "```\n", "| a\n", "===\n", "a::\n", "x\n===\n", "`" * 50 + "\n"])
@pytest.mark.parametrize("media_type", ["text/markdown", "text/x-rst"])
def test_a_million_marks_take_no_time(line: str, media_type: str) -> None:
    assert outline(line * 100_000, media_type)


CSV = 'city,people,remark\nGraz,303270,\nLinz,212538,"on the Danube,\nin the north"\n'


def test_rows_of_a_table_are_written_with_their_columns() -> None:
    document = read(CSV, request=ReadRequest())
    assert document.media_type == "text/csv"
    assert document.title == ""
    (piece,) = document.pieces
    assert piece.aspect is Aspect.TABLE
    assert piece.text == (
        "city | people | remark\ncity: Graz; people: 303270\n"
        "city: Linz; people: 212538; remark: on the Danube, in the north"
    )


def test_places_of_rows_count_in_the_source() -> None:
    text = "name;size;kind\n" + "".join(f"thing {number};{number};small\n" for number in range(40))
    pieces = read(text).pieces
    assert len(pieces) > 5
    places = [piece.place.characters or (0, 0) for piece in pieces]
    assert places[0][0] == 0
    assert places[-1][1] == len(text)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(places))
    start, end = places[1]
    assert text[start:end].splitlines()[0].split(";")[0] in (pieces[1].text or "").splitlines()[0]


def test_a_quote_in_a_table_of_tabs_is_a_quote() -> None:
    document = read('name\tsize\npipe\t5"\nrod\t"long\nbar\tx\n', request=ReadRequest())
    assert document.media_type == "text/tab-separated-values"
    assert document.pieces[0].text == 'name | size\nname: pipe; size: 5"\nname: rod; size: "long\nname: bar; size: x'


@pytest.mark.parametrize("media_type", ["text/csv", "application/jsonl"])
def test_what_is_no_table_after_all_is_read_as_a_text(media_type: str) -> None:
    document = read("Dear Ann,\nall is well.\n", media_type)
    assert document.media_type == "text/plain"
    assert document.pieces[0].text == "Dear Ann,\nall is well."


def test_each_json_record_is_a_piece() -> None:
    text = '{"name": "Tea", "price": {"eur": 3}, "tags": ["hot", "green"], "x": null}\n\n'
    text += '{"name": "Milk", "of": [{"a": 1}]}\n'
    document = read(text)
    assert document.media_type == "application/jsonl"
    assert [piece.text for piece in document.pieces] == [
        "name: Tea\nprice.eur: 3\ntags: hot, green",
        "name: Milk\nof.a: 1",
    ]
    start, end = document.pieces[1].place.characters or (0, 0)
    assert text[start:end].startswith('{"name": "Milk"')


@pytest.mark.parametrize("inner", ["[" * 100_000, '{"a":' * 100_000 + "1" + "}" * 100_000, '"\\ud800"'])
def test_records_that_are_made_to_hurt_do_not(inner: str) -> None:
    assert read('{"a": 1}\n{"b": ' + inner + "}\n", "application/jsonl").pieces


SOURCE = '''"""Docs."""

import os
import sys


@cached
def first(a, b):
    # a comment
    return a + b


class Second:
    def inner(self):
        return 1
'''


def test_source_code_is_cut_in_front_of_definitions() -> None:
    document = read(SOURCE, request=ReadRequest(chunk_characters=70, chunk_overlap=0))
    assert document.media_type == "text/x-source"
    assert document.title == ""
    assert [(piece.text or "").split("\n")[0] for piece in document.pieces] == [
        '"""Docs."""',
        "@cached",
        "class Second:",
    ]


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("Yes, it is.\nNo, it is not.\nWell, perhaps.\n", "text/plain"),
        ("Roses are red,\nViolets are blue,\nSugar is sweet,\nAnd so are you.\n", "text/plain"),
        ("milk, eggs, tea\nbread, salt, oil\n", "text/csv"),
        ("a\tb\nc\td\n", "text/tab-separated-values"),
        ("To: do\nFrom: here\n", "text/plain"),
        ("Note: this\nand that: too\n", "text/plain"),
        ("Subject: x\nFrom: a@b.c\nDate: today\n\nHi\n", "message/rfc822"),
        ("From a@b.c Mon Jan  2 10:00:00 2023\nSubject: x\n\nHi\n", "application/mbox"),
        ("From Monday on all is well.\nSubject to change.\n", "text/plain"),
        ('{\n  "a": 1\n}\n', "text/plain"),
        ('{"a": 1}\n{"a": 2}\n', "application/jsonl"),
        ("# one\n# two\nx=1\n", "text/plain"),
        ("I import goods.\nThe class is full.\nReturn soon.\n", "text/plain"),
        ("#include <a.h>\n\nint main() {\n  return 0;\n}\n", "text/x-source"),
    ],
)
def test_the_kind_of_a_text_is_told_and_plain_when_unsure(text: str, media_type: str) -> None:
    assert recognise(text.encode()) == media_type
