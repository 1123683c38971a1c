"""A warm reader for the tests of one file, and bytes as open files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensorium.core.settings import Settings
from sensorium.readers.guarded import SandboxedReader

OpenBytes = Callable[[bytes], int]


@pytest.fixture(scope="module")
def reader() -> Iterator[SandboxedReader]:
    with closing(SandboxedReader(Settings())) as reader:
        yield reader


@pytest.fixture
def open_bytes(tmp_path: Path) -> Iterator[OpenBytes]:
    """Writes bytes to a file and returns a descriptor that reads it."""
    opened: list[int] = []

    def open_bytes(content: bytes) -> int:
        path = tmp_path / str(len(opened))
        path.write_bytes(content)
        opened.append(os.open(path, os.O_RDONLY))
        return opened[-1]

    yield open_bytes
    for descriptor in opened:
        os.close(descriptor)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Installs a plugin: the source of a module `plugged` with a class `Plugged`."""

    def install(source: str) -> None:
        folder = tmp_path / "packages"
        metadata = folder / "plugged-1.0.dist-info"
        metadata.mkdir(parents=True)
        (folder / "plugged.py").write_text(source)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[sensorium.readers]\nplugged = plugged:Plugged\n")
        monkeypatch.syspath_prepend(folder)

    return install
