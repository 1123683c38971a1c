"""Commands run in this process, over real libraries; only the encoder is a stand-in."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import sensorium
from sensorium.cli import main
from sensorium.library import Library
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png


class Terminal(io.StringIO):
    """What a person looks at or types into."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


Run = Callable[..., Ended]


def open_library(path: Path | None, *, create: bool) -> Library:
    return sensorium.open(path, create=create, encoder=HashEncoder())


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No library of the person who runs the tests, and a terminal that can do everything."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("SENSORIUM_LIBRARY", str(tmp_path / "library"))


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with these words."""

    def run(*words: str | Path) -> Ended:
        status = main([str(word) for word in words], opener=open_library)
        sys.stdout.flush()
        out, err = capfd.readouterr()
        return Ended(status=status, out=out, err=err)

    return run


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Terminal]:
    """Puts a person before a stream: "stdin", with what they type, "stdout" or "stderr"."""

    def terminal(stream: str, typed: str = "") -> Terminal:
        seen = Terminal(typed)
        monkeypatch.setattr(sys, stream, seen)
        return seen

    return terminal


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures and a note; tests do not change them."""
    folder = tmp_path_factory.mktemp("files")
    write_png(folder / "red.png", (200, 20, 20))
    write_png(folder / "green.png", (20, 200, 20))
    (folder / "note.txt").write_text("a red fox sleeps")
    return folder


@pytest.fixture(scope="session")
def filled_once(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled") / "library"
    with open_library(folder, create=True) as library:
        library.add(files)
    return folder


@pytest.fixture
def filled(filled_once: Path, tmp_path: Path) -> Path:
    """The test's own library, with `files` in it; the one that the environment names."""
    return Path(shutil.copytree(filled_once, tmp_path / "library"))
