"""What goes between the parent and the process that hears speech: heads of JSON, and samples as a body.

All that comes back is checked as if an attacker had written it.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np

from sensorium.core.contents import Samples
from sensorium.core.errors import BadInput
from sensorium.perception.utterances import Utterance, Word
from sensorium.perception.voice_activity import RATE, require_samples
from sensorium.processes.channel import Body, Malformed
from sensorium.processes.failing import Failed, unpack_failure

MOST_HEAD_BYTES = 16_384
"""Longest announcement of samples, and longest first frame: it holds the paths of a model's files."""
MOST_SAMPLES = 4 * 3_600 * RATE
MOST_ANSWER_BYTES = 64 * 1024 * 1024
MOST_UTTERANCES = 100_000
MOST_CHARACTERS = 20_000
"""Longest utterance: thirty seconds hold a few hundred."""
MOST_WORDS = 2_000
SLACK = 1.0
"""Seconds by which a time may lie outside of the samples: models round."""

SAMPLES = np.dtype("<i2")
HIDDEN = frozenset({"Cc", "Cs"})
TAGS = range(0xE0000, 0xE0080)
"""Characters that are not seen and mean nothing here. Others of the kind join letters, in Persian for one."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")


def pack_samples(samples: Samples, start: float) -> tuple[bytes, bytes]:
    """Head and body of a question. Raises BadInput for anything but samples, or too many of them.

    >>> pack_samples(np.zeros(2, np.int16), 60.0)
    (b'{"start": 60.0}', b'\\x00\\x00\\x00\\x00')
    """
    require_samples(samples)
    if len(samples) > MOST_SAMPLES:
        remedy = "give it in parts"
        raise BadInput(f"more than {MOST_SAMPLES // RATE // 3_600} hours of sound at once", remedy=remedy)
    return json.dumps({"start": float(start)}).encode(), np.ascontiguousarray(samples, SAMPLES).tobytes()


def unpack_samples(head: bytes, body: Body) -> tuple[Samples, float]:
    """The inverse, in the worker, which trusts its parent."""
    return body.view(SAMPLES).astype(np.int16, copy=False), json.loads(head)["start"]


def pack_utterances(utterances: Iterable[Utterance]) -> bytes:
    """An answer, without what the parent does not take."""
    return json.dumps({"said": [_row(said) for said in utterances if _seen(said.text)][:MOST_UTTERANCES]}).encode()


def unpack_answer(body: bytes, start: float, length: float) -> tuple[Utterance, ...] | Failed:
    """What the process answered, every field checked. Raises Malformed.

    start, length: of the samples, in seconds of media time.

    >>> said = unpack_answer(b'{"said": [["Yes.", 60.1, 60.4, "en", 0.9, [[" Yes.", 60.1, 60.4, 0.9]]]]}', 60.0, 1.0)
    >>> said[0].text, said[0].seconds, said[0].words[0].text
    ('Yes.', (60.1, 60.4), ' Yes.')
    >>> unpack_answer(b'{"said": [["Yes.", 60.1, 99.0, "en", 0.9, []]]}', 60.0, 1.0)
    Traceback (most recent call last):
    ...
    sensorium.processes.channel.Malformed: a time outside of the recording
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if (failed := unpack_failure(answer)) is not None:
        return failed
    match answer:
        case {"said": list(rows)} if len(answer) == 1 and len(rows) <= MOST_UTTERANCES:
            within = (start - SLACK, start + length + SLACK)
            return tuple(_utterance(row, within) for row in rows)
    raise Malformed("an answer of another shape")


def _row(said: Utterance) -> list[Any]:
    words = [[_seen(word.text), word.start, word.end, word.confidence] for word in said.words[:MOST_WORDS]]
    return [_seen(said.text), *said.seconds, said.language, said.confidence, words]


def _seen(text: str) -> str:
    return "".join(character for character in text[:MOST_CHARACTERS] if not _is_hidden(character))


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN or ord(character) in TAGS


def _utterance(row: Any, within: tuple[float, float]) -> Utterance:
    match row:
        case [str(text), start, end, str(language), confidence, list(words)] if len(words) <= MOST_WORDS:
            if not _LANGUAGE.fullmatch(language):
                raise Malformed("a language that is none")
            return Utterance(
                text=_text(text),
                seconds=_seconds(start, end, within),
                language=language,
                confidence=_share(confidence),
                words=tuple(_word(word, within) for word in words),
            )
    raise Malformed("an utterance of another shape")


def _word(row: Any, within: tuple[float, float]) -> Word:
    match row:
        case [str(text), start, end, confidence]:
            start, end = _seconds(start, end, within)
            return Word(text=_text(text), start=start, end=end, confidence=_share(confidence))
    raise Malformed("a word of another shape")


def _text(text: str) -> str:
    if len(text) > MOST_CHARACTERS or any(map(_is_hidden, text)):
        raise Malformed("a text that is too long, or has control characters")
    return text


def _seconds(start: Any, end: Any, within: tuple[float, float]) -> tuple[float, float]:
    if not within[0] <= _number(start) <= _number(end) <= within[1]:
        raise Malformed("a time outside of the recording")
    return float(start), float(end)


def _share(value: Any) -> float:
    if not 0 <= _number(value) <= 1:
        raise Malformed("a confidence outside of 0..1")
    return float(value)


def _number(value: Any) -> float:
    if not isinstance(value, float | int) or isinstance(value, bool) or not math.isfinite(value):
        raise Malformed("something else than a number")
    return float(value)
