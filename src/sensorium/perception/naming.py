"""Who speaks, from voices to names: the speakers of one item, and one person across a library."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from sensorium.core.contents import DraftPiece
from sensorium.core.errors import BadInput
from sensorium.core.items import Aspect, Rights
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Space, Vectors
from sensorium.core.store_ports import ItemStore, VectorStore, VoiceStore
from sensorium.perception.speaker_clusters import SAME_PERSON, cluster, match, voices

VOICES = "voices"
"""The name of the space of voices."""


class SpokenStore(ItemStore, VectorStore, VoiceStore, Protocol):
    """What naming asks of a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A sentence of the library. speaker: as its item calls them. voice: float32 [d], unit length."""

    key: int
    piece: str
    item: str
    rights: Rights
    speaker: str
    voice: Vectors = field(repr=False)


def told_apart(pieces: Sequence[DraftPiece], space_id: str, known: Mapping[str, Vectors]) -> list[DraftPiece]:
    """The pieces of one item, the spoken ones with who speaks: a known name, or "speaker 1" for the first to speak."""
    spoken = [n for n, piece in enumerate(pieces) if piece.aspect is Aspect.SPEECH and space_id in piece.vectors]
    found = list(pieces)
    if not spoken:
        return found
    vectors = np.stack([pieces[n].vectors[space_id] for n in spoken])
    labels = cluster(vectors)
    names = [_name(voice, number, known) for number, voice in enumerate(voices(vectors, labels), start=1)]
    for n, label in zip(spoken, labels, strict=True):
        found[n] = replace(pieces[n], attributes={**pieces[n].attributes, "speaker": names[label]})
    return found


def name_speaker(store: SpokenStore, scope: Scope, spaces: Sequence[Space], piece: str, name: str) -> int:
    """Gives a name to who speaks in a piece and wherever that voice speaks; returns in how many pieces.

    The name is told to nobody who may not see that piece: it is given only where all readers may. spaces: those that
    the store holds. Raises BadInput where nobody is heard in that piece.
    """
    space = next((space for space in spaces if space.name == VOICES), None)
    spoken = [] if space is None else _spoken(store, scope, space)
    chosen = next((one for one in spoken if one.piece == piece), None)
    if space is None or chosen is None:
        raise BadInput("no voice is known of it", subject=piece, remedy="name a piece in which somebody speaks")
    same = [one for one in one_person(spoken, chosen) if one.rights.within(chosen.rights)]
    samples = [one.key for one in same if one.rights == chosen.rights]
    store.name_voice(scope, space.id, name, samples=samples, speaks_in=[one.key for one in same])
    return len(same)


def speaker_names(store: SpokenStore, scope: Scope, spaces: Sequence[Space]) -> tuple[str, ...]:
    """The names that the scope may know, sorted."""
    return tuple(sorted({name for space in spaces for name in store.voices(scope, space.id)}))


def forget_speaker(store: SpokenStore, scope: Scope, spaces: Sequence[Space], name: str) -> int:
    """Takes a name from everything that the scope may see; returns from how many pieces and voices.

    Where it stood, a piece says "speaker 2" again, with a number that is free in its item.
    """
    instead: dict[int, str] = {}
    for space in spaces:
        for item, keys in _where(store, scope, space, name).items():
            taken = {piece.attributes.get("speaker") for piece in store.pieces_of(scope, item)}
            free = next(label for number in itertools.count(1) if (label := _numbered(number)) not in taken)
            instead |= dict.fromkeys(keys, free)
    return store.forget_voice(scope, name, instead)


def one_person(spoken: Sequence[Spoken], chosen: Spoken) -> list[Spoken]:
    """All sentences of who speaks in the sentence `chosen`."""
    speakers: dict[tuple[str, str], list[Spoken]] = {}
    for one in spoken:
        speakers.setdefault((one.item, one.speaker), []).append(one)
    means = {speaker: _mean(said) for speaker, said in speakers.items()}
    asked = (chosen.item, chosen.speaker)
    same = [speaker for speaker, mean in means.items() if speaker == asked or mean @ means[asked] >= SAME_PERSON]
    return [one for speaker in same for one in speakers[speaker]]


def _where(store: SpokenStore, scope: Scope, space: Space, name: str) -> dict[str, list[int]]:
    """The keys of the pieces that say that it is this speaker, by the id of their item."""
    if space.name != VOICES:
        return {}
    speaks = Filter(speakers=frozenset({name}))
    keys = store.visible_keys(scope, speaks, space.id).tolist()
    found: dict[str, list[int]] = {}
    for key, piece in store.pieces(scope, speaks, keys).items():
        found.setdefault(piece.item.id, []).append(key)
    return found


def _spoken(store: SpokenStore, scope: Scope, space: Space) -> list[Spoken]:
    everything = Filter(aspects=frozenset({Aspect.SPEECH}))
    keys = store.visible_keys(scope, everything, space.id).tolist()
    vectors = store.vectors_of(space.id, keys)
    return [
        Spoken(
            key=key,
            piece=found.piece.id,
            item=found.item.id,
            rights=found.item.rights,
            speaker=found.piece.attributes.get("speaker", ""),
            voice=vectors[key],
        )
        for key, found in store.pieces(scope, everything, keys).items()
    ]


def _mean(said: Sequence[Spoken]) -> Vectors:
    mean: Vectors = voices(np.stack([one.voice for one in said]), np.zeros(len(said), np.int64))[0]
    return mean


def _name(voice: Vectors, number: int, known: Mapping[str, Vectors]) -> str:
    names = list(known)
    best = match(voice, np.stack([known[name] for name in names])) if names else None
    return _numbered(number) if best is None else names[best]


def _numbered(number: int) -> str:
    return f"speaker {number}"
