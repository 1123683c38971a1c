"""The options that say where to look, for every command that asks."""

from __future__ import annotations

from typing import Annotated

import typer

from sensorium.core.items import Modality

KindsOption = Annotated[
    list[Modality] | None,
    typer.Option(
        "--in", metavar="|".join(Modality), help="Kinds of items to look in; may be repeated.", show_default=False
    ),
]

WhereOption = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="FILTER",
        help="What must hold of items: `price < 50 and colour in (blue, navy) and not sold`.",
        show_default=False,
    ),
]
