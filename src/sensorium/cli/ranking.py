"""`rank`: an order of hits that is learned from judgments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sensorium.cli.exits import FAILED
from sensorium.cli.output import note, say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_rows

GAINS = ("on questions held out", "as found", "as ranked", "gain")
IMPORTANCES = ("feature", "share of the gain in training")

rank = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@rank.callback()
def about() -> None:
    """Learn from judgments how to order hits."""


@rank.command()
def train(
    context: typer.Context,
    judgments: Annotated[
        Path, typer.Argument(metavar="JUDGMENTS.tsv", help="A table with the columns query, item and grade (0 to 3).")
    ],
    features: Annotated[
        list[str] | None,
        typer.Option(
            "--features",
            metavar="NAMES",
            help="What it may know of a hit, with commas between; may be repeated. attribute:NAME is an attribute.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Learn an order of hits from judged questions; it is kept where it gains on questions that were held out."""
    tell = NowAndThen()
    names = [name.strip() for said in features or [] for name in said.split(",") if name.strip()]
    with opened(context, library) as opened_library:
        report = opened_library.train_ranker(
            judgments,
            features=names or None,
            told=lambda done, all_of_them: tell(lambda: f"{done:,} of {all_of_them:,} questions asked"),
        )
    if as_json:
        say_json(report.as_json())
    else:
        _say(report.as_json())
    if report.refusal:
        note(f"not installed: {report.refusal}")
        raise typer.Exit(FAILED)
    note("installed: searches of this library use it")


@rank.command()
def show(context: typer.Context, as_json: JsonOption = False, library: LibraryOption = None) -> None:
    """Show the ranker that this library has: how it was made, what it gained, and what it goes by."""
    with opened(context, library) as opened_library:
        model = opened_library.ranker()
    if model is None:
        note("this library has no learned ranker")
        raise typer.Exit(FAILED)
    if as_json:
        say_json(dict(model.report))
    else:
        _say(model.report)


@rank.command()
def remove(context: typer.Context, library: LibraryOption = None) -> None:
    """Take the learned ranker away: hits stand in the order of their scores again."""
    with opened(context, library) as opened_library:
        was_there = opened_library.remove_ranker()
    say("removed" if was_there else "there was none")


def _say(report: Any) -> None:
    from sensorium.evaluation.rankers.report import gain_rows, importance_rows

    queries = ", ".join(f"{count:,} {part}" for part, count in report["queries"].items())
    say(f"{report['trees']:,} trees by {report['made_by']}; questions: {queries}")
    say_rows(gain_rows(report), heads=GAINS)
    say_rows([(name, f"{share:.1%}") for name, share in importance_rows(report["importances"])], heads=IMPORTANCES)
