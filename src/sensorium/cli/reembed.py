"""`reembed`: another encoder for a library, while searches go on; and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.exits import FAILED, INTERRUPTED
from sensorium.cli.output import note, say
from sensorium.cli.progress import NowAndThen, interruptible
from sensorium.cli.session import LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.errors import BadInput

if TYPE_CHECKING:
    from sensorium.core.promotion import Compared
    from sensorium.lifecycle.reembed_change import ReembedReport

BEHIND_SHOWN = 20
MEGA = 1_000_000
HEADS = ("task", "measure", "before", "after", "change", "")


def reembed(
    context: typer.Context,
    encoder: Annotated[
        str | None,
        typer.Option("--with", metavar="NAME", help="The encoder, as SENSORIUM_ENCODER names it.", show_default=False),
    ] = None,
    judged: Annotated[
        Path | None,
        typer.Option(
            "--judged",
            metavar="FILE",
            help="A suite, or a table of queries and items; no switch where these are answered worse.",
            show_default=False,
        ),
    ] = None,
    from_previews: Annotated[
        bool, typer.Option("--from-previews", help="Take pictures whose file is gone from their small pictures.")
    ] = False,
    keep_old: Annotated[
        bool, typer.Option("--keep-old/--drop-old", help="Keep the old vectors, to go back to, or erase them.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Switch whatever is found.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Go back to the space before.")] = False,
    drop: Annotated[
        str | None,
        typer.Option("--drop", metavar="SPACE", help="Erase a space that is not searched.", show_default=False),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Change the encoder while searches go on; without an encoder, make what lacks a vector.

    What is done is kept: the same command goes on where it was stopped.
    """
    if (encoder is not None) + back + (drop is not None) > 1:
        raise BadInput("--with, --back and --drop are three works", remedy="do them one after the other")
    with opened(context, library) as opened_library:
        if drop is not None:
            return say(f"{drop} is erased, {opened_library.drop_space(drop) / MEGA:,.1f} MB are free")
        tell = NowAndThen()

        def progress(done: int, total: int) -> None:
            tell(lambda: f"{done:,} of {total:,} pieces")

        with interruptible() as stop:
            if back:
                report = opened_library.reembed_back(progress=progress, stop=stop)
            else:
                report = opened_library.reembed(
                    encoder,
                    judged=judged,
                    from_previews=from_previews,
                    keep_old=keep_old,
                    force=force,
                    progress=progress,
                    stop=stop,
                )
    _tell(report)


def _tell(report: ReembedReport) -> None:
    for line in report.behind[:BEHIND_SHOWN]:
        note(f"left behind {line.source}: {line.pieces:,} piece{'s' * (line.pieces != 1)}, {line.why}")
    if len(report.behind) > BEHIND_SHOWN:
        note(f"... and {len(report.behind) - BEHIND_SHOWN:,} more")
    for words in (*report.notes, report.verdict.note):
        if words:
            note(words)
    if report.verdict.compared:
        say_rows([_row(row) for row in report.verdict.compared], heads=HEADS)
    if (found := report.verdict.agreement) is not None:
        say(
            f"of the first {found.depth} hits of {found.questions} questions made of the library's own words both find"
            f" {found.overlap:.0%}, and the same first hit {found.same_first:.0%} of the time (no measure of quality)"
        )
    covered = f"{report.covered:,} of {report.found:,} pieces that were found have a vector in {report.new}"
    say(f"{report.pieces:,} pieces made in {report.seconds:.1f} s; {covered}")
    say(_outcome(report))
    if report.interrupted:
        raise typer.Exit(INTERRUPTED)
    if report.refused:
        raise typer.Exit(FAILED)


def _outcome(report: ReembedReport) -> str:
    if report.interrupted:
        return "interrupted, run it again to continue; searches are as they were"
    if report.refused:
        return (
            f"not switched: {report.refused}. Searches are as they were; `--force` switches all the same, `sensorium"
            f" reembed --drop {report.new}` erases what was made"
        )
    if not report.switched:
        return f"searches are by {report.new}, as they were"
    freed = f"; {report.old} is erased, {report.freed / MEGA:,.1f} MB are free" if report.freed else ""
    kept = "" if report.freed or not report.old else f"; `sensorium reembed --back` goes back to {report.old}"
    return f"searches are by {report.new} now{freed or kept}"


def _row(row: Compared) -> tuple[str, ...]:
    change = f"{row.change[0]:+.3f} [{row.change[1]:+.3f}, {row.change[2]:+.3f}]"
    verdict = ("worse" if row.is_worse else "not worse") if row.decides else ""
    return row.task, row.measure, f"{row.old[0]:.3f}", f"{row.new[0]:.3f}", change, verdict
