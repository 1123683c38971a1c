"""Recordings in which somebody speaks, made of nothing but vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sensorium.core.contents import Addition
from sensorium.core.items import Aspect, Rights
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space, Vectors
from sensorium.testing.specimens import OWNER, Kind, specimen, unit_vectors

VOICES = Space(name="voices", version="1", width=32, digest="bb" * 32)
ANN, BEN = np.eye(32, dtype=np.float32)[:2]


def voice_of(person: int, sentence: int) -> Vectors:
    """float32 [32], unit length: a person's voice, a little different in every sentence.

    >>> bool(voice_of(1, 0) @ voice_of(1, 1) > 0.9 > 0.8 > voice_of(1, 0) @ voice_of(2, 0))
    True
    """
    loud, soft = unit_vectors(1, 32, seed=1_000 + person)[0], unit_vectors(1, 32, seed=97 * person + sentence)[0]
    voice: Vectors = loud + np.float32(0.2) * soft
    return voice / np.linalg.norm(voice)


def recording(
    number: int, said: Sequence[tuple[str, Vectors]], *, scope: Scope = OWNER, rights: Rights | None = None
) -> Addition:
    """An item in which these speakers speak, each with their voice, one after the other."""
    made = specimen(number, Kind(pieces=len(said), rights=rights or scope.private_rights()), scope=scope)
    pieces = tuple(
        replace(piece, aspect=Aspect.SPEECH, attributes={"speaker": speaker, "language": "en"})
        for piece, (speaker, _) in zip(made.pieces, said, strict=True)
    )
    return replace(
        made,
        pieces=pieces,
        vectors={**made.vectors, VOICES.id: np.stack([voice for _, voice in said])},
        covered={**made.covered, VOICES.id: tuple(range(len(said)))},
    )
