"""The wheel that users install: built, looked into, installed beside the tree, and run."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .source import PACKAGE, ROOT

INSTALL = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile", "--target")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, *INSTALL, str(folder), str(wheel)], check=True)
    return folder


def test_the_wheel_holds_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    tree = {
        str(path.relative_to(PACKAGE.parent))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if ".dist-info/" not in name} == tree


def test_the_wheel_carries_the_licence_and_the_notices(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in name}
    assert {"LICENSE", "NOTICE"} <= names


def test_the_installed_command_adds_and_finds(installed: Path, tmp_path: Path) -> None:
    notes = ROOT / "demo" / "media" / "notes" / "animals"
    environment = {**os.environ, "PYTHONPATH": str(installed), "SENSORIUM_LIBRARY": str(tmp_path / "library")}

    def run(*command: str) -> str:
        program = [str(installed / "bin" / "sensorium"), *command]
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = [sys.executable, "-c", "import sensorium; print(sensorium.__file__)"]
    assert subprocess.check_output(where, cwd=tmp_path, env=environment, text=True).startswith(str(installed))
    run("add", str(notes))
    answer = json.loads(run("search", "--json", "--k", "1", "an animal with spines that sleeps through the winter"))
    assert answer["hits"][0]["path"].endswith("the-prickly-guest.md")
