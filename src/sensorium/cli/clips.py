"""`clip`: a moment of a recording or film, as a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sensorium.cli.output import say
from sensorium.cli.session import LibraryOption, opened
from sensorium.core.errors import WriteFailed
from sensorium.core.items import Clip

ENDINGS = {"video/mp4": ".mp4", "video/webm": ".webm", "audio/mp4": ".m4a", "audio/ogg": ".ogg"}


def clip(
    context: typer.Context,
    piece: Annotated[str, typer.Argument(metavar="PIECE", help="A piece's id, as `search --json` and `show` say it.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to write it; a new file.", show_default=False)
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Cut the moment of a hit out of its recording or film."""
    with opened(context, library) as opened_library:
        made = opened_library.clip(piece)
    path = out or Path(piece + ENDINGS[made.media_type])
    _write(path, made)
    say(f"{path}: {made.seconds[0]:.1f}-{made.seconds[1]:.1f} s, {len(made.data):,} bytes")


def _write(path: Path, made: Clip) -> None:
    """Writes a new file. Raises WriteFailed; what is there is never overwritten."""
    try:
        with path.open("xb") as file:
            file.write(made.data)
    except OSError as error:
        remedy = "name a new file by --out, in a folder that is there and yours to write"
        raise WriteFailed(error.strerror or str(error), subject=str(path), remedy=remedy) from error
