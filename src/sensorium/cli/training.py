"""`train`: an encoder adapted to pairs of one's own."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.exits import FAILED, INTERRUPTED
from sensorium.cli.output import note, say, say_json
from sensorium.cli.progress import NowAndThen, interruptible
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_rows
from sensorium.core.errors import BadInput, ExtraMissing

if TYPE_CHECKING:
    from sensorium.adapting.learn import Epoch
    from sensorium.adapting.pairs import Columns
    from sensorium.adapting.train import TrainReport

SHOWN = 10
"""Lines of each list that are told; `--json` has more."""


def train(
    context: typer.Context,
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs",
            metavar="FILE",
            help="A table with the columns image and text, or a catalogue.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The folder of the new encoder.", show_default=False)
    ] = None,
    base: Annotated[str, typer.Option("--base", metavar="ENCODER", help="The encoder to adapt.")] = "compact",
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--image", metavar="COLUMN", help="Of a catalogue, paths of pictures; may be repeated.", show_default=False
        ),
    ] = None,
    title: Annotated[
        str, typer.Option("--title", metavar="COLUMN", help="Of a catalogue, what names a row.", show_default=False)
    ] = "",
    texts: Annotated[
        list[str] | None,
        typer.Option(
            "--text", metavar="COLUMN", help="Of a catalogue, an attribute; may be repeated.", show_default=False
        ),
    ] = None,
    kinds: Annotated[
        str, typer.Option("--class", metavar="COLUMN", help="Of a catalogue, the class of a row.", show_default=False)
    ] = "",
    key: Annotated[
        str, typer.Option("--key", metavar="COLUMN", help="Of a catalogue, what tells rows apart.", show_default=False)
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of the catalogue; its path without it.", show_default=False)
    ] = "",
    folder: Annotated[
        Path | None,
        typer.Option("--images", metavar="FOLDER", help="Of pictures; that of FILE without it.", show_default=False),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="linear, low-rank or mlp.", show_default=False),
    ] = None,
    side: Annotated[
        str | None,
        typer.Option("--side", metavar="SIDE", help="query, or both (encodes libraries anew).", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Of all that is drawn.")] = 0,
    protect: Annotated[
        list[Path] | None,
        typer.Option(
            "--protect", metavar="SUITE", help="A suite that must not get worse; may be repeated.", show_default=False
        ),
    ] = None,
    without_doubtful: Annotated[
        bool, typer.Option("--without-doubtful", help="Leave out pairs that are less alike than chance.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write it even where it is refused.")] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="DIR", help="Draw how it learned there.", show_default=False)
    ] = None,
    affected_by: Annotated[
        str | None,
        typer.Option("--affected-by", metavar="ITEM", help="Tell which encoders knew it.", show_default=False),
    ] = None,
    within: Annotated[
        list[Path] | None,
        typer.Option("--in", metavar="DIR", help="Where to look for them; here without it.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Adapt an encoder to pictures and texts that belong together. What it is refused for is told."""
    if affected_by is not None:
        return _affected(context, affected_by, within or [Path()], library)
    if pairs is None or out is None:
        raise BadInput("it needs pairs and a folder", remedy="say --pairs FILE --out DIR")
    columns = _columns(images, title, texts, kinds, key, name, folder)
    from sensorium.ingest.encode import Stopped

    try:
        report = _train(
            context, pairs, out, base, columns, _recipe(kind, side, seed), (protect, without_doubtful, force)
        )
    except Stopped:
        note("stopped while pictures were encoded; the same command begins with them again")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        say_json(report.as_json())
    else:
        _say(report)
    if plot is not None:
        _draw(report, plot)
    _end(report, out)


def _end(report: TrainReport, out: Path) -> None:
    """What came of it, and the exit status that says so."""
    if not report.is_whole:
        note("stopped; the same command goes on")
        raise typer.Exit(INTERRUPTED)
    if report.folder is None:
        note(f"not promoted: {report.refusal}; nothing was written (--force writes it all the same)")
        raise typer.Exit(FAILED)
    note(f"written: {out}; use it by SENSORIUM_ENCODER=adapted:{report.folder}")


