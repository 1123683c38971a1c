"""Writes the pages that are made from code: `make docs`. A test holds them against the code."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from sensorium.core.settings import PREFIX, Settings

HERE = Path(__file__).resolve().parent

SETTINGS_HEAD = """# Settings

Written by `make docs` from `src/sensorium/core/settings.py`.

Every limit and every choice, with its default. A setting is changed for one command by the environment variable of
its name, or in Python by `sensorium.open(path, settings=Settings(...))`. Sizes are in bytes, times in seconds, lengths
in code points.

| variable | default | from | to | what it is |
| --- | --- | --- | --- | --- |
"""


def settings_page() -> str:
    """The table of all settings."""
    lines = []
    for entry in fields(Settings):
        low, high = (f"{entry.metadata[bound]:,}" for bound in ("low", "high"))
        words = isinstance(entry.default, str)
        default = entry.default if words else f"{entry.default:,}"
        limits = " | " if words else f"{low} | {high}"
        lines.append(f"| `{PREFIX}{entry.name.upper()}` | {default} | {limits} | {entry.metadata['sentence']} |")
    return SETTINGS_HEAD + "\n".join(lines) + "\n"


def openapi_document() -> str:
    """What programs may ask of a server, as OpenAPI 3.1."""
    from sensorium.server.app import described

    return json.dumps(described(None).openapi(), indent=1, sort_keys=True) + "\n"


PAGES = {"settings.md": settings_page, "openapi.json": openapi_document}


def main() -> None:
    """Writes every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
