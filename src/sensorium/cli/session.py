"""What the commands of one call share: which library, and how it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

if TYPE_CHECKING:
    from sensorium.library import Library


class Opener(Protocol):
    """`sensorium.open`, or what stands in for it in a test."""

    def __call__(self, path: Path | None, *, create: bool) -> Library: ...


def _open(path: Path | None, *, create: bool) -> Library:
    from sensorium.library import open as open_library  # loads the store: only commands that need it wait for it

    return open_library(path, create=create)


@dataclass(slots=True, kw_only=True)
class Session:
    """library: the folder named before the command, None where none was."""

    opener: Opener = _open
    library: Path | None = None


LibraryOption = Annotated[
    Path | None,
    typer.Option(
        "--library",
        metavar="FOLDER",
        help="The library's folder; else $SENSORIUM_LIBRARY, else a folder of yours.",
        show_default=False,
    ),
]
"""The option that every command has, and that may stand before the command too."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def opened(context: typer.Context, library: Path | None, *, create: bool = False) -> Library:
    """The library that the command is about, to be used in a `with` block. Raises LibraryNotFound unless `create`."""
    session = context.find_object(Session) or Session()
    return session.opener(library or session.library, create=create)
