"""Notes that only their letters tell apart: invoices, orders and parts whose codes differ in a digit. Made by rule."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOTES = 300
ASKED = 100

_KINDS = (
    ("INV", "Invoice {code} from {name} for {thing}, {price} EUR, to be paid within 30 days."),
    ("PO", "Purchase order {code}: {name} delivers {thing} at {price} EUR; confirmed by telephone."),
    ("SN", "Service report. Serial number {code}, {thing}, checked by {name}; parts for {price} EUR were changed."),
)
_NAMES = ("Hartmann", "Novak", "Silva", "Okafor", "Lindqvist", "Moreau", "Tanaka", "Brandt", "Costa", "Dvorak")
_THINGS = ("a water pump", "four office chairs", "a fire door", "printer paper", "a coffee machine", "two ladders")
_FORMS = ("{code}", "what is {code} about", "how much is to be paid for {code}?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """name: of its file. code: stands in no other note. question: asks for it; "" where nobody does."""

    name: str
    code: str
    text: str
    question: str


def notes(seed: int = 0) -> Iterator[Note]:
    """All of them, the same every time.

    >>> next(notes()).code
    'INV-2024-1000'
    """
    chance = random.Random(seed)
    for number in range(NOTES):
        kind, form = _KINDS[number % len(_KINDS)]
        code = f"{kind}-2024-{1000 + number // len(_KINDS)}"
        told = {"name": chance.choice(_NAMES), "thing": chance.choice(_THINGS), "price": chance.randint(20, 900)}
        question = chance.choice(_FORMS).format(code=code) if number % (NOTES // ASKED) == 0 else ""
        yield Note(name=f"note{number:03}.txt", code=code, text=form.format(code=code, **told), question=question)


def write(folder: Path) -> list[Note]:
    """Writes the notes as files; those that are there are left."""
    folder.mkdir(parents=True, exist_ok=True)
    made = list(notes())
    for note in made:
        if not (folder / note.name).exists():
            (folder / note.name).write_text(note.text + "\n", encoding="utf-8")
    return made
