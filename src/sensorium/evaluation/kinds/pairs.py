"""Pictures with captions, several to a picture: captions find their picture, a picture finds its captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sensorium.core.items import Modality
from sensorium.evaluation.fields import Fields
from sensorium.evaluation.tables import Row
from sensorium.evaluation.tasks import Entry, Task


def read(fields: Fields) -> tuple[Task, ...]:
    """`table` with the columns `image` and `text` (their names can be changed), pictures in `folder`."""
    image, text = fields.text("image", "image"), fields.text("text", "caption")
    folder = fields.place("folder", ".")
    return captioned(fields.rows(fields.place("table"), [image, text]), image=image, caption=text, folder=folder)


def captioned(rows: Sequence[Row], *, image: str, caption: str, folder: Path) -> tuple[Task, Task]:
    """Both directions. image, caption: names of the columns. folder: where the pictures lie."""
    pictures: dict[str, Entry] = {}
    captions: dict[str, list[Entry]] = {}
    for row in rows:
        name = row.filled(image)
        if name not in pictures:
            pictures[name] = Entry(id=name, modality=Modality.IMAGE, path=row.file(image, folder))
        own = captions.setdefault(name, [])
        own.append(Entry(id=f"{name}#{len(own)}", modality=Modality.TEXT, text=row.filled(caption)))
    texts = [(name, entry) for name, own in captions.items() for entry in own]
    by_words = Task(
        name="text -> image",
        queries=tuple(entry for _, entry in texts),
        gallery=tuple(pictures.values()),
        grades=tuple({name: 1} for name, _ in texts),
        clusters=tuple(name for name, _ in texts),
    )
    by_picture = Task(
        name="image -> text",
        queries=tuple(pictures.values()),
        gallery=by_words.queries,
        grades=tuple({entry.id: 1 for entry in own} for own in captions.values()),
        clusters=tuple(pictures),
    )
    return by_words, by_picture
