"""Markdown tables of figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sensorium.evaluation.intervals import Interval


def figure_table(head: str, rows: Sequence[tuple[str, int, Mapping[str, Interval]]]) -> Iterator[str]:
    """One row for each name with how many queries it stands for and its figures.

    >>> one = Interval(mean=0.5, low=0.25, high=0.75)
    >>> print("\\n".join(figure_table("way", [("look", 4, {"R@1": one})])))
    | way | queries | R@1 |
    | --- | --- | --- |
    | look | 4 | 0.500 [0.250, 0.750] |
    """
    names = list(rows[0][2]) if rows else []
    yield from table(
        [head, "queries", *names], [[name, f"{count:,}", *map(str, own.values())] for name, count, own in rows]
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A head, a line, rows.

    >>> print("\\n".join(table(["a", "b"], [["1", "2"]])))
    | a | b |
    | --- | --- |
    | 1 | 2 |
    """
    yield _row(head)
    yield _row(["---"] * len(head))
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
