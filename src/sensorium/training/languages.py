"""What people wrote of pictures in several languages, and sentences that say the same in several languages."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sensorium.core.errors import BadInput

LANGUAGES = ("en", "de", "fr", "cs")


@dataclass(frozen=True, slots=True)
class Captions:
    """For each picture its captions by language; a language may have none.

    translations: for each picture, sentences that stand in all `LANGUAGES`.

    >>> Captions(({"en": ("a dog",), "de": ("ein Hund", "Hund")},), ((),)).of(0, "de")
    ('ein Hund', 'Hund')
    """

    by_picture: tuple[Mapping[str, tuple[str, ...]], ...] = field(repr=False)
    translations: tuple[tuple[Mapping[str, str], ...], ...] = field(repr=False)

    def take(self, positions: Sequence[int]) -> Captions:
        """Those of the pictures at these positions, in the order given."""
        return Captions(
            tuple(self.by_picture[position] for position in positions),
            tuple(self.translations[position] for position in positions),
        )

    def of(self, picture: int, language: str) -> tuple[str, ...]:
        """The captions of one picture in one language."""
        return self.by_picture[picture].get(language, ())

    def flat(self, language: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """All captions in one language and for each the position of its picture."""
        rows = [(text, position) for position in range(len(self.by_picture)) for text in self.of(position, language)]
        return tuple(text for text, _ in rows), tuple(position for _, position in rows)


def read_languages(folder: Path, names: tuple[str, ...], english: tuple[tuple[str, ...], ...], split: str) -> Captions:
    """Captions of the pictures `names`, whose English ones are given: `captions_de5.tsv` (image, flickr8k_split,
    caption_de) and `captions_en_de_fr_cs.tsv` (image, flickr8k_split, en, de, fr, cs) of `folder`, where they exist.

    Only rows of `split` are read, whatever other data sets the sentences are in.
    """
    found: list[dict[str, list[str]]] = [{"en": list(texts)} for texts in english]
    translations: list[list[Mapping[str, str]]] = [[] for _ in names]
    position = {name: number for number, name in enumerate(names)}
    for row in _rows_if_there(folder / "captions_de5.tsv"):
        if row["flickr8k_split"] == split and row["image"] in position:
            found[position[row["image"]]].setdefault("de", []).append(row["caption_de"])
    for row in _rows_if_there(folder / "captions_en_de_fr_cs.tsv"):
        if row["flickr8k_split"] == split and row["image"] in position:
            for language in LANGUAGES[1:]:
                found[position[row["image"]]].setdefault(language, []).append(row[language])
            translations[position[row["image"]]].append({language: row[language] for language in LANGUAGES})
    by_picture = tuple({name: tuple(texts) for name, texts in entry.items()} for entry in found)
    return Captions(by_picture, tuple(map(tuple, translations)))


def read_parallel(table: Path) -> tuple[Mapping[str, str], ...]:
    """Sentences in all `LANGUAGES` from a table with a column for each, without those of any Flickr8k picture."""
    return tuple({name: row[name] for name in LANGUAGES} for row in _rows(table) if not row["flickr8k_split"])


def _rows_if_there(table: Path) -> Iterator[dict[str, str]]:
    return _rows(table) if table.is_file() else iter(())


def _rows(table: Path) -> Iterator[dict[str, str]]:
    if not table.is_file():
        raise BadInput("there is no such table", subject=str(table), remedy="complete the folder")
    opener = gzip.open if table.suffix == ".gz" else open
    with opener(table, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
