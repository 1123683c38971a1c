"""`evaluate suite`: a suite that a file describes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import note, say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, opened
from sensorium.core.errors import BadInput


def suite(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A suite as docs/evaluation.md describes it.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the report there.", show_default=False)
    ] = None,
    run_file: Annotated[bool, typer.Option("--run-file", help="Write runs and qrels of TREC there too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask the queries of a suite, and say how well they are answered. Touches no library of yours."""
    if run_file and out is None:
        raise BadInput("nothing says where run files go", remedy="name a folder by --out DIR")
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        tell = NowAndThen()
        evaluated = library.evaluate_suite(
            file, told=lambda done, total: tell(lambda: f"{done:,} of {total:,} encoded")
        )
    if as_json:
        say_json(evaluated.report.as_json())
    else:
        say(str(evaluated.report))
    if out is not None:
        from sensorium.evaluation.saving import save_report, save_runs

        written = [save_report(evaluated.report, out), *(save_runs(evaluated, out) if run_file else [])]
        for path in written:
            note(f"written: {path}")
