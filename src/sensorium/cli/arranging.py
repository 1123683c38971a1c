"""The options that say how hits are arranged."""

from __future__ import annotations

from typing import Annotated

import typer

SortOption = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="NAME[:asc|:desc]",
        help="Sort what matches by an attribute, `score` or `added_at`: `price:asc`.",
        show_default=False,
    ),
]

DiversityOption = Annotated[
    float,
    typer.Option("--diversity", min=0.0, max=1.0, help="How much a hit is set back for being like one above it."),
]

FoldOption = Annotated[bool, typer.Option("--fold", help="Fold near duplicates under the best of them.")]
