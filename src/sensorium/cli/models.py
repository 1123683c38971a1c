"""`models`: which models there are, what they need, and the one command that fetches them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.exits import FAILED
from sensorium.cli.output import note, say, say_json, watched
from sensorium.cli.progress import NowAndThen
from sensorium.cli.session import JsonOption
from sensorium.cli.tables import say_rows
from sensorium.core.errors import BadInput

if TYPE_CHECKING:
    from sensorium.models.catalogue import KnownModel
    from sensorium.models.fetching import Progress

MEGA = 1_000_000

models = typer.Typer(no_args_is_help=True, help="Models beyond the built-in one.", rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="MODEL", help="A name of the list, or OWNER/NAME of the hub.")]


@models.command("list")
def list_models(json: JsonOption = False) -> None:
    """Say which models are known, and which are on this machine."""
    from sensorium.models.catalogue import known_models

    known = known_models()
    if json:
        say_json({"schema": "sensorium.models/1", "models": [_as_json(model) for model in known]})
        return
    say_rows(
        [
            (model.name, _where(model), "+".join(model.senses), model.parameters or "-", model.needs or "-")
            for model in known
        ],
        heads=("model", "", "senses", "size", "needs"),
    )
    note("`sensorium models explain MODEL` says more; SENSORIUM_ENCODER names the one that new libraries use")


@models.command("explain")
def explain(model: NameArgument) -> None:
    """Say what is known of a model: size, licence, languages, figures with their sources, and how to use it."""
    from sensorium.models.catalogue import find, known_models

    known = find(model)
    if known is None:
        names = ", ".join(entry.name for entry in known_models())
        raise BadInput("the list does not know it", subject=model, remedy=f"ask for one of {names}")
    told: list[tuple[str, str]] = [
        ("model", f"{known.title} ({known.kind})"),
        ("senses", ", ".join(known.senses)),
        ("size", known.parameters),
        ("licence", known.licence),
        ("languages", known.languages),
        ("needs", known.needs),
        ("hub", known.repo),
        ("here", _where(known)),
        ("use it", f"SENSORIUM_ENCODER={known.setting}" if known.setting else ""),
        ("note", known.note),
        *(("published", f"{figure.what}: {figure.value} ({figure.source})") for figure in known.published),
        *(("measured", f"{figure.what}: {figure.value} ({figure.source})") for figure in known.ours),
    ]
    told += [("as it is here", words) for words in _notes(known.setting)]
    say_rows([(name, words or "not known") for name, words in told if words or name in ("licence", "languages")])


@models.command("get")
def get_model(
    model: NameArgument,
    variant: Annotated[
        str, typer.Option("--variant", metavar="NAME", help="ONNX towers of another precision, as quantized or fp16.")
    ] = "",
    update: Annotated[
        bool, typer.Option("--update", help="Take the newest revision in place of the one that was fetched before.")
    ] = False,
) -> None:
    """Fetch a model from the hub, or go on where it was left. The one command that uses a network."""
    from sensorium.models.fetching import get

    fetched = get(model, variant=variant, update=update, progress=_progress())
    if watched(sys.stderr):
        print(file=sys.stderr)
    came = f"{fetched.fetched / MEGA:,.1f} MB fetched" if fetched.fetched else "it was here"
    say(f"{model}: {came}, {fetched.files} files, {fetched.bytes / MEGA:,.1f} MB, commit {fetched.commit[:12]}")
    setting = f"{fetched.encoder}:{model}" + (f"?variant={variant}" if variant else "")
    note(f"use it: SENSORIUM_ENCODER={setting}")
    for words in _notes(setting):
        note(words)


@models.command("check")
def check_model(model: NameArgument) -> None:
    """Read every file of a model and compare it with what was fetched. Ends with 1 when one is another."""
    from sensorium.models.fetching import check

    checked = check(model)
    say_rows([("WRONG", name, why) for name, why in checked.wrong.items()])
    if checked.wrong:
        note(f"fetch it anew: sensorium models get {model}, after removing {checked.folder}")
        raise typer.Exit(FAILED)
    say(f"{model}: {checked.files} files are what was fetched")


def _notes(setting: str) -> list[str]:
    """What an encoder that is here says of itself, where it can do so before its weights are loaded."""
    from sensorium.core.errors import SensoriumError
    from sensorium.plugins import load, load_encoder

    if ":" not in setting or not hasattr(load("sensorium.encoders", setting.partition(":")[0]), "notes"):
        return []
    try:
        return list(load_encoder(setting).notes)
    except SensoriumError:  # it is not on this machine
        return []


def _progress() -> Progress:
    """One line that moves where a person watches; a line now and then elsewhere."""
    tell = NowAndThen()

    def told(path: str, done: int, size: int) -> None:
        line = f"{path}: {done / MEGA:,.1f} of {size / MEGA:,.1f} MB"
        if watched(sys.stderr):
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        else:
            tell(lambda: line)

    return told


def _where(model: KnownModel) -> str:
    from sensorium.models.cache import hub_id_of, snapshot

    if not model.repo:
        return "built in" if model.name == "compact" else "-"
    return "here" if snapshot(hub_id_of(model.name)) is not None else "-"


def _as_json(model: KnownModel) -> dict[str, object]:
    figures = {
        kind: [{"what": f.what, "value": f.value, "source": f.source} for f in given]
        for kind, given in (("published", model.published), ("measured", model.ours))
    }
    plain = (
        "name",
        "title",
        "kind",
        "encoder",
        "repo",
        "parameters",
        "licence",
        "languages",
        "needs",
        "note",
        "setting",
    )
    return {
        **{name: getattr(model, name) for name in plain},
        "senses": list(model.senses),
        "here": _where(model) in ("here", "built in"),
        **figures,
    }
