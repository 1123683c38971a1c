"""`python -m benchmarks.spelling DATA`: what is offered for slips, for clean questions, and how long it takes.

Questions are captions of flickr8k's dev part (DATA/flickr8k/captions_en_de_fr_cs.tsv: image, flickr8k_split, en, de,
fr, cs); nothing was chosen on them. The library holds the English captions of the train part, as texts. A slip is one
letter left out, put in, changed or exchanged with its neighbour, in a word of five letters or more, not its first one.
Times are of the processor.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.pointing import LANGUAGES, SEED, Row, captions
from sensorium.core.scopes import Scope
from sensorium.encoders.compact import CompactEncoder
from sensorium.search.wording.spelling import Spelling
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.specimens import SPACE, specimen

LEAST = 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Slipped:
    """A question with a slip. given, meant: the word."""

    text: str
    given: str
    meant: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spelling", description=__doc__)
    parser.add_argument("data", type=Path)
    chosen = parser.parse_args()
    folder = chosen.data / "flickr8k"
    dev = captions(folder)
    encoder = CompactEncoder.load(threads=1)
    with tempfile.TemporaryDirectory() as scratch, SqliteStore.open(Path(scratch) / "library", create=True) as store:
        fill(store, [row["en"] for row in captions(folder, split="train")])
        spelling = Spelling(Scope.local_owner(), store, encoder)
        for language in LANGUAGES:  # models and lists are loaded once
            spelling.suggestions("a xyzzyq", spelling.language(dev[0][language]))
        head = "| clean questions | language told rightly | wrongly | with an offer | ms: median, 95 % |\n"
        print(head + "| --- " * 5 + "|")
        for language in LANGUAGES:
            print(clean(spelling, dev, language))
        print("\n| slips | offered | the right word among them | first | ms: median, 95 % |\n" + "| --- " * 5 + "|")
        print(slipped(spelling, list(slips([row["en"] for row in dev]))))


def fill(store: SqliteStore, texts: Sequence[str]) -> None:
    """One item a text."""
    store.add_space(SPACE)
    for start in range(0, len(texts), 500):
        made = [(specimen(start + n), text) for n, text in enumerate(texts[start : start + 500])]
        store.commit(
            Scope.local_owner(),
            additions=[replace(one, pieces=(replace(one.pieces[0], text=text),)) for one, text in made],
        )


def clean(spelling: Spelling, rows: Sequence[Row], language: str) -> str:
    """A row of the first table."""
    told: Counter[str | None] = Counter()
    offers, seconds = 0, []
    for row in rows:
        start = time.process_time()
        found = spelling.language(row[language])
        offers += bool(spelling.suggestions(row[language], found))
        seconds.append(time.process_time() - start)
        told[found] += 1
    wrong = len(rows) - told[language] - told[None]
    return (
        f"| {len(rows)} in {language} | {told[language] / len(rows):.3f} | {wrong / len(rows):.3f}"
        f" | {offers / len(rows):.3f} | {taken(seconds)} |"
    )


def slipped(spelling: Spelling, questions: Sequence[Slipped]) -> str:
    """The row of the second table."""
    offered, right, first, seconds = 0, 0, 0, []
    for one in questions:
        start = time.process_time()
        found = spelling.suggestions(one.text, spelling.language(one.text))
        seconds.append(time.process_time() - start)
        meant = [dict(suggestion.changed).get(one.given) == one.meant for suggestion in found]
        offered += bool(found)
        right += any(meant)
        first += meant[:1] == [True]
    count = len(questions)
    return f"| {count} | {offered / count:.3f} | {right / count:.3f} | {first / count:.3f} | {taken(seconds)} |"


def slips(texts: Sequence[str]) -> Iterator[Slipped]:
    """One slip in each text that has a word for it; what becomes a word of some text is no slip."""
    chance = random.Random(SEED)
    known = {word for text in texts for word in text.lower().split()}
    for text in texts:
        words = [word for word in text.split() if len(word) >= LEAST and word.isalpha() and word.islower()]
        if not words:
            continue
        word = chance.choice(words)
        given = _slip(word, chance)
        if given not in known:
            yield Slipped(text.replace(word, given, 1), given, word)


def _slip(word: str, chance: random.Random) -> str:
    at, letter = chance.randrange(1, len(word)), chance.choice(LETTERS)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )


def taken(seconds: Sequence[float]) -> str:
    """Milliseconds for people."""
    median, most = 1_000 * np.quantile(seconds, [0.5, 0.95])
    return f"{median:.1f}, {most:.1f}"


if __name__ == "__main__":
    main()
