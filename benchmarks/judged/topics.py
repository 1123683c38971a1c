"""Topics that can be seen, heard and read: photos, sounds and texts of dogs, birds, the sea and others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.judged.material import DEV_FOLD, HERE, captions_of
from sensorium.evaluation.tables import read_rows

TOLD = 2
"""So many of its captions have to name a topic for a photo to be of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """phrase: how it is asked for. texts: written for it. photos: of the dev split, with the captions that name it.

    sounds: of the dev fold.
    """

    name: str
    phrase: str
    texts: tuple[str, ...]
    photos: tuple[tuple[Path, str], ...]
    sounds: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What is of none of the topics: photos with a caption, and sounds."""

    photos: tuple[tuple[Path, str], ...]
    sounds: tuple[Path, ...]


def read_topics(data: Path) -> tuple[tuple[Topic, ...], Rest]:
    """The topics of `topics.tsv`, and what is of none of them."""
    captions = captions_of(data / "flickr8k")
    sounds: dict[str, list[Path]] = {}
    for row in read_rows(data / "esc10" / "meta.tsv", ("file", "fold", "class")):
        if row["fold"] == DEV_FOLD:
            sounds.setdefault(row["class"], []).append(row.file("file", data / "esc10"))
    texts: dict[str, list[str]] = {}
    for row in read_rows(HERE / "topic_texts.tsv", ("topic", "text")):
        texts.setdefault(row["topic"], []).append(row.filled("text"))
    topics, named = [], set()
    for row in read_rows(HERE / "topics.tsv", ("topic", "sound", "words", "phrase")):
        words = set(row["words"].split())
        photos = []
        for photo, own in captions.items():
            telling = naming(own, words)
            if telling:
                named.add(photo)
            if len(telling) >= TOLD:
                photos.append((data / "flickr8k" / "images" / photo, telling[0]))
        topics.append(
            Topic(
                name=row["topic"],
                phrase=row["phrase"],
                texts=tuple(texts[row["topic"]]),
                photos=tuple(photos),
                sounds=tuple(sounds.pop(row["sound"])),
            )
        )
    others = tuple(
        (data / "flickr8k" / "images" / photo, own[0]) for photo, own in captions.items() if photo not in named
    )
    return tuple(topics), Rest(photos=others, sounds=tuple(path for own in sounds.values() for path in own))


def naming(captions: Sequence[str], words: set[str]) -> list[str]:
    """Those captions that hold one of these words.

    >>> naming(["A Dog runs .", "The pet runs ."], {"dog"})
    ['A Dog runs .']
    """
    return [caption for caption in captions if words & set(caption.lower().replace(",", " ").split())]
