"""What the repository and the package hold beside code: sizes, credits, licences, and nothing of this machine."""

import csv
import re
from pathlib import Path

import pytest

from .source import PACKAGE, ROOT, tracked

MB = 1_000_000
DEMO = ROOT / "demo"

HOSTS = ("pypi" + ".org", "python" + "hosted", "npm" + "js", "deb.debian" + ".org")
PLACES = ("/" + "work/", "/opt/" + "pypi", "/opt/" + "wheels", "/ro" + "ot/")

FREE = re.compile(r"CC0-1\.0|Public domain|CC-BY-[234]\.0|MIT|BSD-3-Clause")
"""The licences that demo media may have. Share-alike ones would have to spread to what is made of them."""


def texts() -> list[tuple[Path, str]]:
    """Every tracked file that is a text."""
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:8192] and path.suffix not in {".jpg", ".onnx", ".npz"}:
            found.append((path.relative_to(ROOT), data.decode("utf-8")))
    return found


def size(paths: list[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def credits() -> list[dict[str, str]]:
    with (DEMO / "CREDITS.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_no_file_names_a_registry() -> None:
    assert not [(str(path), host) for path, text in texts() for host in HOSTS if host in text]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    named = [
        (str(path), place) for path, text in texts() for place in PLACES if re.search(rf"(?<![\w.:/]){place}", text)
    ]
    assert not named


def test_the_weights_stay_small() -> None:
    weights = [path for path in PACKAGE.rglob("*") if path.suffix in {".onnx", ".npz", ".json"}]
    encoder = [path for path in weights if "compact" in path.parts]
    assert size(encoder) <= 80 * MB
    assert size(weights) - size(encoder) <= 3 * MB  # what tells voices apart


def test_the_demo_media_stay_small() -> None:
    assert size([path for path in DEMO.rglob("*") if path.is_file()]) <= 12 * MB


def test_every_demo_file_has_its_credits_and_the_other_way_round() -> None:
    shown = [path for folder in ("media", "questions") for path in (DEMO / folder).rglob("*") if path.is_file()]
    assert sorted(row["file"] for row in credits()) == sorted(str(path.relative_to(DEMO)) for path in shown)


@pytest.mark.parametrize("column", ["title", "author", "licence", "source"])
def test_credits_are_complete(column: str) -> None:
    assert not [row["file"] for row in credits() if not row[column].strip()]


def test_demo_media_are_free_and_not_share_alike() -> None:
    assert not [row["file"] for row in credits() if not FREE.fullmatch(row["licence"])]


def test_demo_pictures_carry_no_metadata() -> None:
    marks = (b"Exif\0\0", b"http://ns.adobe.com/xap", b"Photoshop 3.0")
    assert not [path.name for path in DEMO.rglob("*.jpg") if any(mark in path.read_bytes() for mark in marks)]


def test_the_licence_and_the_notices_are_there() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert "Sensorium" in (ROOT / "NOTICE").read_text()
    assert (PACKAGE / "py.typed").is_file()


def test_locks_pin_every_package_by_hash() -> None:
    for lock in ("runtime.txt", "dev.txt"):
        blocks = re.split(r"\n(?=\w)", (ROOT / "requirements" / lock).read_text())
        pinned = [block for block in blocks if re.match(r"[\w.\[\]-]+==", block)]
        assert len(pinned) > 20
        assert not [block.split()[0] for block in pinned if "--hash=sha256:" not in block]
        assert not [block.split()[0] for block in pinned if block.startswith("torch==")]
