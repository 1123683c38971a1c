"""From what a library knows of its items back to the answers of a task."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.core.items import Piece
from sensorium.core.receipts import Outcome, Receipt
from sensorium.evaluation.kinds.pages import page_id
from sensorium.evaluation.measures import Judged
from sensorium.evaluation.reading import TAKE_OUT
from sensorium.evaluation.tasks import Entry, Task

Found = tuple[str, Piece]
"""An item's id, and the piece of it that was found."""


def lay_out(gallery: Iterable[Entry], folder: Path) -> dict[Entry, Path]:
    """Where each answer lies as a file: its own, or for a text one that is written into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for number, entry in enumerate(gallery):
        if entry.path is None:
            path = folder / f"{number}.txt"
            path.write_text(entry.text or "", encoding="utf-8")
        else:
            path = entry.path
        paths[entry] = path.resolve()
    return paths


def check_added(receipt: Receipt) -> None:
    """Raises BadInput when a file was refused: what is not there can not be found."""
    for line in receipt.of(Outcome.REFUSED):
        raise BadInput(f"it was refused: {line.reason}", subject=line.source, remedy=TAKE_OUT)


class Answers:
    """Items and pieces of a library -> the answers of a task that they stand for."""

    def __init__(self, task: Task, paths: Mapping[Entry, Path], sources: Callable[[str], Sequence[str]]) -> None:
        """sources: all paths that an item, by its id, was added from; files of the same content are one item."""
        self._task, self._sources = task, sources
        self._of_path: dict[str, list[str]] = {}
        self._of_item: dict[str, list[str]] = {}
        for entry, path in paths.items():
            self._of_path.setdefault(str(path), []).append(entry.id)

    def judged(self, queries: Sequence[int], found: Iterable[Iterable[Found]], depth: int) -> Judged:
        """What was found for each of these queries of the task, best first, as grades down to `depth`.

        An item that stands for several answers gives all of them, worse ones first; an answer counts where it is first
        named; a query that is itself in the gallery is passed over where the task says so.
        """
        grades = np.zeros((len(queries), depth), dtype=np.int64)
        right = []
        for row, (query, own) in enumerate(zip(queries, found, strict=True)):
            asked, graded = self._task.queries[query].id, self._task.grades[query]
            left_out = {asked} if self._task.leave_out else set()
            answers = [answer for answer in dict.fromkeys(self._named(own, graded)) if answer not in left_out][:depth]
            grades[row, : len(answers)] = [graded.get(answer, 0) for answer in answers]
            right.append([grade for answer, grade in graded.items() if answer not in left_out])
        return Judged(grades=grades, right=right)

    def _named(self, found: Iterable[Found], graded: Mapping[str, int]) -> Iterator[str]:
        for item, piece in found:
            if item not in self._of_item:
                own = [answer for source in self._sources(item) for answer in self._of_path.get(source, ())]
                self._of_item[item] = own
            files = self._of_item[item]
            answers = [page_id(file, piece.place.page or 1) for file in files] if self._task.by_page else files
            yield from sorted(answers, key=lambda answer: graded.get(answer, 0))
