"""`rules`: what the owner's rules of a library say, and what they do to a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sensorium.cli.exits import FAILED
from sensorium.cli.narrowing import KindsOption, WhereOption
from sensorium.cli.output import note, say, say_json
from sensorium.cli.session import JsonOption, LibraryOption, opened
from sensorium.cli.tables import say_rows

if TYPE_CHECKING:
    from sensorium.core.reports import RulesView, RuleView


def rules(
    context: typer.Context,
    text: Annotated[str | None, typer.Argument(help="A question to try the rules on.", show_default=False)] = None,
    modalities: KindsOption = None,
    where: WhereOption = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many hits of the question are looked at.")] = 10,
    as_json: JsonOption = False,
    library: LibraryOption = None,
) -> None:
    """Show the rules of the library, check them, and tell what each does to a question."""
    with opened(context, library) as opened_library:
        if text is None:
            view = opened_library.rules()
        else:
            view = opened_library.rules(text, modalities=modalities or None, where=where, k=k)
    if as_json:
        say_json(view.as_json())
    else:
        _show(view, tried=text is not None)
    if view.problem:
        raise typer.Exit(FAILED)


def _show(view: RulesView, *, tried: bool) -> None:
    if view.problem:
        note(f"{view.path} is not used as it is: {view.problem}")
        note(
            "the rules from before go on while this process has them" if view.rules else "no search until it is mended"
        )
    elif not view.rules:
        say(f"no rules; write them to {view.path}")
    heads = ("rule", "kind", "items", *(("hits",) if tried else ()), "what it does")
    say_rows([_row(rule, tried=tried) for rule in view.rules], heads=heads)


def _row(rule: RuleView, *, tried: bool) -> tuple[str, ...]:
    items = "all" if rule.items is None and not rule.warning else f"{rule.items or 0:,}"
    hits = (str(rule.hits) if rule.asked else "not asked",) if tried else ()
    said = f"nothing: {rule.warning}" if rule.warning else rule.says
    return rule.name, rule.kind, items, *hits, said
