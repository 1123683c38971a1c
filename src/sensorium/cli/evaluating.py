"""`evaluate`: how well the encoder and the index find, on data with known answers."""

from __future__ import annotations

import typer

from sensorium.cli.evaluations.bias import bias
from sensorium.cli.evaluations.calibration import calibration
from sensorium.cli.evaluations.compare import compare
from sensorium.cli.evaluations.hubs import hubs
from sensorium.cli.evaluations.pairs import pairs
from sensorium.cli.evaluations.robust import robust
from sensorium.cli.evaluations.suite import suite
from sensorium.cli.evaluations.system import system

evaluate = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@evaluate.callback()
def about() -> None:
    """Measure how well things are found, on data with known answers."""


for command in (pairs, suite, compare, system, robust, bias, hubs, calibration):
    evaluate.command()(command)
