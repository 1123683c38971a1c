"""Documents and queries that one page answers."""

from __future__ import annotations

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.evaluation.fields import Fields, grouped
from sensorium.evaluation.tables import Row
from sensorium.evaluation.tasks import Entry, Task


def read(fields: Fields) -> tuple[Task, ...]:
    """`table` with the columns `text`, `file` and `page` (from 1), files in `folder`.

    Rows of one text are one query with several right pages. The gallery is every page of every file that is named; a
    file without pages counts as one page.
    """
    text, file, page = fields.text("text", "text"), fields.text("file", "file"), fields.text("page", "page")
    folder = fields.place("folder", ".")
    rows = fields.rows(fields.place("table"), [text, file, page])
    files = {
        row.filled(file): Entry(id=row[file], modality=Modality.DOCUMENT, path=row.file(file, folder)) for row in rows
    }
    queries = list(grouped([row.filled(text) for row in rows]))
    task = Task(
        name="text -> page",
        queries=tuple(Entry(id=words, modality=Modality.TEXT, text=words) for words, _ in queries),
        gallery=tuple(files.values()),
        grades=tuple({page_id(rows[row][file], _page(rows[row], page)): 1 for row in own} for _, own in queries),
        clusters=tuple(words for words, _ in queries),
        by_page=True,
    )
    return (task,)


def page_id(file: str, page: int) -> str:
    """The id of a page as an answer.

    >>> page_id("report.pdf", 3)
    'report.pdf#3'
    """
    return f"{file}#{page}"


def _page(row: Row, column: str) -> int:
    number = row.filled(column)
    if not number.isdecimal() or int(number) < 1:
        raise BadInput(f"{number!r} is no page", subject=row.place, remedy="give a whole number from 1")
    return int(number)
