"""The commands by their names, and what happens when one fails."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import sensorium
from sensorium.cli import (
    adding,
    asking,
    assistants,
    catalogue,
    clips,
    collecting,
    items,
    names,
    searching,
    serving,
    training,
    upkeep,
)
from sensorium.cli import facets as faceting
from sensorium.cli import rules as ruling
from sensorium.cli.evaluating import evaluate
from sensorium.cli.exits import FAILED, INTERRUPTED, NOBODY_READS
from sensorium.cli.models import models
from sensorium.cli.output import complain, say
from sensorium.cli.ranking import rank
from sensorium.cli.reembed import reembed
from sensorium.cli.session import LibraryOption, Session
from sensorium.core.errors import SensoriumError


class Commands(TyperGroup):
    """All commands; the one place where an error becomes a line and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that was named."""
        try:
            answer = super().invoke(ctx)
            sys.stdout.flush()
        except SensoriumError as error:
            complain(error)
            raise typer.Exit(FAILED) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at exit fails again
            raise typer.Exit(NOBODY_READS) from None
        return answer


app = typer.Typer(
    cls=Commands, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False
)
for command in (
    adding.add,
    catalogue.catalogue,
    searching.search,
    asking.ask,
    faceting.facets,
    ruling.rules,
    items.show,
    clips.clip,
    names.name,
    collecting.collect,
    collecting.collections,
    items.forget,
    adding.refused,
    training.train,
    upkeep.info,
    upkeep.doctor,
    upkeep.rebuild,
    reembed,
    serving.serve,
    serving.stats,
    assistants.mcp,
):
    app.command()(command)
app.add_typer(evaluate, name="evaluate")
app.add_typer(serving.keys, name="keys")
app.add_typer(models, name="models")
app.add_typer(rank, name="rank")


def _tell_version(wanted: bool) -> None:
    if wanted:
        say(f"sensorium {sensorium.__version__}")
        raise typer.Exit


@app.callback()
def about(
    context: typer.Context,
    library: LibraryOption = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """One library for everything you keep, found by meaning, across media, offline."""
    session = context.find_object(Session)
    if session is not None:
        session.library = library
