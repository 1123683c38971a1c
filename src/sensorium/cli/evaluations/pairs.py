"""`evaluate pairs`: captions find their pictures, pictures find their captions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, opened


def pairs(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds images/ and captions_SPLIT.tsv.")],
    split: Annotated[str, typer.Option("--split", help="Which captions_SPLIT.tsv.")] = "dev",
    as_json: JsonOption = False,
) -> None:
    """Find pictures by their captions, and captions by their pictures. Touches no library of yours."""
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        tell = NowAndThen()
        report = library.evaluate_pairs(
            folder, split, told=lambda done, total: tell(lambda: f"{done:,} of {total:,} encoded")
        )
    if as_json:
        say_json(report.as_json())
    else:
        say(str(report))
