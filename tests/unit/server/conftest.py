"""A server over a real library, asked in this process: no socket is opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

import sensorium
from sensorium.core.contents import AudioInput, Content
from sensorium.core.contents import Role as Side
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.library import Library
from sensorium.server.access.keys import KeyRing, Role
from sensorium.server.app import create_app
from sensorium.server.options import ServeOptions
from sensorium.server.running import Serving
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png


class HearingEncoder(HashEncoder):
    """Takes sounds too: each is one fixed direction."""

    modalities = frozenset({Modality.TEXT, Modality.IMAGE, Modality.AUDIO})
    audio_input = AudioInput(rate=8_000, seconds=1.0, hop=1.0)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Side) -> Vectors:
        if modality is Modality.AUDIO:
            return super().encode(Modality.TEXT, ["sound"] * len(contents), role)
        return super().encode(modality, contents, role)


QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOST = "http://localhost:8765"


@dataclass(frozen=True, slots=True)
class Desk:
    """A library, its server, and somebody who asks it."""

    library: Library
    client: TestClient
    keys: KeyRing
    files: Path

    def key(self, role: Role, **what: str) -> dict[str, str]:
        """The headers of a new key."""
        return {"Authorization": f"Bearer {self.keys.add(f'{role} {len(self.keys.keys())}', role, **what)}"}


def client_of(library: Library, options: ServeOptions, keys: KeyRing) -> TestClient:
    return TestClient(create_app(library, options, keys=keys), base_url=HOST, raise_server_exceptions=False)


@pytest.fixture
def options() -> ServeOptions:
    return ServeOptions(a_minute=60_000)


def _stock(folder: Path) -> Path:
    files = folder / "files"
    files.mkdir()
    write_png(files / "red.png", (200, 20, 20))
    write_png(files / "green.png", (20, 200, 20))
    (files / "note.txt").write_text("a red fox sleeps")
    return files


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Path]]:
    """A library that no test changes, and the files in it."""
    folder = tmp_path_factory.mktemp("served")
    files = _stock(folder)
    with sensorium.open(folder / "library", encoder=HashEncoder()) as library:
        library.add(files)
        yield library, files


@pytest.fixture
def desk(shared: tuple[Library, Path], tmp_path: Path, options: ServeOptions) -> Iterator[Desk]:
    """A server of its own over the shared library."""
    library, files = shared
    keys = KeyRing(tmp_path, hasher=QUICK)
    with client_of(library, options, keys) as client:
        yield Desk(library, client, keys, files)


@pytest.fixture
def own(tmp_path: Path, options: ServeOptions) -> Iterator[Desk]:
    """A server over a library that the test may change."""
    files = _stock(tmp_path)
    with sensorium.open(tmp_path / "library", encoder=HearingEncoder()) as library:
        library.add(files)
        keys = KeyRing(library.path, hasher=QUICK)
        with client_of(library, options, keys) as client:
            yield Desk(library, client, keys, files)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, str]]:
    """A library and the address of a server over it that listens on loopback; its tests have to allow sockets."""
    folder = tmp_path_factory.mktemp("remote")
    write_png(folder / "red.png", (200, 20, 20))
    (folder / "note.txt").write_text("a red fox sleeps")
    with sensorium.open(folder / "library", encoder=HashEncoder()) as library:
        library.add(folder / "red.png", folder / "note.txt")
        serving = Serving(library, ServeOptions(port=0, a_minute=60_000))
        with serving.listening() as address:
            thread = threading.Thread(target=serving.run)
            thread.start()
            yield library, address
            serving.stop()
            thread.join()
