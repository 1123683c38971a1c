"""`mcp`: the library for assistants, as tools and resources of the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.session import LibraryOption, opened
from sensorium.core.errors import BadInput, ExtraMissing

if TYPE_CHECKING:
    from sensorium.library import Library
    from sensorium.server.assistant import Allowed

NEEDED = "install the extra: pip install 'sensorium[mcp]'"


def mcp(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="The library's folder.", show_default=False)] = None,
    allow_write: Annotated[
        bool, typer.Option("--allow-write", help="Let the assistant erase items, and add from the folders named.")
    ] = False,
    folders: Annotated[
        list[Path] | None,
        typer.Option("--add-from", metavar="FOLDER", help="With --allow-write: a folder to add from; may be repeated."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            envvar="SENSORIUM_KEY",
            help="Ask on behalf of this key; by default of the owner.",
            show_default=False,
        ),
    ] = None,
    library: LibraryOption = None,
) -> None:
    """Serve the library to an assistant over standard input and output, until it ends."""
    try:
        from sensorium.server.assistant import assistant
    except ImportError as error:
        raise ExtraMissing(f"{error.name} is not installed", subject="mcp", remedy=NEEDED) from None

    if folders and not allow_write:
        raise BadInput("nothing may be added", subject="--add-from", remedy="say --allow-write too")
    with opened(context, path or library, create=False) as opened_library:
        seen, allowed = _on_behalf_of(opened_library, key, allow_write, tuple(folders or ()))
        assistant(seen, allowed).run("stdio")


def _on_behalf_of(
    library: Library, key: str | None, writes: bool, folders: tuple[Path, ...]
) -> tuple[Library, Allowed]:
    """The library as the key sees it, and what may be done: no more than the key's role, and that only where writing
    is allowed. Raises BadInput for a key that is none of the library's."""
    from sensorium.server.access.roles import Role
    from sensorium.server.assistant import Allowed

    if key is None:
        return library, Allowed(role=Role.CURATOR if writes else Role.READER, folders=folders)
    try:
        from sensorium.server.access.keys import KeyRing
    except ImportError as error:
        raise ExtraMissing(f"{error.name} is not installed", subject="--key", remedy=NEEDED) from None
    found = KeyRing(library.path).verified(f"Bearer {key}")
    if found is None:
        raise BadInput("this key is none of the library's", subject="--key", remedy="run `sensorium keys list`")
    return library.seen_by(found.scope), Allowed(role=found.role if writes else Role.READER, folders=folders)
