"""A search as lines of plain text: for `print`, for logs, for pipes."""

from __future__ import annotations

from sensorium.core.results import Hit, SearchResults
from sensorium.present.characters import cells, cut, cut_middle, one_line, padded, visible, wrapped
from sensorium.present.reasons import did_you_mean, figures, sentences
from sensorium.present.verdict import NOTHING_FOUND, warning

NARROWEST = 40
"""Below this many columns lines are let run over: what is left of them would tell nothing."""

PASSAGE_LINES = 2


def plain_text(results: SearchResults, *, width: int, whole_paths: bool = False) -> str:
    """The question, then a line for each hit: rank, score, modality, path and place; a passage below it.

    width: columns of the terminal; what is longer is cut, a path in its middle unless `whole_paths`.

    >>> from sensorium.core.trace import Trace
    >>> print(plain_text(SearchResults(question="two dogs", hits=(), trace=Trace()), width=80))
    two dogs
    Nothing found.
    """
    width = max(width, NARROWEST)
    lines = [cut(one_line(results.question), width), *filter(None, [did_you_mean(results), warning(results)])]
    for rank, hit in enumerate(results, start=1):
        lines += _hit_lines(rank, hit, width, whole_path=whole_paths)
    return "\n".join(lines if results else [*lines, NOTHING_FOUND])


def _hit_lines(rank: int, hit: Hit, width: int, *, whole_path: bool) -> list[str]:
    lead = f"{rank:3}  {hit.score:.2f}  {padded(hit.kind, 5)}  "
    room = width - cells(lead)
    place = hit.piece.place.describe()
    suffix = f"  {place}" if place and cells(place) + 2 <= room // 2 else ""
    path = visible(hit.path)
    lines = [lead + (path if whole_path else cut_middle(path, room - cells(suffix))) + suffix]
    if hit.words:
        indent = " " * cells(lead)
        lines += [indent + line for line in wrapped(one_line(hit.words), room, most=PASSAGE_LINES)]
    if said := arranged(hit):
        lines.append(" " * cells(lead) + cut(said, room))
    if hit.explanation:
        told = (*sentences(hit.explanation, room), *figures(hit.explanation, room))
        lines += [" " * cells(lead) + line for line in told]
    return lines


def arranged(hit: Hit) -> str:
    """What moved a hit and what is folded under it, in one line; "" for nothing.

    >>> from sensorium.core.results import RuleApplied
    >>> from types import SimpleNamespace
    >>> rule = RuleApplied(name="coats", kind="boost", words="its odds count 3 times", before=4, after=1)
    >>> arranged(SimpleNamespace(rules=(rule,), folded=("another", "hit")))
    'rule coats: 4 -> 1 · 2 like it'
    """
    moves = [f"rule {one_line(rule.name)}: {rule.before or 'new'} -> {rule.after}" for rule in hit.rules]
    return " · ".join([*moves, *([f"{len(hit.folded)} like it"] if hit.folded else [])])
