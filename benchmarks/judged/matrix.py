"""Every kind of question against every kind of item: how often the first hit is of what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sensorium
from benchmarks.judged.gallery import KINDS, Gallery, Labelled, chance, lay_out
from benchmarks.judged.libraries import fill
from benchmarks.judged.tables import table
from sensorium.core.errors import SensoriumError
from sensorium.core.items import Aspect, Modality
from sensorium.core.results import SearchResults

WHERE: dict[str, dict[str, Any]] = {
    "text": {"modalities": [Modality.TEXT]},
    "picture": {"modalities": [Modality.IMAGE]},
    "sound": {"modalities": [Modality.AUDIO], "aspects": [Aspect.SOUND]},
    "speech": {"modalities": [Modality.AUDIO], "aspects": [Aspect.SPEECH]},
    "film": {"modalities": [Modality.VIDEO]},
    "page": {"modalities": [Modality.DOCUMENT]},
}
"""Where items of each kind are looked for."""

HITS = 5


def measure(data: Path, work: Path) -> Iterator[str]:
    """Adds the gallery to a library in `work`, asks everything of every kind of item, and gives lines of Markdown."""
    gallery = lay_out(data, work / "gallery")
    paths = [item.path for own in gallery.items.values() for item in own if item.path is not None]
    with sensorium.open(work / "matrix.library") as library:
        yield from fill(library, list(dict.fromkeys(paths)))
        rows = [
            [question, *(_cell(library, question, kind, gallery) for kind in KINDS)] for question in gallery.questions
        ]
    yield "Share of questions whose first hit is of the topic, or the sentence, that was asked for, among items of that"
    yield "kind alone; in brackets what a draw by lot would give, and the number of questions. A dash: no item of that"
    yield "kind is known to be right; it was asked all the same, and how many of the questions had hits is told."
    yield ""
    yield from table(["asked with", *KINDS], rows)


def ask(library: sensorium.Library, kind: str, question: Labelled, **where: Any) -> SearchResults:
    """Asks a question of any kind."""
    if kind == "text":
        return library.search(question.text, **where)
    if kind == "spoken question":
        return library.search(spoken=question.path, **where)
    if kind == "picture":
        return library.search(image=question.path, **where)
    assert question.path is not None
    return library.search(like=[question.path], **where)


def _cell(library: sensorium.Library, asked: str, kind: str, gallery: Gallery) -> str:
    items = gallery.items[kind]
    known = {item.label for item in items}
    questions = [question for question in gallery.questions[asked] if question.label in known]
    try:
        if not questions:
            answered = [
                len(ask(library, asked, question, k=HITS, **WHERE[kind])) > 0 for question in gallery.questions[asked]
            ]
            return f"- ({sum(answered)} of {len(answered)} had hits)"
        right = [_is_right(library, asked, kind, question, items) for question in questions]
    except SensoriumError as error:
        return f"- ({error.what})"
    return f"{sum(right) / len(right):.2f} ({chance(items, questions):.2f}, n={len(right)})"


def _is_right(library: sensorium.Library, asked: str, kind: str, question: Labelled, items: Sequence[Labelled]) -> bool:
    label_of = {str(item.path): item.label for item in items}
    hits = ask(library, asked, question, k=HITS, **WHERE[kind])
    return bool(len(hits)) and label_of.get(hits[0].path) == question.label
