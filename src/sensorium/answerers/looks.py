"""Which questions ask for pictures, films or sounds: those alone are answered by what something looks or sounds like.

A picture comes with names of what may be seen in it. They are guesses, and say nothing of the world: "looks like a
harbour" answers "which picture shows a harbour?", and never "when was the harbour built?".
"""

from __future__ import annotations

import re

SEEN = "looks or sounds like: "
COLOURS = "colours: "

_NOUN = (
    r"(?:pictures?|photos?|photographs?|images?|drawings?|paintings?|films?|movies?|videos?|clips?|recordings?|sounds?|"
    r"bild(?:er|ern|es)?|fotos?|aufnahmen?|filme[ns]?|zeichnung(?:en)?|tonaufnahmen?|geräusche?|"
    r"dessins?|photographies?|vidéos?|enregistrements?|sons?|"
    r"obráz(?:ek|ky|cích|ku)|fot(?:ka|ky|ku|o|ografie|ografii)|filmy?|vide[ao]|nahrávk[auy]|zvuky?)"
)
_ASKING = (
    r"(?:which|any|some|all|more|(?:is|are) there|do (?:we|i|you) have|have (?:we|i|you)|show(?: (?:me|us))?|"
    r"find(?: (?:me|us))?|give (?:me|us)|how many|"
    r"welche[nrs]?|gibt es|zeig(?:e|en)?(?: (?:mir|uns))?|finde|hab(?:e|en) (?:ich|wir)|wie viele|"
    r"quel(?:le)?s?|y a-t-il|montre[sz]?(?:-moi|-nous)?|trouve[sz]?|avons-nous|combien d[e'’]|"
    r"kter[áéý]|je tu|jsou tu|máme|ukaž|najdi|kolik)"
)
_FOR_PICTURES = re.compile(
    rf"\b{_ASKING}\s+(?:[\w'’]+\s+){{0,2}}{_NOUN}\b"  # is there a photo
    rf"|\b(?:in|on|auf|dans|sur|na|ve?)\s+(?:which|what|welche[mnr]|quel(?:le)?s?|kter\w+)\s+{_NOUN}\b"
    rf"|^\W*(?:what|was für|quels?)\s+{_NOUN}\b"  # what pictures are there
    rf"|^\W*(?:(?:the|a|an|die|das|ein|eine|les?|la|une?|des)\s+)?(?:\w+\s+)?{_NOUN}\s+"
    r"(?:of|with|showing|that|where|von|mit|auf|de|d['’]|avec|où|s|se|kde)\b"  # photos of dogs
    rf"|\b(?:shown|seen|see|depicted|heard|zu (?:sehen|hören)|voit|entend|vidět|slyšet)\b[^?]*\b{_NOUN}\b"
    rf"|\b{_NOUN}\s+(?:shows?|zeigt|montre|ukazuje)\b",  # what the picture shows
    re.IGNORECASE,
)


def asks_for_pictures(question: str) -> bool:
    """Whether it asks for pictures, films or sounds; in English, German, French and Czech.

    >>> asked = ["Which picture shows a red bus?", "Is there a photo of a dog?", "What is seen in the film?"]
    >>> all(map(asks_for_pictures, asked))
    True
    >>> any(map(asks_for_pictures, ["Who painted the picture of the king?", "What does a film cost?", "a red bus"]))
    False
    """
    return bool(_FOR_PICTURES.search(question))


def is_description(statement: str) -> bool:
    """Whether it tells how something looks or sounds, by guess.

    >>> is_description("looks or sounds like: harbour, boat"), is_description("said: look at the boat")
    (True, False)
    """
    return statement.startswith((SEEN, COLOURS))
