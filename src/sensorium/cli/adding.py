"""`add` and `refused`: what comes in, and what did not."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.exits import INTERRUPTED
from sensorium.cli.output import note, say
from sensorium.cli.progress import worked
from sensorium.cli.session import LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.receipts import Outcome, Receipt

REFUSED_SHOWN = 20


def add(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, and folders with all below them.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Forget files below PATH that are not there any more.")
    ] = False,
    archives: Annotated[
        bool, typer.Option("--archives", help="Open zip, tar, gzip, bzip2 and xz archives as folders.")
    ] = False,
    library: LibraryOption = None,
) -> None:
    """Add files to the library. Adding twice is adding once."""
    with opened(context, library, create=True) as opened_library:
        report(
            worked(
                lambda progress, stop: opened_library.add(
                    *paths, prune=prune, archives=archives, progress=progress, stop=stop
                )
            ),
        )


def refused(
    context: typer.Context,
    retry: Annotated[bool, typer.Option("--retry", help="Try each of them again.")] = False,
    library: LibraryOption = None,
) -> None:
    """List the files that were not added, each with its reason."""
    with opened(context, library) as opened_library:
        if retry:
            return report(worked(lambda progress, stop: opened_library.retry(progress=progress, stop=stop)))
        refusals = opened_library.refused()
    if not refusals:
        return say("no file was refused")
    say_rows(
        [(entry.source, entry.code, _day(entry.refused_at), entry.reason) for entry in refusals],
        heads=("file", "why", "when", "what to do"),
    )


def report(receipt: Receipt) -> None:
    """What became of the files, and what a person may do about those that are not in."""
    lines = receipt.of(Outcome.REFUSED)
    for line in lines[:REFUSED_SHOWN]:
        note(f"refused {line.source}: {line.reason}")
    if len(lines) > REFUSED_SHOWN:
        note(f"... and {len(lines) - REFUSED_SHOWN} more: sensorium refused")
    if receipt.of(Outcome.VANISHED):
        note("vanished files are still found; add their folder with --prune to forget them")
    say(f"{receipt} in {receipt.seconds:.1f} s")
    if receipt.interrupted:
        raise typer.Exit(INTERRUPTED)


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
