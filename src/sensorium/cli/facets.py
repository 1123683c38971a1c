"""`facets`: what values items have, and how many have each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from sensorium.cli.narrowing import WhereOption
from sensorium.cli.output import note, say, say_json
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.attributes import shown
from sensorium.core.facets import Facet
from sensorium.core.items import Modality
from sensorium.present.characters import one_line


def facets(
    context: typer.Context,
    text: Annotated[
        str | None, typer.Argument(help="Count only items that match this question.", show_default=False)
    ] = None,
    where: WhereOption = None,
    fields: Annotated[
        list[str] | None,
        typer.Option("--field", metavar="NAME", help="An attribute to count; may be repeated.", show_default=False),
    ] = None,
    modalities: Annotated[
        list[Modality] | None,
        typer.Option(
            "--in", metavar="|".join(Modality), help="Kinds of items to count; may be repeated.", show_default=False
        ),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Values of each attribute.")] = 12,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Tell what values items have, and how many have each: what a filter can ask for."""
    with opened(context, library) as opened_library:
        counted = opened_library.facets(
            where=where, fields=fields or None, text=text, modalities=modalities or None, most=most
        )
    if as_json:
        return say_json(counted.as_json())
    say(f"{counted.items:,} items")
    say_rows([row for facet in counted for row in _rows(facet)], heads=("attribute", "items", "value"))
    if counted.capped:
        note(f"more items match than one search gives; the best {counted.items:,} were counted")


def _rows(facet: Facet) -> Iterator[tuple[str, str, str]]:
    """A line that says what the attribute is, then one for each value."""
    extent = "" if facet.low is None or facet.high is None else _extent(facet)
    yield facet.name, f"{facet.items:,}", f"{facet.kind}{extent}"
    for value in facet.values:
        yield "", f"{value.count:,}", one_line(value.label)
    if facet.more:
        yield "", f"{facet.more:,}", "other values"


def _extent(facet: Facet) -> str:
    if facet.values and str(facet.kind) == "date":
        return f", {facet.values[0].label} to {facet.values[-1].label}"
    return f", {shown(facet.low or 0.0)} to {shown(facet.high or 0.0)}"
