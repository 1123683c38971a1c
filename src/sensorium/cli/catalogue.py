"""`catalogue`: the rows of a table as items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.adding import report
from sensorium.cli.output import note
from sensorium.cli.progress import worked
from sensorium.cli.session import LibraryOption, opened
from sensorium.core.attributes import Kind
from sensorium.core.errors import BadInput
from sensorium.core.receipts import Outcome


def catalogue(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV, JSON, JSON lines or Parquet file.")],
    key: Annotated[str, typer.Option("--key", metavar="COLUMN", help="The column that tells rows apart.")],
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--image", metavar="COLUMN", help="A column of paths of pictures; may be repeated.", show_default=False
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="COLUMN", help="The column that names a row.", show_default=False)
    ] = None,
    texts: Annotated[
        list[str] | None,
        typer.Option(
            "--text",
            metavar="COLUMN",
            help="A column found by meaning; all texts without it.",
            show_default=False,
        ),
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option(
            "--type", metavar="COLUMN=KIND", help=f"What a column holds: {', '.join(Kind)}.", show_default=False
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="Of the catalogue; its path without it.", show_default=False),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--images", metavar="FOLDER", help="Of pictures; that of FILE without it.", show_default=False),
    ] = None,
    prune: Annotated[bool, typer.Option("--prune", help="Forget rows that are not in FILE any more.")] = False,
    library: LibraryOption = None,
) -> None:
    """Add the rows of a table as items; rows that are known by their key are changed."""
    kinds = dict(map(_kind, types or ()))
    with opened(context, library, create=True) as opened_library:
        receipt = worked(
            lambda progress, stop: opened_library.add_catalogue(
                file,
                key=key,
                images=images or (),
                title=title,
                texts=texts or None,
                types=kinds,
                name=name,
                folder=folder,
                prune=prune,
                progress=progress,
                stop=stop,
            )
        )
    for words in receipt.notes:
        note(words)
    told = [line for line in receipt if line.reason and line.outcome is not Outcome.REFUSED]
    for line in told[:TOLD]:
        note(f"{line.outcome} {line.source}: {line.reason}")
    if len(told) > TOLD:
        note(f"... and {len(told) - TOLD} more")
    report(receipt)


TOLD = 20
"""Rows of which something is told besides what became of them."""


def _kind(written: str) -> tuple[str, Kind]:
    column, sign, kind = written.rpartition("=")
    if not sign or kind not in list(Kind):
        raise BadInput(f"{written!r} says no kind", remedy=f"write COLUMN=KIND, with one of: {', '.join(Kind)}")
    return column, Kind(kind)
