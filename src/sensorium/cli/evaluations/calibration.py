"""`evaluate calibration`: how far scores, and the word that nothing matches, can be believed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.output import note, say, say_json
from sensorium.cli.progress import NowAndThen
from sensorium.cli.searching import HubnessOption, RerankOption
from sensorium.cli.session import JsonOption, opened
from sensorium.core.errors import WriteFailed

if TYPE_CHECKING:
    from sensorium.evaluation.calibration import CalibrationReport


def calibration(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Holds images/ and captions_SPLIT.tsv.")],
    split: Annotated[str, typer.Option("--split", help="Which captions_SPLIT.tsv.")] = "dev",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write report and reliability diagram there.", show_default=False),
    ] = None,
    rerank: RerankOption = None,
    hubness: HubnessOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold scores against what was right, and "nothing here matches" against what is there. Takes minutes."""
    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        tell = NowAndThen()
        report = library.evaluate_calibration(
            folder,
            split,
            rerank=rerank,
            hubness=hubness,
            told=lambda done, total: tell(lambda: f"{done:,} of {total:,} asked"),
        )
    if as_json:
        say_json(report.as_json())
    else:
        say(str(report))
    if out is not None:
        _write(report, out)


def _write(report: CalibrationReport, out: Path) -> None:
    from sensorium.evaluation.reliability import draw_reliability

    drawings = draw_reliability(report, out)
    try:
        (out / "calibration.json").write_text(json.dumps(report.as_json(), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise WriteFailed(
            error.strerror or str(error), subject=str(out), remedy="name a folder that is yours to write"
        ) from error
    for path in (out / "calibration.json", *drawings):
        note(f"written: {path}")
