"""`collect` and `collections`: items put together under a name."""

from __future__ import annotations

from typing import Annotated

import typer

from sensorium.cli.output import note, say, say_json
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.present.characters import one_line, visible


def collect(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection; it is made with its first item.")],
    items: Annotated[list[str], typer.Argument(metavar="ITEM...", help="Ids, or paths that items were added from.")],
    remove: Annotated[bool, typer.Option("--remove", help="Take them out of it.")] = False,
    library: LibraryOption = None,
) -> None:
    """Put items into a collection, or take them out; `search --where 'collections = "NAME"'` finds them."""
    with opened(context, library) as opened_library:
        change = opened_library.uncollect if remove else opened_library.collect
        changed = change(name, *items)
    say(f"{changed:,} items {'taken out of' if remove else 'put into'} {visible(name)}")


def collections(context: typer.Context, as_json: JsonOption = False, library: LibraryOption = None) -> None:
    """List the collections, with how many items each holds."""
    with opened(context, library) as opened_library:
        known = opened_library.collections()
    if as_json:
        return say_json({"collections": [{"name": name, "items": count} for name, count in known.items()]})
    say_rows([(f"{count:,}", one_line(name)) for name, count in known.items()], heads=("items", "collection"))
    if not known:
        note("no collections; make one by `sensorium collect NAME ITEM`")
