"""What a column is taken for, and what its cells say."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sensorium.core.attributes import Kind, Point, Value
from sensorium.core.errors import BadInput
from sensorium.core.settings import Settings
from sensorium.ingest.catalogue_rows import Cell, Table, read_table
from sensorium.ingest.catalogue_types import Column, columns_of
from sensorium.ingest.options import no_records


def column(cells: list[Cell], *, comma: bool = False, declared: dict[str, Kind] | None = None) -> Column:
    rows = tuple({"it": cell} for cell in cells)
    [found] = columns_of(Table(columns=("it",), rows=rows, decimal_comma=comma), declared or {})
    return found


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "2.5", "-3e2", ""], Kind.NUMBER, [1, 2.5, -300.0, None]),
        (["€ 9.99", "12 $"], Kind.NUMBER, [9.99, 12]),
        (["007", "12"], Kind.TEXT, ["007", "12"]),
        (["1", "n/a", "-"], Kind.NUMBER, [1, None, None]),
        (["yes", "No", "TRUE"], Kind.BOOLEAN, [True, False, True]),
        (["0", "1"], Kind.NUMBER, [0, 1]),
        (["2024-03-01", "1.12.2023"], Kind.DATE, [date(2024, 3, 1), date(2023, 12, 1)]),
        (["2024-03-01T12:30Z"], Kind.DATE, [datetime(2024, 3, 1, 12, 30, tzinfo=UTC)]),
        (["2024-02-30"], Kind.TEXT, ["2024-02-30"]),
        (["48.2, 16.4"], Kind.POINT, [Point(48.2, 16.4)]),
        (["98.2, 16.4"], Kind.TEXT, ["98.2, 16.4"]),
        (["a|b", "c", ""], Kind.LIST, [("a", "b"), ("c",), None]),
        (["", None], Kind.TEXT, [None, None]),
        ([1, 2.5, None], Kind.NUMBER, [1, 2.5, None]),
        ([True, False], Kind.BOOLEAN, [True, False]),
        ([True, 3], Kind.TEXT, ["true", "3"]),
        ([["a", "b"], []], Kind.LIST, [("a", "b"), None]),
        ([[36, 38]], Kind.LIST, [("36", "38")]),
        ([["a"], "b"], Kind.LIST, [("a",), ("b",)]),
        ([{"latitude": 1, "lng": 2}], Kind.POINT, [Point(1.0, 2.0)]),
        (["1e999"], Kind.TEXT, ["1e999"]),
    ],
    ids=str,
)
def test_a_column_is_of_the_narrowest_kind_that_fits_all(cells: list[Cell], kind: Kind, values: list[Value]) -> None:
    found = column(cells)
    assert found.kind is kind
    assert [found.value(cell) for cell in cells] == values


def test_numbers_with_a_comma_are_numbers_where_cells_are_parted_otherwise() -> None:
    assert column(["12,50", "1.234,00"], comma=True).value("1.234,50") == 1234.5
    assert column(["12,50"]).kind is Kind.TEXT
    assert column(["1.5", "2.5"], comma=True).value("1.5") == 1.5


def test_a_declared_kind_is_taken_and_what_does_not_fit_is_an_error() -> None:
    sold = column(["0", "1", "maybe"], declared={"IT": Kind.BOOLEAN})
    assert (sold.declared, sold.value("1"), sold.value("0")) == (True, True, False)
    with pytest.raises(ValueError):
        sold.value("maybe")


def test_titles_that_make_the_same_name_get_different_ones() -> None:
    table = Table(columns=("Price", "price", "PRICE?", "--"), rows=({},))
    assert [found.name for found in columns_of(table, {})] == ["price", "price_2", "price_3", "column"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_sign_that_parts_cells_is_told_from_the_file(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f'a{sign}b\n"1{sign}\n2"{sign}3\n\n4{sign}5\n', encoding="utf-8-sig")
    table = read_table(path, Settings(), no_records)
    assert table.columns == ("a", "b")
    assert table.rows == ({"a": f"1{sign}\n2", "b": "3"}, {"a": "4", "b": "5"})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "line 1: "),
        ("a.csv", b"a,b\n", "it holds no rows"),
        ("a.csv", b"a,a\n1,2\n", "line 1: two columns are titled 'a'"),
        ("a.csv", b"a,\n1,2\n", "line 1: a column has no title"),
        ("a.csv", b"a,b\n1,2\n1,2,3\n", "line 3: 3 cells below 2 titles"),
        ("a.csv", b'a,b\n1,"2\n', "line 2: "),
        ("a.csv", b"a,b\n\xff,1\n", "byte 4 is no UTF-8"),
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "line 2: it is no JSON"),
        ("a.jsonl", b'{"a": NaN}', "line 1: it is no JSON"),
        ("a.jsonl", b"[1, 2]\n", "a row is no JSON object"),
        ("a.json", b"[" * 100_000, "it is no JSON"),
        ("gone.csv", None, "No such file"),
    ],
)
def test_a_file_that_is_no_catalogue_is_an_error_that_names_the_line(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=said):
        read_table(tmp_path / name, Settings(), no_records)


def test_a_file_that_is_too_large_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="raise SENSORIUM_TEXT_BYTES"):
        read_table(tmp_path / "a.csv", Settings(text_bytes=3), no_records)
