"""What is said of a hit to people: facts in, sentences out. No word of how it works, and no more than is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sensorium.core.explanations import Box
from sensorium.core.items import Modality
from sensorium.core.queries import QueryPart
from sensorium.search.asking.naming import NAMED

MOST_QUOTED = 5
LONGEST_QUOTED = 40
"""Words that are quoted, and letters of one."""

WHOLE = 0.7
"""A region that takes so much of the picture says nothing of where."""
LONG_SIDE = 0.7
"""A region so wide or high is a half, else a part."""

_NOUNS = {
    Modality.IMAGE: ("picture", "pictures"),
    Modality.TEXT: ("text", "texts"),
    Modality.AUDIO: ("sound", "sounds"),
}
_LEADS = {
    Modality.IMAGE: "It looks like",
    Modality.TEXT: "Its meaning is near to",
    Modality.AUDIO: "It sounds like",
}
_YOURS = {
    Modality.TEXT: "your words",
    Modality.IMAGE: "your picture",
    Modality.AUDIO: "your sound",
    Modality.VIDEO: "your film",
    Modality.DOCUMENT: "your document",
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Standing:
    """A place among what was looked at. rank: from 1; among: how many there were."""

    rank: int
    among: int


def likeness(parts: Sequence[QueryPart], found: Modality, standing: Standing) -> str:
    """What the hit is like, and how it stands.

    >>> boat = QueryPart(modality=Modality.TEXT, content="a boat")
    >>> likeness([boat], Modality.IMAGE, Standing(1, 207))
    'It looks like your words: the closest of 207 pictures.'
    >>> likeness([boat], Modality.TEXT, Standing(12, 80))
    'Its meaning is near to your words: number 12 of 80 texts.'
    """
    wanted = dict.fromkeys(yours(part) for part in parts if part.weight > 0)
    avoided = dict.fromkeys(part.words for part in parts if part.weight < 0)
    unlike = f", and less like {_listed([quoted(words) for words in avoided])}" if avoided else ""
    return f"{_LEADS[found]} {_listed(list(wanted))}{unlike}: {_place(found, standing)}."


def yours(part: QueryPart) -> str:
    """What a part is called to who asked."""
    return f"what you chose ({quoted(part.label)})" if part.known and part.label else _YOURS[part.modality]


def _place(found: Modality, standing: Standing) -> str:
    one, many = _NOUNS[found]
    among = max(standing.among, standing.rank)
    if among == 1:
        return f"the only {one} there is to look at"
    if standing.rank == 1:
        return f"the closest of {among:,} {many}"
    if standing.rank <= len(_ORDINALS):
        return f"the {_ORDINALS[standing.rank - 1]} closest of {among:,} {many}"
    return f"number {standing.rank} of {among:,} {many}"


def said(words: Sequence[str]) -> str:
    """Which words of the question stand in it.

    >>> said(["invoice", "0917"])
    "It says 'invoice' and '0917'."
    """
    shown = [quoted(word) for word in words[:MOST_QUOTED]]
    more = f" and {len(words) - MOST_QUOTED} more of your words" if len(words) > MOST_QUOTED else ""
    return f"It says {', '.join(shown) + more if more else _listed(shown)}."


def moment(seconds: float, shot: int = 0, *, heard: bool = False, speaker: str = "") -> str:
    """When to look or listen. shot: its number, from 1; 0 where there is none.

    >>> moment(34.6, 3), moment(62, heard=True, speaker="Ann")
    ('You will see it at 0:34, in the third shot.', 'You will hear it at 1:02, said by Ann.')
    """
    when = f"at {clock(seconds)}" if seconds >= 1 else "from the start"
    within = f", in {_shot(shot)}" if shot else f", said by {speaker}" if speaker else ""
    return f"You will {'hear' if heard else 'see'} it {when}{within}."


def _shot(number: int) -> str:
    return f"the {_ORDINALS[number - 1]} shot" if number <= len(_ORDINALS) else f"shot {number}"


def clock(seconds: float) -> str:
    """Media time as players show it, to the second before.

    >>> clock(34.9), clock(3661)
    ('0:34', '1:01:01')
    """
    minutes, rest = divmod(int(seconds + 1e-6), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def where(box: Box) -> str:
    """Which part of a picture a box is, "" where it is most of it.

    >>> where((0.5, 0, 1, 1)), where((0, 0.6, 0.4, 1)), where((0, 0, 1, 1)), where((0.3, 0.3, 0.7, 0.7))
    ('the right half', 'the lower left part', '', 'the middle')
    """
    left, top, right, bottom = box
    if (right - left) * (bottom - top) >= WHOLE:
        return ""
    across = "" if right - left >= LONG_SIDE else _side((left + right) / 2, "left", "right")
    down = "" if bottom - top >= LONG_SIDE else _side((top + bottom) / 2, "upper", "lower")
    name = " ".join(filter(None, (down, across)))
    if not name:
        return "the middle"
    return f"the {name} {'part' if across and down else 'half'}"


def _side(centre: float, low: str, high: str) -> str:
    return low if centre < 0.42 else high if centre > 0.58 else ""


def shares(parts: Sequence[QueryPart], weights: Sequence[float], fits: Sequence[float]) -> str:
    """What each part of a question counts, and which of the wanted ones is met best. weights: of 1; fits: the more the
    better, in one unit.

    >>> words = QueryPart(modality=Modality.TEXT, content="red")
    >>> picture = QueryPart(modality=Modality.IMAGE, content="", label="a.png")
    >>> shares([words, picture], [0.75, 0.25], [1.0, 2.0])
    'Your words count for 75 of 100, your picture for 25; it fits your picture best.'
    """
    told: list[str] = []
    for part, weight in zip(parts, weights, strict=True):
        name = yours(part) if part.weight > 0 else f"avoiding {quoted(part.words)}"
        verb = "" if told else " counts" if part.weight < 0 or part.modality is not Modality.TEXT else " count"
        told.append(f"{name}{verb} for {round(100 * weight)}" + ("" if told else " of 100"))
    met = [(fit, yours(part)) for part, fit in zip(parts, fits, strict=True) if part.weight > 0]
    best = f"; it fits {max(met, key=lambda pair: pair[0])[1]} best" if len({name for _, name in met}) > 1 else ""
    line = ", ".join(told) + best
    return f"{line[:1].upper()}{line[1:]}."


def moved(rule: str, words: str) -> str:
    """What moved a hit: a rule of the owner by its name, or the name of the hit's file.

    >>> moved("coats", "its odds count 3 times")
    "'coats', a rule of this library: its odds count 3 times."
    >>> moved("file name report.pdf", "it was put at place 1")
    "Its file is named so: 'report.pdf'."
    """
    if rule.startswith(f"{NAMED} "):
        return f"Its file is named so: {quoted(rule.removeprefix(f'{NAMED} '))}."
    return f"{quoted(rule)}, a rule of this library: {words}."


def quoted(text: str) -> str:
    """A few letters of a text in quotes."""
    shown = " ".join(text.split())
    return f"'{shown if len(shown) <= LONGEST_QUOTED else shown[:LONGEST_QUOTED] + '…'}'"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
