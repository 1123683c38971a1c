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


def models_page() -> str:
    """The table of known models, and which one to take."""
    from sensorium.models.catalogue import known_models

    lines = [
        "| model | senses | size | licence | languages | needs | setting |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    figures = ["| model | what | value | source |", "| --- | --- | --- | --- |"]
    for model in known_models():
        setting = f"`{model.setting}`" if model.setting else ""
        senses = ", ".join(model.senses)
        cells = (model.title, senses, model.parameters, model.licence, model.languages, model.needs, setting)
        lines.append("| " + " | ".join(cells) + " |")
        for kind, given in (("published", model.published), ("measured here", model.ours)):
            for figure in given:
                figures.append(f"| {model.title} | {figure.what} | {figure.value} | {kind}: {figure.source} |")
    notes = [f"- **{model.title}**: {model.note}" for model in known_models() if model.note]
    head = (HERE / "models_head.txt").read_text(encoding="utf-8")
    return head + "\n\n".join("\n".join(part) for part in (lines, notes, figures)) + "\n"


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


PAGES = {"settings.md": settings_page, "models.md": models_page, "openapi.json": openapi_document}


def main() -> None:
    """Writes every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
