"""`evaluate system`: the whole of a search, stage by stage, on a library made for it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.output import say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, opened
from sensorium.cli.tables import say_rows

if TYPE_CHECKING:
    from sensorium.evaluation.system.report import SystemReport


def system(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A suite as docs/evaluation.md describes it.")],
    task: Annotated[str, typer.Option("--task", metavar="NAME", help="Which of its tasks; the first.")] = "",
    queries: Annotated[int, typer.Option("--queries", min=1, help="Most queries that are asked.")] = 1_000,
    as_json: JsonOption = False,
) -> None:
    """Add what a suite asks of to a library made for it, and measure searches stage by stage."""
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place) / "library", create=True) as library:
        tell = NowAndThen()
        report = library.evaluate_system(
            file,
            task,
            most=queries,
            told=lambda done, total: tell(lambda: f"{done:,} of {total:,} searches"),
        )
    if as_json:
        say_json(report.as_json())
    else:
        _say(report)


def _say(report: SystemReport) -> None:
    drawn = "" if report.queries == report.asked_of else f", drawn from {report.asked_of:,}"
    say(f"Suite {report.suite}, {report.task}, {report.seconds:.0f} s\n{report.system}")
    say(
        f"{report.queries:,} queries in {report.clusters:,} clusters{drawn}; gallery {report.gallery:,},"
        f" {report.pieces:,} pieces; {report.k} hits"
    )
    names = list(dict.fromkeys(name for stage in report.stages for name in stage.figures))
    figures = {stage.stage: [str(stage.figures[name]) for name in names] for stage in report.stages if stage.figures}
    say("\nThe answers after each stage")
    say_rows([("stage", *names), *((stage, *own) for stage, own in figures.items())])
    say("\nWhat each stage is")
    say_rows(
        [(stage.stage, f"not measured: {stage.lacking}" if stage.lacking else stage.about) for stage in report.stages]
    )
    say("\nThe index against every vector compared")
    rows = [(f"{100 * row.share:g} %", f"{row.allowed:,}", str(row.k), str(row.recall)) for row in report.index_recall]
    say_rows([("rows allowed", "how many", "k", "recall"), *rows])
    say("\nTime of a search as the settings have it, in milliseconds")
    percentiles = [f"p{percentile}" for percentile in report.latency[0].milliseconds]
    times = [
        (row.stage, f"{row.calls:,}", *(f"{ms:.2f}" for ms in row.milliseconds.values())) for row in report.latency
    ]
    say_rows([("stage", "searches", *percentiles), *times])
