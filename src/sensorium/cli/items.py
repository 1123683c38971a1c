"""`show` and `forget`: one item whole, and one item gone."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.output import note, say, watched
from sensorium.cli.session import LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.attributes import shown as value
from sensorium.core.items import Aspect, Modality, Piece
from sensorium.present.characters import cut, one_line, visible

if TYPE_CHECKING:
    from sensorium.core.reports import ItemView

ItemArgument = Annotated[str, typer.Argument(metavar="ITEM|PATH", help="An item's id, or a path it was added from.")]

PASSAGE = 80
"""Columns of a piece's text."""


def show(context: typer.Context, item: ItemArgument, library: LibraryOption = None) -> None:
    """Show one item: what it is, where it is from, its pieces."""
    with opened(context, library) as opened_library:
        view = opened_library.describe(item)
    say_rows([*_facts(view), *_seen(view)])
    say("")
    say_rows(
        [
            (piece.id, _sense(piece), piece.place.describe(), cut(one_line(_said(piece)), PASSAGE))
            for piece in view.pieces
        ],
        heads=("piece", "in", "place", "text"),
    )


def forget(
    context: typer.Context,
    item: ItemArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    library: LibraryOption = None,
) -> None:
    """Erase one item from the library with all that was made of it; the file itself stays."""
    with opened(context, library) as opened_library:
        view = opened_library.show(item)
        if watched(sys.stdin) and not yes:
            sources = ", ".join(visible(source) for source in view.sources)
            typer.confirm(f"Forget {view.item.id} ({sources})?", abort=True, err=True)
        receipt = opened_library.forget(view.item.id)
    for words in receipt.notes:
        note(words)
    say(str(receipt))


def _seen(view: ItemView) -> list[tuple[str, str]]:
    """What is seen and heard in the item, so that a person understands why it is found."""
    seen = view.seen
    if seen is None:
        return []
    lines = [
        (label, ", ".join(f"{found.name} {found.score:.2f}" for found in seen.names if found.sense is sense))
        for label, sense in (("looks like", Modality.IMAGE), ("sounds like", Modality.AUDIO))
    ]
    lines += [("says", seen.speech), ("writing", one_line(seen.writing)), ("colours", seen.colours)]
    return [(label, words) for label, words in lines if words]


def _said(piece: Piece) -> str:
    """The words of a piece, after who says them."""
    speaker = piece.attributes.get("speaker")
    return f"{speaker}: {piece.text}" if speaker else piece.text or ""


def _sense(piece: Piece) -> str:
    """The sense of a piece and, where it is not the item's content itself, what it shows or says."""
    return str(piece.modality) if piece.aspect is Aspect.CONTENT else f"{piece.modality}, {piece.aspect}"


def _facts(view: ItemView) -> list[tuple[str, str]]:
    item = view.item
    facts = [
        ("item", item.id),
        ("title", item.title),
        ("kind", f"{item.modality}, {item.media_type}"),
        *(("source", source) for source in view.sources),
        ("size", f"{item.lineage.size:,} bytes"),
        ("added", time.strftime("%Y-%m-%d %H:%M", time.localtime(item.lineage.added_at))),
        ("sha256", item.lineage.content_hash),
        *((name, value(fact)) for name, fact in sorted(item.attributes.items())),
    ]
    return [(name, fact) for name, fact in facts if fact]
