"""Names of things that photographs show, with their other spellings, and where a caption speaks of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAMED = """
man men guy guys gentleman gentlemen; woman women lady ladies; boy boys; girl girls; child children kid kids toddler
toddlers; baby babies infant infants; person people; dog dogs puppy puppies; cat cats kitten kittens; horse horses pony
ponies; bird birds; cow cows cattle; sheep lamb lambs; fish fishes; bear bears; monkey monkeys; car cars; bus buses;
truck trucks; train trains; bike bikes bicycle bicycles; motorcycle motorcycles motorbike motorbikes; boat boats kayak
kayaks canoe canoes sailboat sailboats; plane planes airplane airplanes; ball balls football footballs soccer
basketball baseball tennis; frisbee frisbees; skateboard skateboards; surfboard surfboards; snowboard snowboards; tree
trees; flower flowers; grass; snow; water; ocean sea; beach beaches; lake lakes; river rivers; mountain mountains;
rock rocks; road roads; street streets; house houses; building buildings; bench benches; table tables; chair chairs;
bed beds; door doors; window windows; fence fences; bridge bridges; hat hats cap caps; shirt shirts; dress dresses;
helmet helmets; umbrella umbrellas; bag bags; book books; phone phones; camera cameras; guitar guitars; piano pianos;
cake cakes; pizza pizzas; apple apples; bread; cup cups; bottle bottles; knife knives; clock clocks; lamp lamps; tent
tents; flag flags; tower towers; pool pools; swing swings; slide slides; rope ropes; stick sticks; toy toys
"""

NOUNS: dict[str, frozenset[str]] = {
    words[0]: frozenset(words) for words in (entry.split() for entry in _NAMED.split(";")) if words
}
"""Each thing -> every word that counts as speaking of it, in small letters."""

PAINTED = ("apple", "boat", "piano", "pizza", "clock", "tower", "horse", "train", "knife", "tent", "fish", "lamp")
"""Words of at most six letters, so that they can be painted large; each is one of `NOUNS`."""


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without marks; an apostrophe is part of its word.

    >>> words_of("A dog's ball , red .")
    ['a', "dog's", 'ball', 'red']
    """
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower())


def spoken_of(texts: Iterable[str]) -> dict[str, int]:
    """Each thing of `NOUNS` that the texts speak of -> how many of the texts do.

    >>> spoken_of(["two puppies in the snow", "a dog"])
    {'dog': 2, 'snow': 1}
    """
    counts: dict[str, int] = {}
    for text in texts:
        words = {word.removesuffix("'s") for word in words_of(text)}
        for noun, spellings in NOUNS.items():
            if words & spellings:
                counts[noun] = counts.get(noun, 0) + 1
    return counts
