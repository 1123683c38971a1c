"""The suites that docs/evaluation.md shows, as files."""

from __future__ import annotations

from pathlib import Path

from sensorium.testing.pictures import write_png

from .blocks import blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
SUITES = {block.name: block.code for block in blocks(PAGE, "toml")}
TABLES = {block.name: block.code for language in ("tsv", "qrels") for block in blocks(PAGE, language)}
COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200), "navy": (5, 5, 90)}


def lay(folder: Path) -> Path:
    """Writes what the page shows, with the pictures and documents that it names."""
    for name, code in (SUITES | TABLES).items():
        (folder / name).write_text(code, encoding="utf-8")
    for sub in ("images", "documents"):
        (folder / sub).mkdir()
    for colour, rgb in COLOURS.items():
        write_png(folder / "images" / f"{colour}.png", rgb)
    (folder / "documents" / "kettle.txt").write_text("how to clean a kettle with vinegar")
    (folder / "documents" / "lamp.txt").write_text("every lamp fits")
    return folder
