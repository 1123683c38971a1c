from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import TooLarge
from sensorium.core.items import Aspect
from sensorium.core.settings import Settings
from sensorium.readers.packaged.reader import PackageReader
from sensorium.readers.records import Columns, are_names
from sensorium.testing.documents import S, xlsx


def read(sheets: Mapping[str, str], parts: Mapping[str, str | bytes] | None = None, **limits: int) -> Document:
    stream = io.BytesIO(xlsx(sheets, parts))
    return PackageReader().read(stream, "application/vnd.openxmlformats", ReadRequest(), Settings(**limits))


def rows(*lines: list[str]) -> str:
    return "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{word}</t></is></c>' for word in line) + "</row>"
        for at, line in enumerate(lines, 1)
    )


def cell(value: str, kind: str = "n", style: str = "0") -> str:
    return f'<row r="1"><c t="{kind}" s="{style}"><v>{value}</v></c></row>'


def test_rows_are_written_with_the_names_of_their_columns() -> None:
    document = read({"Towns": rows(["city", "people"], ["Graz", "303270"], ["Linz", ""])})
    (piece,) = document.pieces
    assert piece.text == "city | people\ncity: Graz; people: 303270\ncity: Linz"
    assert piece.aspect is Aspect.TABLE
    assert piece.place.page == 1
    assert dict(piece.attributes) == {"heading": "Towns", "rows": "1-3"}
    assert document.title == "Towns"


def test_what_stands_above_the_names_is_text() -> None:
    document = read({"a": rows(["Towns of Austria", ""], ["city", "people"], ["Graz", "3"])})
    assert document.pieces[0].text == "Towns of Austria\ncity | people\ncity: Graz; people: 3"


def test_rows_without_names_are_joined() -> None:
    assert read({"a": rows(["1", "2"], ["3", "4"])}).pieces[0].text == "1 | 2\n3 | 4"


def test_each_sheet_is_a_page() -> None:
    document = read({"a": rows(["1", "2"]), "b": rows(["3", "4"])})
    assert [(piece.place.page, piece.attributes["heading"]) for piece in document.pieces] == [(1, "a"), (2, "b")]
    assert document.length == 2


def test_long_sheets_are_cut_between_rows() -> None:
    document = read({"a": rows(["name", "words"], *([f"n{number}", "word " * 20] for number in range(30)))})
    assert len(document.pieces) > 3
    assert all("; words: word" in (piece.text or "").splitlines()[-1] for piece in document.pieces)
    assert document.pieces[1].attributes["rows"].startswith("8-")


def test_shared_texts_are_looked_up() -> None:
    shared = f"<sst {S}><si><t>one</t></si><si><r><t>t</t></r><r><t>wo</t></r><rPh><t>x</t></rPh></si></sst>"
    sheet = '<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>9</v></c><c t="s"><v>x</v></c></row>'
    assert read({"a": sheet}, {"xl/sharedStrings.xml": shared}).pieces[0].text == "two | one"


def test_cells_stand_in_their_columns() -> None:
    sheet = (
        '<row r="1"><c r="B1"><v>1</v></c><c r="D1"><v>2</v></c><c r="C1"><v>9</v></c><c r="ZZZ1"><v>9</v></c></row>'
    )
    assert read({"a": sheet}).pieces[0].text == "| 1 | | 2"


STYLES = (
    f'<styleSheet {S}><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm"/>'
    '<numFmt numFmtId="165" formatCode="0.0&quot;days&quot;[Red]"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize(
    ("value", "kind", "style", "words"),
    [
        ("45292", "n", "1", "2024-01-01"),
        ("45292.5", "n", "2", "2024-01-01 12:00"),
        ("0.25", "n", "1", "06:00:00"),
        ("45292", "n", "3", "45292"),
        ("45292", "n", "0", "45292"),
        ("1e300", "n", "1", "1e300"),
        ("nan", "n", "1", "nan"),
        ("0.30000000000000004", "n", "0", "0.3"),
        ("1", "b", "0", "TRUE"),
        ("#DIV/0!", "e", "0", "#DIV/0!"),
        ("sum", "str", "0", "sum"),
        ("2024-05-01", "d", "0", "2024-05-01"),
    ],
)
def test_values_are_written_as_they_are_shown(value: str, kind: str, style: str, words: str) -> None:
    assert read({"a": cell(value, kind, style)}, {"xl/styles.xml": STYLES}).pieces[0].text == words


def test_a_text_that_is_asked_for_many_times_has_a_limit() -> None:
    shared = f"<sst {S}><si><t>{'x' * 1_000}</t></si></sst>"
    sheet = '<row><c t="s"><v>0</v></c></row>' * 200
    with pytest.raises(TooLarge, match="100000 characters"):
        read({"a": sheet}, {"xl/sharedStrings.xml": shared}, text_bytes=100_000)


def test_names_of_columns_are_words_and_differ() -> None:
    assert are_names(["id", "name", ""])
    assert not are_names(["id", "12"])
    assert not are_names(["a" * 61, "b"])
    assert not are_names(["one"])


def test_a_cell_beyond_the_names_stands_alone() -> None:
    columns = Columns()
    columns.written(["a", "b"])
    assert columns.written(["1", "2", "3"]) == "a: 1; b: 2; 3"
