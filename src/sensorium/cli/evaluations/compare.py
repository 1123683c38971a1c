"""`evaluate compare`: two saved reports, query by query."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.output import note, say, say_json
from sensorium.cli.session import JsonOption
from sensorium.cli.tables import say_rows

if TYPE_CHECKING:
    from sensorium.evaluation.comparison import Comparison, Difference

HEADS = ("measure", "a", "b", "b - a", "p (Holm)", "")


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A report that `evaluate suite --out` wrote.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one, of the same suite.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Draw the plot there.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether report B is better than report A, or whether it was luck."""
    from sensorium.evaluation.comparison import compare as compare_reports
    from sensorium.evaluation.saving import read_report

    comparison = compare_reports(read_report(a), read_report(b))
    if as_json:
        say_json(comparison.as_json())
    else:
        _say(comparison)
    if out is not None:
        from sensorium.evaluation.plots import draw_comparison

        for path in draw_comparison(comparison, out):
            note(f"written: {path}")


def _say(comparison: Comparison) -> None:
    from sensorium.evaluation.comparison import DIFFERENCE, TEST

    say(f"Suite {comparison.suite}\na: {comparison.a}\nb: {comparison.b}")
    for task, rows in groupby(comparison.differences, key=lambda row: row.task):
        own = list(rows)
        say(f"{task}: {own[0].queries:,} queries in {own[0].clusters:,} clusters")
        say_rows([_row(row) for row in own], heads=HEADS)
        for row in own:
            if row.same_as:
                say(f"{', '.join(row.same_as)} say of every query what {row.measure} says")
    say(f"difference: {DIFFERENCE}\ntest: {TEST}")


def _row(row: Difference) -> tuple[str, ...]:
    change = f"{row.change.mean:+.3f} [{row.change.low:+.3f}, {row.change.high:+.3f}]"
    p = "< 0.001" if row.p_holm < 0.001 else f"{row.p_holm:.3f}"
    verdict = "b is better" if row.change.mean > 0 else "a is better"
    told = verdict if row.is_clear else "not clear"
    return row.measure, f"{row.a.mean:.3f}", f"{row.b.mean:.3f}", change, p, told
