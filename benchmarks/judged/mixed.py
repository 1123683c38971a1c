"""Photos, texts and sounds in one list: whether each has its share of the first ten hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sensorium
from benchmarks.judged.gallery import Labelled
from benchmarks.judged.libraries import fill
from benchmarks.judged.matrix import ask
from benchmarks.judged.tables import table
from benchmarks.judged.topics import Rest, Topic, read_topics
from sensorium.core.items import Modality

EACH = 6
"""Of each topic so many photos, texts and sounds are in the library; topics with too few photos are left out."""

ASKED = 1
"""Of each topic so many photos and sounds are asked with; they are not in the library."""

OTHERS = 150
"""So many photos and texts of no topic are in the library besides."""

K = 10
BAND = 0.2
"""A share within this much of what it should be, relative to that, is met."""

PHRASES = ("{}", "something about {}", "I am looking for {}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One question: how many right items there are of each modality, and of which the first K hits were.

    right: how many of those hits were right.
    """

    relevant: Mapping[Modality, int]
    first: Sequence[Modality]
    right: int


def measure(data: Path, work: Path) -> Iterator[str]:
    """Adds a mixed gallery to a library in `work`, asks, and gives lines of Markdown."""
    topics, rest = read_topics(data)
    chosen = [topic for topic in topics if len(topic.photos) >= EACH + ASKED]
    items = lay_out(chosen, rest, work / "mixed")
    with sensorium.open(work / "mixed.library") as library:
        yield from fill(library, [item.path for item in items if item.path is not None])
        answered = {kind: [_answered(library, kind, one, items) for one in own] for kind, own in _asked(chosen)}
    yield f"Topics: {', '.join(topic.name for topic in chosen)}; of each {EACH} photos, {EACH} texts and {EACH} sounds."
    yield ""
    rows = [row for kind, own in answered.items() for row in share_rows(kind, own)]
    yield from table(
        ["asked with", "questions", "of", "share of right items", f"share of first {K}", "ratio", "within 20 %"], rows
    )
    yield ""
    for kind, own in answered.items():
        yield f"- P@{K}, asked with {kind}: {np.mean([one.right / K for one in own]):.3f}"


def lay_out(topics: Sequence[Topic], rest: Rest, folder: Path) -> list[Labelled]:
    """The gallery: files of the data, and captions of other photos as texts that are written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    for topic in topics:
        photos = [path for path, _ in topic.photos[:EACH]]
        # Where a topic has few photos its texts tell of photos that are there too, in a caption of their own.
        captions = [caption for _, caption in topic.photos[-EACH:]]
        items += [Labelled(label=topic.name, path=path) for path in (*photos, *topic.sounds[:EACH])]
        items += [_text(folder, topic.name, number, text) for number, text in enumerate(captions)]
    items += [Labelled(label="", path=path) for path, _ in rest.photos[:OTHERS]]
    items += [_text(folder, "other", number, text) for number, (_, text) in enumerate(rest.photos[OTHERS : 2 * OTHERS])]
    return items + [Labelled(label="", path=path) for path in rest.sounds]


def share_rows(kind: str, answered: Sequence[Answered]) -> Iterator[list[str]]:
    """For each modality its share of the right items and of the first hits, means over questions.

    By hand: half of the right items are pictures, and one of four hits is.

    >>> one = Answered(
    ...     relevant={Modality.IMAGE: 3, Modality.TEXT: 3}, first=[Modality.IMAGE] + [Modality.TEXT] * 3, right=4
    ... )
    >>> for row in share_rows("text", [one]):
    ...     print(*row)
    text 1 image 0.500 0.250 0.50 no
    text 1 text 0.500 0.750 1.50 no
    """
    for modality in sorted({modality for one in answered for modality in one.relevant}):
        due = float(np.mean([one.relevant.get(modality, 0) / sum(one.relevant.values()) for one in answered]))
        given = float(np.mean([Counter(one.first)[modality] / max(1, len(one.first)) for one in answered]))
        ratio = given / due
        met = "yes" if abs(ratio - 1) <= BAND else "no"
        yield [kind, str(len(answered)), str(modality), f"{due:.3f}", f"{given:.3f}", f"{ratio:.2f}", met]


def _asked(topics: Sequence[Topic]) -> Iterator[tuple[str, list[Labelled]]]:
    yield "text", [Labelled(label=topic.name, text=form.format(topic.phrase)) for topic in topics for form in PHRASES]
    yield "picture", [Labelled(label=topic.name, path=topic.photos[EACH][0]) for topic in topics]
    yield "sound", [Labelled(label=topic.name, path=path) for topic in topics for path in topic.sounds[EACH:]]


def _answered(library: sensorium.Library, kind: str, question: Labelled, items: Sequence[Labelled]) -> Answered:
    label_of = {str(item.path): item.label for item in items}
    hits = ask(library, kind, question, k=K)
    right = [hit for hit in hits if label_of.get(hit.path) == question.label]
    relevant = Counter(_modality(item) for item in items if item.label == question.label)
    return Answered(relevant=relevant, first=[hit.item.modality for hit in hits], right=len(right))


def _modality(item: Labelled) -> Modality:
    assert item.path is not None
    return {".webp": Modality.IMAGE, ".ogg": Modality.AUDIO}.get(item.path.suffix, Modality.TEXT)


def _text(folder: Path, label: str, number: int, words: str) -> Labelled:
    path = folder / f"{label}-{number:03}.txt"
    path.write_text(words + "\n", encoding="utf-8")
    return Labelled(label="" if label == "other" else label, path=path)
