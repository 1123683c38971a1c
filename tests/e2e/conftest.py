"""The installed command in processes of its own, over the built-in encoder and a folder of real pictures and notes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

MEDIA = Path(__file__).resolve().parents[2] / "demo" / "media"
COMMAND = Path(sys.executable).with_name("sensorium")
PICTURES = ("animals/owl.jpg", "animals/kitten-with-wool.jpg", "animals/two-dogs-at-the-door.jpg")
NOTES = ("kitchen/seasoning-iron.md", "kitchen/sunday-breakfast.md", "energy/falling-water.md")
PATIENCE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Runs `sensorium` on one library, and sees of this process nothing but its path."""

    library: Path
    home: Path

    def __call__(self, *words: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        """settings: variables without their SENSORIUM_."""
        with self.running(*words, **settings) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    @contextmanager
    def running(self, *words: str | Path, stdout: int = subprocess.PIPE, **settings: str) -> Iterator[subprocess.Popen]:
        """The command at work; it is gone when the block ends."""
        process = subprocess.Popen(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(**settings),
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def environment(self, **settings: str) -> dict[str, str]:
        """What a command finds around it."""
        chosen = {"LIBRARY": str(self.library), "THREADS": "1", **settings}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            **{f"SENSORIUM_{name}": value for name, value in chosen.items()},
        }


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures, three notes and a picture that is broken; tests do not change them."""
    folder = tmp_path_factory.mktemp("album")
    for kind, names in (("pictures", PICTURES), ("notes", NOTES)):
        for name in names:
            shutil.copy(MEDIA / kind / name, folder)
    (folder / "broken.jpg").write_bytes((folder / "owl.jpg").read_bytes()[:2000])
    return folder


@pytest.fixture(scope="session")
def filled_once(album: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    added = Shell(library=home / "library", home=home)("add", album)
    assert (added.returncode, added.stdout.split(" in ")[0]) == (0, "6 added, 1 refused"), added.stderr
    return home / "library"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell whose library is not there yet."""
    return Shell(library=tmp_path / "library", home=tmp_path)


@pytest.fixture
def filled(shell: Shell, filled_once: Path) -> Shell:
    """A shell whose library holds the album."""
    shutil.copytree(filled_once, shell.library)
    return shell