def _train(
    context: typer.Context,
    pairs: Path,
    out: Path,
    base: str,
    columns: Columns | None,
    recipe: object,
    gate: tuple[list[Path] | None, bool, bool],
) -> TrainReport:
    from sensorium.adapting.learn import Recipe
    from sensorium.adapting.train import Watching

    assert isinstance(recipe, Recipe)
    protect, without_doubtful, force = gate
    tell = NowAndThen()

    def learned(epoch: Epoch, best: int) -> None:
        tell(lambda: f"epoch {epoch.number}: loss {epoch.judged:.3f} on pairs to stop by, best {best}")

    with tempfile.TemporaryDirectory() as place, opened(context, Path(place), create=True) as library:
        with interruptible() as stop:
            watching = Watching(
                decoded=lambda done, total: tell(lambda: f"{done:,} of {total:,} encoded"), learned=learned, stop=stop
            )
            return library.train(
                pairs,
                out,
                base=base,
                columns=columns,
                recipe=recipe,
                protect=protect or (),
                without_doubtful=without_doubtful,
                force=force,
                watching=watching,
            )


def _affected(context: typer.Context, item: str, folders: list[Path], library: Path | None) -> None:
    with opened(context, library) as opened_library:
        found = opened_library.affected_by(item, folders)
    for path in found:
        say(str(path))
    if not found:
        note("no adapted encoder there learned of it")


def _columns(
    images: list[str] | None,
    title: str,
    texts: list[str] | None,
    kinds: str,
    key: str,
    name: str,
    folder: Path | None,
) -> Columns | None:
    if not images and not title:
        if texts or kinds or key or name or folder:
            raise BadInput("these options are of a catalogue", remedy="name --image and --title too")
        return None
    if not images or not title:
        raise BadInput("a catalogue needs both", remedy="say --image COLUMN --title COLUMN")
    from sensorium.adapting.pairs import Columns

    return Columns(
        images=tuple(images), title=title, texts=tuple(texts or ()), kind=kinds, key=key, name=name, folder=folder
    )


def _recipe(kind: str | None, side: str | None, seed: int) -> object:
    from dataclasses import replace

    from sensorium.adapting.learn import Recipe

    recipe = replace(Recipe(), seed=seed)
    recipe = recipe if kind is None else replace(recipe, kind=kind)
    return recipe if side is None else replace(recipe, side=side)


def _say(report: TrainReport) -> None:
    curated = report.curated
    for head, lines in (("left out", curated.skipped), ("duplicate", curated.duplicates)):
        for line in lines[:SHOWN]:
            note(f"{head}: {line}")
        if len(lines) > SHOWN:
            note(f"... and {len(lines) - SHOWN:,} more")
    for row in curated.doubtful[:SHOWN]:
        note(f"less alike than chance: {curated.kept[row].place}: {curated.kept[row].text}")
    rows = [
        ("pairs", ", ".join(f"{count:,} {part.replace('_', ' ')}" for part, count in report.parts.items())),
        ("languages", ", ".join(f"{count:,} {name}" for name, count in curated.coverage.languages)),
        ("less alike than chance", f"{len(curated.doubtful):,}"),
    ]
    if curated.coverage.classes:
        rows.append(("classes", f"{len(curated.coverage.classes):,}, {len(curated.coverage.thin):,} of them thin"))
    rows.append(("epoch taken", f"{report.best} of {max(len(report.curve) - 1, 0)}"))
    if report.errors is not None:
        rows.append(("calibration error", f"{report.errors[0]:.3f} by the base, {report.errors[1]:.3f} adapted"))
    say_rows(rows)
    for verdict in report.verdicts:
        say(str(verdict))


def _draw(report: TrainReport, folder: Path) -> None:
    from sensorium.evaluation.learning_plot import Learning, draw_learning

    if not report.curve:
        return note("nothing was learned, so there is nothing to draw")
    epochs = [(epoch.learned, epoch.judged, epoch.found) for epoch in report.curve]
    try:
        for path in draw_learning(Learning(epochs=tuple(epochs), best=report.best), folder):
            note(f"written: {path}")
    except ExtraMissing as error:
        note(str(error))
