"""In which language a question is put: told by its letters, else by the small words that hardly a sentence lacks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable

ENGLISH = "en"
SURE = 2.0
"""ln of the odds from which a text without any small word is taken for English."""

_SCRIPTS = {"GREEK": "el", "HEBREW": "he", "ARABIC": "ar", "HANGUL": "ko", "THAI": "th", "DEVANAGARI": "hi"}
"""Scripts that one language is mostly written in, by the first word of their letters' names (Unicode)."""

_LETTERS = {
    "de": "ß",
    "cs": "řěů",
    "pl": "łąęśźż",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "fr": "œçèêùû",
    "sv": "å",
}
"""Letters that one of these languages has, and hardly another of them."""

_WORDS = {
    "en": "the a an of and in on is are with at to for his her from by that this some while who what where which near",
    "de": "der die das ein eine einen einem einer und in im auf mit ist sind von zu für aus vor am beim zwei wo was",
    "fr": "le la les un une des de du et dans sur est sont avec au aux en pour par qui que son sa deux il elle où",
    "cs": "a v ve na s se z ze do je jsou si pro po u k dva který která které kde co kdo při před za o jeho",
    "es": "el la los las un una unos de del y en es está con por para que su al se dos dónde qué como junto",
    "it": "il lo la gli le un una uno di del della e è in nel con su per che sono da due dove al alla mentre",
    "nl": "de het een en van in op met is zijn aan voor die dat te bij naar uit twee waar wat door over",
    "pt": "o a os as um uma de do da dos e em no na é com por para que está ao dois onde seu sua",
    "pl": "i w we na z ze do jest są się o od po dwa dwóch który która gdzie co przez przy jego dla",
    "sv": "en ett och i på är med av som för till från två den det de vid sin var vad",
}
"""The most frequent words of each, most of them without a meaning of their own."""

_TONGUES = {
    word: [name for name, words in _WORDS.items() if word in words.split()]
    for word in " ".join(_WORDS.values()).split()
}
_RUN = re.compile(r"[^\W\d_]+")


def language_of(text: str, english_odds: Callable[[str], float] = lambda text: 0.0) -> str | None:
    """The language's code (ISO 639-1), None where it can not be told. english_odds: ln of the odds that it is English.

    >>> [language_of(said) for said in ("ein Hund im Schnee", "un chien dans la neige", "犬と雪", "собака", "tmnt")]
    ['de', 'fr', 'ja', 'ru', None]
    """
    by_script = _by_script(text)
    if by_script is not None:
        return by_script
    votes, odds = _votes(text), english_odds(text)
    if odds >= SURE:
        votes[ENGLISH] = votes.get(ENGLISH, 0.0) + odds
    if not votes:
        return None
    (first, most), *others = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    if first == ENGLISH and odds < 0 and others:
        return others[0][0]
    return first if not others or most > others[0][1] else None


def _votes(text: str) -> dict[str, float]:
    """For each language how much speaks for it: a word that several have counts for each a part."""
    votes: dict[str, float] = {}
    small = text.lower()
    for word in _RUN.findall(small):
        tongues = _TONGUES.get(word, ())
        for tongue in tongues:
            votes[tongue] = votes.get(tongue, 0.0) + 1 / len(tongues)
    for tongue, letters in _LETTERS.items():
        if own := sum(letter in small for letter in letters):
            votes[tongue] = votes.get(tongue, 0.0) + 2 * own
    return votes


def _by_script(text: str) -> str | None:
    """What is not written in Latin letters, by most of its letters."""
    scripts = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    if not scripts:
        return None
    if scripts["HIRAGANA"] + scripts["KATAKANA"]:
        return "ja"
    script, _ = scripts.most_common(1)[0]
    if script == "CJK":
        return "zh"
    if script == "CYRILLIC":
        return "uk" if set("іїєґ") & set(text.lower()) else "ru"
    if script == "ARABIC" and set("پچژگ") & set(text):
        return "fa"
    return _SCRIPTS.get(script)
