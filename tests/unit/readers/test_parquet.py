"""Parquet becomes lines of JSON in a process of its own; whatever a file is, the parent gets lines or a refusal."""

from __future__ import annotations

import datetime
import decimal
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from sensorium.core.errors import ExtraMissing, Refused, TooLarge
from sensorium.core.settings import Settings
from sensorium.processes.sandbox import Level
from sensorium.readers import parquet
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.parquet import records

SETTINGS = Settings(worker_wall_seconds=60.0)
COLUMNS: dict[str, list[Any]] = {
    "sku": ["A1", "A2"],
    "price": [decimal.Decimal("19.50"), None],
    "weight": [0.5, float("nan")],
    "stock": [3, 0],
    "sold": [False, True],
    "since": [datetime.date(2024, 3, 1), None],
    "seen": [datetime.datetime(2024, 3, 1, 12, 30, tzinfo=datetime.UTC), None],
    "colours": [["red", "blue"], []],
    "place": [{"lat": 48.2, "lon": 16.4}, None],
    "photo": [b"\x89PNG", None],
}


@contextmanager
def opened(path: Path) -> Iterator[int]:
    with path.open("rb") as file:
        yield file.fileno()


def read(path: Path, settings: Settings = SETTINGS) -> list[dict[str, Any]]:
    with opened(path) as descriptor:
        return [json.loads(line) for line in records(descriptor, settings).splitlines()]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "table.parquet"
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table(COLUMNS), path)
    return path


def test_rows_come_as_json_has_them(table: Path) -> None:
    first, second = read(table)
    assert first == {
        "sku": "A1",
        "price": 19.5,
        "weight": 0.5,
        "stock": 3,
        "sold": False,
        "since": "2024-03-01",
        "seen": "2024-03-01T12:30:00+00:00",
        "colours": ["red", "blue"],
        "place": {"lat": 48.2, "lon": 16.4},
    }
    assert second["weight"] is None


def test_bytes_are_left_out(table: Path) -> None:
    assert "photo" not in read(table)[0]


def test_nanoseconds_are_cut(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    column = pyarrow.array([1_700_000_000_123_456_789], pyarrow.timestamp("ns"))
    path = tmp_path / "t.parquet"
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table({"at": column}), path, version="2.6")
    assert read(path) == [{"at": "2023-11-14T22:13:20.123456"}]


def test_more_rows_than_one_frame_holds_come_in_order(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table({"n": list(range(2_500))}), path)
    assert [row["n"] for row in read(path)] == list(range(2_500))


def test_more_text_than_is_allowed_is_refused(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    # A dictionary makes a small file of it.
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table({"t": ["x" * 1_000] * 5_000}), path)
    with pytest.raises(TooLarge, match="SENSORIUM_TEXT_BYTES"):
        read(path, Settings(text_bytes=1_000_000))


def test_a_bomb_ends_at_the_limit_of_memory(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    path = tmp_path / "bomb.parquet"
    column = pyarrow.array(["x" * 4_000_000] * 500).dictionary_encode()
    pytest.importorskip("pyarrow.parquet").write_table(pyarrow.table({"t": column}), path, compression="zstd")
    assert path.stat().st_size < 1_000_000
    with pytest.raises(Refused):
        read(path, Settings(worker_memory=512 * 1024 * 1024))


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(n, marks=pytest.mark.long) for n in range(4, 200))])
def test_a_damaged_file_gives_rows_or_a_refusal(table: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(table.read_bytes())
    for _ in range(chance.randrange(1, 12)):
        data[chance.randrange(4, len(data))] = chance.randrange(256)
    if seed % 3 == 0:
        del data[chance.randrange(5, len(data)) :]
    table.write_bytes(bytes(data))
    with suppress(Refused):
        assert isinstance(read(table), list)


def test_it_is_shut_in_as_far_as_reading_is(table: Path) -> None:
    with closing(SandboxedReader(SETTINGS)) as reader:
        if reader.level < max(Level):
            pytest.skip(f"this kernel shuts a process in to the level {reader.level.name} only")
    assert len(read(table, Settings(sandbox="strict"))) == 2


def test_without_pyarrow_the_extra_is_named(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)
    with pytest.raises(ExtraMissing, match=r"sensorium\[parquet\]"):
        read(table)


def test_the_parent_loads_no_parser(table: Path) -> None:
    program = (
        "import os, sys\nfrom sensorium.core.settings import Settings\nfrom sensorium.readers.parquet import records\n"
        "text = records(os.open(sys.argv[1], os.O_RDONLY), Settings())\nprint('pyarrow' in sys.modules, len(text) > 0)"
    )
    command = [sys.executable, "-c", program, str(table)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "True"]
