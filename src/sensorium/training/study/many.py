"""What the tower of other languages finds, and what its vocabulary costs: tables of `docs/quality.md`.

Needs what `many` left in its work folder; nothing is trained, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sensorium.training.languages import LANGUAGES, read_languages
from sensorium.training.many import ManyRecipe, Places, School, Taught, read_school, teach
from sensorium.training.measures import both_ways
from sensorium.training.pairs import read_pairs
from sensorium.training.pieces import use_of_pieces
from sensorium.training.teacher import Teacher
from sensorium.training.trunks import e5

Row = tuple[str, ...]

PIECES = (60_000, 80_000, 100_000)


@dataclass(frozen=True, slots=True)
class ManyStudy:
    """What the tables are made of. held, dev: pictures with captions that were not learnt from."""

    recipe: ManyRecipe
    school: School
    teacher: Teacher
    taught: Taught
    held: School
    dev: School

    @classmethod
    def of(cls, places: Places, recipe: ManyRecipe) -> ManyStudy:
        """Teaches by `recipe`, or takes up what an earlier run left in the work folder."""
        school, held = read_school(places, recipe)
        teacher = Teacher.of(places.out, recipe.plan, places.work)
        pairs = read_pairs(places.data, "dev")
        captions = read_languages(places.data, tuple(path.name for path in pairs.pictures), pairs.captions, "dev")
        return cls(recipe, school, teacher, teach(school, teacher, recipe), held, School(pairs, captions, (), ()))


def languages(study: ManyStudy) -> Iterator[Row]:
    """Kept-out pictures and the dev split by the language of the captions; other languages in 32 bits."""
    yield ("captions", "kept-out t2i", "i2t", "dev t2i", "i2t")
    for language in LANGUAGES:
        row: list[str] = []
        for part in (study.held, study.dev):
            texts, owners = part.captions.flat(language)
            if texts:
                asked = study.teacher.texts(texts) if language == "en" else study.taught.texts(texts, study.recipe.plan)
                row += map(str, both_ways(asked, study.teacher.pictures(part.pairs.pictures)[0], owners))
        if row:
            yield (language, *row)


def vocabularies(study: ManyStudy) -> Iterator[Row]:
    """Share of kept-out captions that fall into the same pieces as with the whole vocabulary, in percent, by how many
    pieces are kept and how they are chosen."""
    published = e5.read_published()
    usable = e5.usable_pieces(published)
    spoken = [language for language in LANGUAGES[1:] if study.held.captions.flat(language)[0]]
    captions = {language: study.held.captions.flat(language)[0] for language in spoken}
    whole = _pieces(published, usable, captions.values())
    yield ("pieces", "chosen by", *spoken)
    ways = {
        "frequency on the web": np.zeros(len(usable)),
        "use": use_of_pieces(published, usable, study.school.texts()),
    }
    for way, use in ways.items():
        for count in PIECES:
            found = _pieces(published, e5.most_used(published, usable, use, count), captions.values())
            same = [
                np.mean([ours == theirs for ours, theirs in zip(*both, strict=True)])
                for both in zip(found, whole, strict=True)
            ]
            yield (f"{count:,}", way, *(f"{100 * share:.0f}" for share in same))


def _pieces(published: e5.Published, kept: e5.Pieces, sets: Iterable[Sequence[str]]) -> list[list[list[str]]]:
    tokenizer = e5.make_tokenizer(published, kept)
    return [[found.tokens for found in tokenizer.encode_batch(list(texts))] for texts in sets]
