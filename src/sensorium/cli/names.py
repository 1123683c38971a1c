"""`name`: who speaks."""

from __future__ import annotations

from typing import Annotated

import typer

from sensorium.cli.output import say
from sensorium.cli.session import LibraryOption, opened
from sensorium.core.errors import BadInput
from sensorium.present.characters import visible


def name(
    context: typer.Context,
    piece: Annotated[str, typer.Argument(metavar="PIECE", help="A piece in which somebody speaks.")] = "",
    speaker: Annotated[str, typer.Argument(metavar="NAME", help="Who it is.")] = "",
    forget: Annotated[
        str, typer.Option("--forget", metavar="NAME", help="Erase this name and the voice that has it.")
    ] = "",
    listing: Annotated[bool, typer.Option("--list", help="Say which names there are.")] = False,
    library: LibraryOption = None,
) -> None:
    """Give a name to who speaks in a piece, here and wherever the same voice speaks; or erase a name and its voice."""
    if [bool(piece and speaker), bool(forget), listing].count(True) != 1 or bool(piece) != bool(speaker):
        raise BadInput("one thing is done at a time", remedy="give PIECE and NAME, or --forget NAME, or --list")
    with opened(context, library) as opened_library:
        if listing:
            for known in opened_library.speakers():
                say(visible(known))
        elif forget:
            opened_library.forget_voice(forget)
            say(f"{visible(forget)} is forgotten")
        else:
            pieces = opened_library.name_speaker(piece, speaker)
            say(f"{visible(speaker)} speaks in {pieces:,} pieces")
