"""Which pictures show what is heard: kinds of sound, and the words of captions that speak of their source."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SOURCES = {
    "dog bark": r"dogs?|pupp(?:y|ies)",
    "sea waves": r"waves?|ocean|surf\w*|sea|beach",
    "baby cry": r"bab(?:y|ies)|infants?|toddlers?",
    "rooster": r"roosters?|chickens?|birds?|ducks?|geese|goose|seagulls?|pigeons?",
    "fire crackling": r"fire|campfire|bonfire|flames?",
    "rain": r"rain\w*|umbrellas?|puddles?",
    "helicopter": r"helicopters?|airplanes?|planes?|aircraft",
}
"""By the label of ESC-10; other labels (a clock, a sneeze, a chainsaw) are on no picture of Flickr8k that says so."""


def shown(captions: Sequence[Sequence[str]], kinds: Sequence[str]) -> npt.NDArray[np.bool_]:
    """bool [kinds, pictures]: whether at least two captions of a picture, or its only one, speak of the source.

    >>> shown([("A dog runs .", "Dogs play ."), ("A man .",)], ["dog bark", "clock tick"]).tolist()
    [[True, False], [False, False]]
    """
    found = np.zeros((len(kinds), len(captions)), np.bool_)
    for row, kind in enumerate(kinds):
        if kind not in SOURCES:
            continue
        pattern = re.compile(rf"\b(?:{SOURCES[kind]})\b", re.IGNORECASE)
        for column, texts in enumerate(captions):
            hits = sum(bool(pattern.search(text)) for text in texts)
            found[row, column] = hits >= min(2, len(texts))
    return found
