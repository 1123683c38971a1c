"""`evaluate hubs`: pictures that are near to every caption, and what setting them back gains and costs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption, opened


def hubs(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds images/ and captions_SPLIT.tsv.")],
    bank_split: Annotated[str, typer.Option("--bank-split", help="Whose captions are the bank; another split.")],
    split: Annotated[str, typer.Option("--split", help="Which captions_SPLIT.tsv is measured.")] = "dev",
    sample: Annotated[int, typer.Option("--sample", help="Most pictures measured; 0 for all.")] = 1000,
    bank: Annotated[
        int, typer.Option("--bank", help="Most pictures whose captions are in the bank; 0 for all.")
    ] = 1000,
    k: Annotated[int, typer.Option("--k", help="Hubs are told by the first k.")] = 10,
    beta: Annotated[float, typer.Option("--beta", help="Sharpness of the inverted softmax.")] = 20.0,
    neighbours: Annotated[int, typer.Option("--neighbours", help="Neighbours of CSLS.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Find pictures that come up for every caption, and measure three corrections. Touches no library of yours."""
    from sensorium.evaluation.hubness.report import HubOptions

    options = HubOptions(
        bank_split=bank_split, split=split, sample=sample, bank=bank, k=k, beta=beta, neighbours=neighbours
    )
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        tell = NowAndThen()
        report = library.evaluate_hubs(
            folder, options, told=lambda done, total: tell(lambda: f"{done:,} of {total:,} encoded")
        )
    if as_json:
        say_json(report.as_json())
    else:
        say(str(report))
