"""Files with a label each: the label's words find the files, a file finds the words of its label."""

from __future__ import annotations

from sensorium.core.items import Modality
from sensorium.evaluation.fields import Fields, grouped
from sensorium.evaluation.tasks import Entry, Task

MEDIA = (Modality.IMAGE, Modality.AUDIO)


def read(fields: Fields) -> tuple[Task, ...]:
    """`table` with the columns `file` and `label`; `media` says what the files are: image or audio.

    names: words for a label, by default the label with spaces for `_`. cluster: a column that names what belongs
    together, such as the recording that clips were cut from.
    """
    media = fields.text("media", Modality.IMAGE)
    if media not in MEDIA:
        raise fields.wrong("media", f"is {media!r}; there are {', '.join(MEDIA)}")
    file, label = fields.text("file", "file"), fields.text("label", "label")
    cluster, names, folder = fields.text("cluster", file), fields.names("names"), fields.place("folder", ".")
    rows = fields.rows(fields.place("table"), [file, label, cluster])
    files = [Entry(id=row.filled(file), modality=Modality(media), path=row.file(file, folder)) for row in rows]
    labels = dict(grouped([row.filled(label) for row in rows]))
    strange = [name for name in names if name not in labels]
    if strange:
        raise fields.wrong("names", f"names {strange[0]}, a label that no row has")
    words = [Entry(id=name, modality=Modality.TEXT, text=names.get(name, name.replace("_", " "))) for name in labels]
    return (
        Task(
            name=f"label -> {media}",
            queries=tuple(words),
            gallery=tuple(files),
            grades=tuple({files[row].id: 1 for row in own} for own in labels.values()),
            clusters=tuple(labels),
        ),
        Task(
            name=f"{media} -> label",
            queries=tuple(files),
            gallery=tuple(words),
            grades=tuple({row[label]: 1} for row in rows),
            clusters=tuple(row.filled(cluster) for row in rows),
        ),
    )
