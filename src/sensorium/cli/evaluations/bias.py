"""`evaluate bias`: whether what a library shows has the groups that it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import say, say_json
from sensorium.cli.session import JsonOption, LibraryOption, opened


def bias(
    context: typer.Context,
    queries: Annotated[Path, typer.Argument(metavar="QUERIES", help="A table with the column query.")],
    groups: Annotated[Path, typer.Argument(metavar="GROUPS", help="A table with the columns item and group.")],
    k: Annotated[int, typer.Option("--k", help="How many hits of each query are looked at.")] = 10,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Ask your library each query, and see whether groups of its items are shown as often as they are there."""
    with opened(context, library) as opened_library:
        report = opened_library.evaluate_bias(queries, groups, k=k)
    if as_json:
        say_json(report.as_json())
    else:
        say(str(report))
