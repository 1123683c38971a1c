"""Queries as people write them: with slips, in other words, too short, and with a "no" in them.

Rules and small tables for English, no language model: a rewording is checkable, the same everywhere, and no better
English than its rules. What a rule does not know it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sensorium.evaluation.nouns import NOUNS, words_of
from sensorium.evaluation.seeds import seeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewording:
    """One way to change a query. unit: what the amounts count. amounts: of severities 1 to 5.

    apply: text, an amount, a source of chance -> another text, or the same one where the rule finds nothing to change.
    """

    name: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    apply: Callable[[str, float, np.random.Generator], str]


def reword(text: str, rewording: Rewording, severity: int) -> str:
    """The text as changed, the same wherever and whenever; as it was where nothing would be left of it.

    severity: 1..5, ValueError for another.

    >>> reword("a large brown dog runs in the snow", REWORDINGS["ambiguity"], severity=5)
    'dog'
    """
    if not 1 <= severity <= len(rewording.amounts):
        raise ValueError(f"severity is 1 to {len(rewording.amounts)}, got {severity}")
    chance = seeded(rewording.name, text.encode("utf-8", "surrogatepass"))
    changed = rewording.apply(text, rewording.amounts[severity - 1], chance)
    return changed if changed.strip() else text


# -- slips -----------------------------------------------------------------------------------------------------------

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside(letter: str) -> str:
    """The keys to the left and right of a letter on a QWERTY keyboard."""
    row = next(row for row in KEYS if letter in row)
    place = row.index(letter)
    return row[max(place - 1, 0) : place] + row[place + 1 : place + 2]


def _mistyped(text: str, share: float, chance: np.random.Generator) -> str:
    """At least one slip, on letters a to z: swapped with the next one, left out, doubled, or the key beside it."""
    places = [place for place, letter in enumerate(text) if letter.lower() in "".join(KEYS)]
    letters = list(text)
    order = chance.permutation(len(places))
    slips = chance.integers(0, 4, len(places))
    sides = chance.integers(0, 2, len(places))
    for number in order[: max(1, round(share * len(places)))]:
        place, letter = places[number], text[places[number]]
        following = "".join(letters[place + 1 : place + 2])
        if slips[number] == 0 and following.isalpha() and following not in ("", letter):
            letters[place], letters[place + 1] = following, letter
        elif slips[number] == 1:
            letters[place] = ""
        elif slips[number] == 2:
            letters[place] = letter * 2
        else:
            keys = _beside(letter.lower())
            letters[place] = keys[sides[number] % len(keys)]
    return "".join(letters)


# -- other words -----------------------------------------------------------------------------------------------------

_EQUALS = """
man guy; men guys; woman lady; women ladies; child kid; children kids; boy lad; boys lads; people persons; large big;
big large; small little; little small; bike bicycle; bicycle bike; photo picture; picture photo; sofa couch; rock
boulder; rocks boulders; street road; road street; ocean sea; sea ocean; forest woods; woods forest; jumps leaps;
jumping leaping; jump leap; runs races; running racing; stands stays; near beside; beside near; holds carries; holding
carrying; hat cap; smiling grinning; looking gazing; looks gazes; sitting seated; young youthful; outside outdoors;
outdoors outside; puppy pup; dog hound; dogs hounds; plane airplane; talking speaking; walking strolling; walks
strolls; climbing scaling; climbs scales; two 2; three 3; four 4
"""
SYNONYMS: dict[str, str] = dict(pair.split() for pair in _EQUALS.split(";"))
"""Words that may stand for each other in captions of photographs. Near in meaning, not always equal."""

CONTRACTIONS = {
    r"\b(is|are|was|were|does|do|has|have) not\b": r"\1n't",
    r"\b(there|that|it|he|she|who) is\b": r"\1's",
    r"\b(they|we|you) are\b": r"\1're",
    r"\bcan not\b|\bcannot\b": "can't",
}

PLACES = frozenset({"in", "on", "at", "near", "by", "through", "across", "along", "under", "over"})
"""Prepositions whose phrase may as well stand at the start."""

PLACE_WORDS = 4
"""Most words of such a phrase: behind a longer one there is often a verb that belongs elsewhere."""

CLAUSES = frozenset({"with", "while", "and", "or", "as", "who", "which", "that"})
"""Words that open something that would not move along."""


def _paraphrased(text: str, most: float, chance: np.random.Generator) -> str:
    """Up to `most` changes, in an order that chance gives: a synonym, a contraction, the last place brought forward."""
    stem = text.rstrip(" .!?\t\n")
    tokens = re.findall(r"[^\W_]+|[\W_]", stem)
    changes: list[int | str] = [place for place, token in enumerate(tokens) if token.lower() in SYNONYMS]
    changes += [pattern for pattern in CONTRACTIONS if re.search(pattern, stem, re.IGNORECASE)]
    changes += ["order"] if _place_forward(stem) != stem else []
    chosen = {changes[number] for number in chance.permutation(len(changes))[: int(most)]}
    changed = "".join(SYNONYMS[token.lower()] if at in chosen else token for at, token in enumerate(tokens))
    for pattern, short in CONTRACTIONS.items():
        changed = re.sub(pattern, short, changed, flags=re.IGNORECASE) if pattern in chosen else changed
    return (_place_forward(changed) if "order" in chosen else changed) + text[len(stem) :]


def _place_forward(text: str) -> str:
    """`text` with its last phrase of place at the start, or as it is where no such phrase ends it."""
    words = text.split(" ")
    starts = [at for at, word in enumerate(words) if word.lower() in PLACES]
    if (
        not starts
        or starts[-1] < 2
        or not 2 <= len(words) - starts[-1] <= PLACE_WORDS
        or CLAUSES & set(words[starts[-1] :])
    ):
        return text
    return f"{' '.join(words[starts[-1] :])}, {' '.join(words[: starts[-1]])}"


# -- too short -------------------------------------------------------------------------------------------------------

_ENDS = """
and or of in on at by to for from with without into onto over under near through across along up down off out as while
who which where that is are was were has have had do does did
"""
_SMALL = """
a an the this these those some any each his her its their our my your but there be been being it he she they them him we
you i not no very one two three four five several many few other another
"""
FUNCTION_WORDS = frozenset((_ENDS + _SMALL).split())
_PHRASE_ENDS = frozenset(_ENDS.split())
"""Words that a noun phrase does not go beyond."""

_ALL_SPELLINGS = frozenset().union(*NOUNS.values())


def head_noun(text: str) -> str:
    """The thing a caption is about: the first word that is one of `NOUNS`, else the last of the first noun phrase.

    Without a grammar, and for English: a phrase ends before a preposition, conjunction, auxiliary or word in -ing.
    "" for a text without words.

    >>> head_noun("A large brown dog runs"), head_noun("the old harbour of Rotterdam")
    ('dog', 'harbour')
    """
    words = words_of(text)
    for word in words:
        if word in _ALL_SPELLINGS:
            return word
    phrase: list[str] = []
    for word in words:
        if phrase and (word in _PHRASE_ENDS or word.endswith("ing")):
            break
        if word not in FUNCTION_WORDS:
            phrase.append(word)
    return phrase[-1] if phrase else "".join(words[:1])


def _cut(text: str, kept: float, chance: np.random.Generator) -> str:
    """The head noun and the words of meaning that stand nearest to it, `kept` of them in all, in their order."""
    words = [word for word in words_of(text) if word not in FUNCTION_WORDS]
    head = head_noun(text)
    if head not in words:
        return head or text
    place = words.index(head)
    nearest = sorted(range(len(words)), key=lambda other: (abs(other - place), other))[: int(kept)]
    return " ".join(words[number] for number in sorted(nearest))


REWORDINGS = {
    rewording.name: rewording
    for rewording in (
        Rewording(
            name="typos",
            unit="share of the letters with a slip",
            amounts=(0.03, 0.06, 0.1, 0.15, 0.25),
            apply=_mistyped,
        ),
        Rewording(name="paraphrase", unit="most changes by a rule", amounts=(1, 2, 3, 4, 5), apply=_paraphrased),
        Rewording(name="ambiguity", unit="words of meaning kept", amounts=(5, 4, 3, 2, 1), apply=_cut),
    )
}
"""By name. A further one is a function and an entry here."""

# -- no --------------------------------------------------------------------------------------------------------------

WITHOUT = ("no {}", "without {}", "a photo with no {}")
WITH = ("{}", "with {}", "a photo with {}")


def asked_without(noun: str) -> tuple[str, ...]:
    """Questions for pictures that do not show this.

    >>> asked_without("dog")
    ('no dog', 'without dog', 'a photo with no dog')
    """
    return tuple(form.format(noun) for form in WITHOUT)


def asked_with(noun: str) -> tuple[str, ...]:
    """The same questions for pictures that do show it, one for one: what an encoder that misses the "no" hears."""
    return tuple(form.format(noun) for form in WITH)
