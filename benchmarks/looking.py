"""What a closer look at the best candidates costs, in time and on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.measure import MILLI, Figure, Options, in_turns
from sensorium import plugins
from sensorium.core.contents import Addition, Content, Role
from sensorium.core.details import DetailForm, Details
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import EVERYTHING
from sensorium.core.spaces import Vectors
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.specimens import OWNER, PICTURE, sighting, specimen, unit_vectors

WORDS = 14
"""A question of twelve words, with its first and last token."""
CANDIDATES = 100
GOAL = 60 / MILLI
WIDTH = 512
COMMIT = 500
FORMS = (
    DetailForm(width=64, cells=81, weight=0.5),
    DetailForm(width=96, cells=81, weight=0.5),
    DetailForm(width=96, cells=49, weight=0.5),
)


class GivenWords(HashEncoder):
    """An encoder that takes no time: every question has the same number of words, unlike those of any other."""

    def __init__(self, form: DetailForm) -> None:
        super().__init__(width=WIDTH)
        self.details: DetailForm | None = form
        self._numbers = count()

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """The words of questions; there are no vectors."""
        assert self.details is not None
        rows = [unit_vectors(WORDS, self.details.width, seed=next(self._numbers)) for _ in contents]
        return np.empty((len(contents), 0), np.float32), rows


def measure(options: Options) -> list[Figure]:
    """Late interaction over a store: its time for the candidates of one question, its bytes for a picture."""
    pictures = 200 if options.quick else 5_000
    return [figure for form in FORMS for figure in _of_form(form, pictures, options)]


def _of_form(form: DetailForm, pictures: int, options: Options) -> Iterator[Figure]:
    name = f"{form.cells} cells of {form.width}"
    place = options.scratch / f"{form.cells}x{form.width}"
    encoder = GivenWords(form)
    plain = _filled(place / "plain", encoder, None, pictures)
    detailed = _filled(place / "detailed", encoder, form, pictures)
    with plugins.load("sensorium.stores", "sqlite").open(place / "detailed", create=False) as store:
        keys = store.visible_keys(OWNER, EVERYTHING, encoder.space.id).tolist()
        chosen = np.random.default_rng(1)
        reranker = plugins.load("sensorium.rerankers", "late").load(OWNER, encoder, store)
        questions = count()

        def look() -> None:
            part = QueryPart(modality=Modality.TEXT, content=f"question {next(questions)}")
            some = chosen.choice(keys, CANDIDATES, replace=False).tolist()
            reranker.rescore(Query(parts=(part,)), Modality.IMAGE, some, [0.5] * CANDIDATES)

        cells = unit_vectors(CANDIDATES * form.cells, form.width).reshape(CANDIDATES, form.cells, form.width)
        bare = partial(np.matmul, unit_vectors(WORDS, form.width), cells.transpose(0, 2, 1))
        product, yardstick = in_turns(look, bare, rounds=options.rounds(200), warm=5)
    yield Figure(
        subject=f"late interaction with {CANDIDATES} of {pictures:,} pictures, {name}, words given",
        product=str(product),
        yardstick=f"the inner products alone: {yardstick}",
        ratio=f"{product.median / yardstick.median:.0f}x",
        goal=f"<= {MILLI * GOAL:.0f} ms",
        met=product.median <= GOAL,
    )
    each = (detailed - plain) / pictures
    yield Figure(
        subject=f"details of a picture on the disk, {name}",
        product=f"{each:,.0f} bytes",
        yardstick=f"their levels alone: {form.size:,} bytes",
        ratio=f"{each / form.size:.2f}x",
    )


def _filled(place: Path, encoder: HashEncoder, form: DetailForm | None, pictures: int) -> int:
    """Writes a store and returns its bytes, the log folded in."""
    with plugins.load("sensorium.stores", "sqlite").open(place, create=True) as store:
        store.add_space(encoder.space)
        for start in range(0, pictures, COMMIT):
            some = [_addition(number, encoder, form) for number in range(start, min(start + COMMIT, pictures))]
            store.commit(OWNER, additions=some, sightings=[sighting(addition) for addition in some])
    return sum(path.stat().st_size for path in place.rglob("*"))


def _addition(number: int, encoder: HashEncoder, form: DetailForm | None) -> Addition:
    added = specimen(number, replace(PICTURE, spaces=(encoder.space,)))
    if form is None:
        return added
    packed = form.pack(unit_vectors(form.cells, form.width, seed=number))
    return replace(added, details={encoder.space.id: {0: packed}})
