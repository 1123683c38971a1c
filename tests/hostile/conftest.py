"""Readers for hostile files, and a way to hand bytes to them as open files."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.settings import MIB, Settings
from sensorium.readers.guarded import SandboxedReader

REQUEST = ReadRequest(image_inputs=(ImageInput(width=32, height=32),), preview_side=64)

Read = Callable[..., Document]


def read_with(reader: SandboxedReader) -> Read:
    def read(content: bytes, media_type: str, request: ReadRequest = REQUEST) -> Document:
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            descriptor = os.open(f"/dev/fd/{file.fileno()}", os.O_RDONLY)
            try:
                return reader.read(descriptor, media_type, request)
            finally:
                os.close(descriptor)

    return read


@pytest.fixture(scope="module")
def reader() -> Iterator[SandboxedReader]:
    """A reader with the limits that users have, warm over the tests of one file."""
    with closing(SandboxedReader(Settings())) as reader:
        yield reader


@pytest.fixture
def read(reader: SandboxedReader) -> Read:
    return read_with(reader)


@pytest.fixture(scope="module")
def evil_reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxedReader]:
    """A reader with tight limits into which the evil reader is plugged, by an entry point as any plugin is."""
    packages = tmp_path_factory.mktemp("packages")
    shutil.copy(Path(__file__).with_name("evil_reader.py"), packages)
    metadata = packages / "evil-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[sensorium.readers]\nevil = evil_reader:EvilReader\n")
    tight = Settings(
        worker_memory=512 * MIB, worker_cpu_seconds=1, worker_wall_seconds=2.5, worker_answer_bytes=4 * MIB
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(packages)
        with closing(SandboxedReader(tight)) as reader:
            yield reader


@pytest.fixture
def evil(evil_reader: SandboxedReader) -> Callable[..., Document]:
    """Does a deed in the reading process."""
    read = read_with(evil_reader)
    return lambda *words: read("\n".join(map(str, words)).encode(), "application/x-evil")
