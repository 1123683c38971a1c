"""`search`: the question, and its answer as lines, table, JSON or page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.arranging import DiversityOption, FoldOption, SortOption
from sensorium.cli.narrowing import KindsOption, WhereOption
from sensorium.cli.output import note, say_json
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_results
from sensorium.core.errors import BadQuery, WriteFailed
from sensorium.core.items import Aspect
from sensorium.core.results import SearchResults
from sensorium.core.trace import Trace

if TYPE_CHECKING:
    from sensorium.library import Library

RerankOption = Annotated[
    bool | None, typer.Option("--rerank/--no-rerank", help="Look closer at the best candidates.", show_default=False)
]
HubnessOption = Annotated[
    bool | None,
    typer.Option("--hubness/--no-hubness", help="Set back what is near to every question.", show_default=False),
]
ExplainOption = Annotated[bool, typer.Option("--explain", help="Say of each hit why it is one.")]


def search(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="What to look for, in words.", show_default=False)] = None,
    image: Annotated[
        Path | None, typer.Option("--image", metavar="FILE", help="A picture to look for.", show_default=False)
    ] = None,
    like: Annotated[
        list[Path] | None,
        typer.Option("--like", metavar="FILE", help="A sound, film, page or picture to look for; may be repeated."),
    ] = None,
    spoken: Annotated[
        Path | None,
        typer.Option("--speak", metavar="FILE", help="A recording of the question.", show_default=False),
    ] = None,
    text_weight: Annotated[float, typer.Option("--text-weight", help="How much the words count.")] = 1.0,
    image_weight: Annotated[
        float, typer.Option("--image-weight", help="How much pictures and other files count.")
    ] = 1.0,
    exclude: Annotated[
        list[str] | None, typer.Option("--not", metavar="TEXT", help="What hits should not be like; may be repeated.")
    ] = None,
    modalities: KindsOption = None,
    aspects: Annotated[
        list[Aspect] | None,
        typer.Option(
            "--aspect", metavar="|".join(Aspect), help="What a hit may be; may be repeated.", show_default=False
        ),
    ] = None,
    speakers: Annotated[
        list[str] | None,
        typer.Option("--speaker", metavar="NAME", help="Who is to speak; may be repeated.", show_default=False),
    ] = None,
    where: WhereOption = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many hits.")] = 10,
    per_item: Annotated[int, typer.Option("--per-item", min=0, help="Most hits of one item; 0 for no limit.")] = 1,
    rerank: RerankOption = None,
    hubness: HubnessOption = None,
    sort: SortOption = None,
    diversity: DiversityOption = 0.0,
    fold: FoldOption = False,
    explain: ExplainOption = False,
    as_json: JsonOption = False,
    open_page: Annotated[bool, typer.Option("--open", help="Show the contact sheet in the browser.")] = False,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", metavar="FILE", help="Write the contact sheet.", show_default=False)
    ] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Say what each stage did, on stderr.")] = False,
    library: LibraryOption = None,
) -> None:
    """Find what fits words, a picture, a sound, a film, a page, or several of them."""
    if text is None and image is None and not like and spoken is None:
        raise BadQuery("nothing says what to look for", remedy="give words, or a file by --like FILE")
    with opened(context, library) as opened_library:
        results = opened_library.search(
            text,
            image=image,
            like=like or (),
            spoken=spoken,
            text_weight=text_weight,
            image_weight=image_weight,
            exclude=exclude or (),
            modalities=modalities or None,
            aspects=aspects or None,
            speakers=speakers or None,
            where=where,
            k=k,
            per_item=per_item,
            rerank=rerank,
            hubness=hubness,
            explain=explain,
            sort=sort,
            diversity=diversity,
            fold=fold,
        )
        if as_json:
            say_json(results.as_json())
        else:
            say_results(results)
        if not results:
            note(_why_nothing(opened_library))
        if sheet or open_page:
            _show_page(opened_library.with_clips(results), sheet, browser=open_page)
    if trace:
        _tell_stages(results.trace)


def _why_nothing(library: Library) -> str:
    """A search gives hits while there is anything to look at, so an empty answer says what the library lacks."""
    info = library.info()
    held = ", ".join(f"{number} {modality}" for modality, number in info.items.items() if number)
    if not held:
        return f"the library {info.path} is empty; run `sensorium add PATH`"
    return f"the library holds {held}, and none of it where you looked; search again without --in, --aspect and --where"


def _show_page(results: SearchResults, sheet: Path | None, *, browser: bool) -> None:
    from sensorium.present.sheet import contact_sheet

    path = _written(contact_sheet([results]), sheet)
    if browser:
        import webbrowser

        browser = webbrowser.open(path.resolve().as_uri())
    note(f"contact sheet: {path}" if browser or sheet else f"no browser opened; the contact sheet is {path}")


def _written(page: str, sheet: Path | None) -> Path:
    """Writes the page, without a name into a file of its own that only its owner reads. Raises WriteFailed."""
    try:
        if sheet is not None:
            sheet.write_text(page, encoding="utf-8")
            return sheet
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="sensorium-", suffix=".html", delete=False
        ) as file:
            file.write(page)
            return Path(file.name)
    except OSError as error:
        remedy = "name a file in a folder that is there and yours to write, by --sheet FILE"
        raise WriteFailed(error.strerror or str(error), subject=str(sheet or ""), remedy=remedy) from error


def _tell_stages(trace: Trace) -> None:
    for part in trace.parts:
        note(f"{'part':10}{part.weight:9.2f} = {part.share:.0%}  {part.sense}: {part.words}")
    for stage in trace.stages:
        counts = "  ".join(f"{name} {number}" for name, number in stage.counts.items())
        note(f"{stage.name:10}{1000 * stage.seconds:9.2f} ms  {counts}".rstrip())
    for left_out in trace.left_out:
        note(left_out.words)
    for left in trace.departures:
        note(f"left the machine: {left.piece or 'the question'}, {left.bytes:,} bytes to {left.host}")
