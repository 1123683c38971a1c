"""`evaluate robust`: how well captions still find their pictures when either is damaged."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import note, say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, opened


def robust(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds images/ and captions_SPLIT.tsv.")],
    split: Annotated[str, typer.Option("--split", help="Which captions_SPLIT.tsv.")] = "dev",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="A damage to measure; all by default.")
    ] = None,
    sample: Annotated[int, typer.Option("--sample", help="Most pictures; 0 for all of the split.")] = 200,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Draw the curves there.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Damage pictures and queries, and see how well they are still found. Touches no library of yours."""
    from sensorium.evaluation.robustness.run import RobustOptions

    options = RobustOptions(split=split, only=tuple(only or ()), sample=sample)
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        tell = NowAndThen()
        report = library.evaluate_robust(
            folder,
            options,
            told=lambda done, total: tell(lambda: f"{done:,} of {total:,} encoded"),
        )
    if as_json:
        say_json(report.as_json())
    else:
        say(str(report))
    if out is not None:
        from sensorium.evaluation.robustness.curves import draw_curves

        for path in draw_curves(report, out):
            note(f"written: {path}")
