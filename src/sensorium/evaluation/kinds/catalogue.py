"""A catalogue: rows with a picture and attributes. Words find products, a picture finds others of its type."""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence

from sensorium.core.items import Modality
from sensorium.evaluation.fields import Fields, grouped
from sensorium.evaluation.tables import Row
from sensorium.evaluation.tasks import Entry, Task


def read(fields: Fields) -> tuple[Task, ...]:
    """`table` with an `id` and an `image` a row, pictures in `folder`.

    words: templates such as "{title}" or "{colour} {type}"; each distinct text asks for all rows that it was made of.
    type: a column; each picture asks for all others with the same value. At least one of the two.
    """
    name, image, folder = fields.text("id", "id"), fields.text("image", "image"), fields.place("folder", ".")
    templates, kinds = fields.texts("words"), fields.texts("type")
    if not templates and not kinds:
        raise fields.wrong("words", "or `type` has to say what is asked")
    named = [column for template in templates for column in _columns(fields, template)]
    rows = fields.rows(fields.place("table"), [name, image, *named, *kinds])
    products = [Entry(id=row.filled(name), modality=Modality.IMAGE, path=row.file(image, folder)) for row in rows]
    by_words = [_by_words(template, rows, products) for template in templates]
    return (*by_words, *(_by_picture(column, rows, products) for column in kinds))


def _columns(fields: Fields, template: str) -> Iterator[str]:
    try:
        parts = [(name, form, conversion) for _, name, form, conversion in string.Formatter().parse(template)]
    except ValueError as error:
        raise fields.wrong("words", f"holds {template!r}: {error}") from None
    names = [name for name, _, _ in parts if name is not None]
    if not names or any(form or conversion for _, form, conversion in parts):
        raise fields.wrong("words", f"holds {template!r}, and has to name columns in braces, without format")
    yield from names


def _by_words(template: str, rows: Sequence[Row], products: Sequence[Entry]) -> Task:
    texts = list(grouped([" ".join(template.format_map(row.fields).split()) for row in rows]))
    return Task(
        name=f"{template} -> product",
        queries=tuple(Entry(id=text, modality=Modality.TEXT, text=text) for text, _ in texts),
        gallery=tuple(products),
        grades=tuple({products[row].id: 1 for row in own} for _, own in texts),
        clusters=tuple(text for text, _ in texts),
    )


def _by_picture(column: str, rows: Sequence[Row], products: Sequence[Entry]) -> Task:
    kinds = dict(grouped([row.filled(column) for row in rows]))
    asking = [number for number, row in enumerate(rows) if len(kinds[row[column]]) > 1]
    alone = len(rows) - len(asking)
    return Task(
        name=f"picture -> product of its {column}",
        queries=tuple(products[number] for number in asking),
        gallery=tuple(products),
        grades=tuple(
            {products[other].id: 1 for other in kinds[rows[number][column]] if other != number} for number in asking
        ),
        clusters=tuple(products[number].id for number in asking),
        leave_out=True,
        note=f"{alone} products are the only one of their {column} and ask nothing" if alone else "",
    )
