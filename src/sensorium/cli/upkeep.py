"""`info`, `doctor` and `rebuild`: how a library is, and what keeps it well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.exits import FAILED
from sensorium.cli.output import say
from sensorium.cli.session import LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.items import Modality

if TYPE_CHECKING:
    from sensorium.core.reports import Finding

MEGA = 1_000_000


def info(context: typer.Context, library: LibraryOption = None) -> None:
    """Say what the library holds, in numbers."""
    with opened(context, library) as opened_library:
        told = opened_library.info()
    say_rows(
        [
            ("library", told.path),
            ("items", _per_modality(told.items)),
            ("pieces", _per_modality(told.pieces)),
            *(("space", f"{model}, {model.known.space.width} numbers a vector") for model in told.models),
            ("refused", f"{told.refused:,}"),
            ("changes", f"{told.generation:,}"),
            ("on disk", f"{told.bytes_on_disk / MEGA:,.1f} MB"),
        ]
    )


def doctor(
    context: typer.Context,
    mend: Annotated[bool, typer.Option("--mend", help="Set right what can be.")] = False,
    library: LibraryOption = None,
) -> None:
    """Check store, index, files, model, sandbox and disk. Ends with 1 when something is wrong and not mended."""
    with opened(context, library) as opened_library:
        diagnosis = opened_library.doctor(mend=mend)
    say_rows([(_verdict(finding), finding.check, _told(finding)) for finding in diagnosis.findings])
    if not diagnosis.healthy:
        raise typer.Exit(FAILED)


def rebuild(context: typer.Context, library: LibraryOption = None) -> None:
    """Build the index anew from what the store holds."""
    with opened(context, library) as opened_library:
        opened_library.rebuild()
        pieces = sum(opened_library.info().pieces.values())
    say(f"index rebuilt, {pieces:,} pieces")


def _verdict(finding: Finding) -> str:
    if finding.mended:
        return "mended"
    return "well" if finding.healthy else "WRONG"


def _told(finding: Finding) -> str:
    return f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message


def _per_modality(counts: Mapping[Modality, int]) -> str:
    return ", ".join(f"{number:,} {modality}" for modality, number in counts.items()) or "none"
