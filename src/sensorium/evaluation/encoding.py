"""Every entry of a suite as vectors: once, in the roles that its tasks need."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby, islice

import numpy as np

from sensorium.core.contents import Role
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.evaluation.reading import EvaluationPorts, Part, check_taken, read_parts
from sensorium.evaluation.tasks import Entry, Task
from sensorium.ingest.ahead import ahead

ENCODE_BATCH = 32

Told = Callable[[int, int], None]
"""Told how many entries of how many are encoded."""

Roles = frozenset[Role]

AS_PIECE: Roles = frozenset({"piece"})
AS_QUERY: Roles = frozenset({"query"})


@dataclass(slots=True)
class EncodedEntry:
    """An entry as vectors.

    pages: of each piece, from 1. pieces: float32 [width] each. question: float32 [width], of the first piece. Either is
    empty or None where no task needs it.
    """

    pages: list[int] = field(default_factory=list)
    pieces: list[Vectors] = field(default_factory=list)
    question: Vectors | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A piece that waits to be encoded. is_first, is_last: of its entry's pieces."""

    entry: Entry
    part: Part
    roles: Roles
    is_first: bool
    is_last: bool


def needed(tasks: Sequence[Task]) -> dict[Entry, Roles]:
    """All entries of these tasks, each once, with the roles in which they are asked or answer."""
    roles: dict[Entry, Roles] = {}
    for task in tasks:
        for entry in task.gallery:
            roles[entry] = roles.get(entry, frozenset()) | AS_PIECE
        for entry in task.queries:
            roles[entry] = roles.get(entry, frozenset()) | AS_QUERY
    return dict(sorted(roles.items(), key=lambda entry: entry[0].modality))


def encode_entries(
    entries: Mapping[Entry, Roles], ports: EvaluationPorts, told: Told | None = None
) -> dict[Entry, EncodedEntry]:
    """Reads and encodes each entry. told: called after each batch.

    Where the first batch of a sense that is needed in both roles shows that the encoder does not tell them apart, the
    rest of that sense is encoded once. Raises BadInput for a file that is refused, or a sense that is not taken.
    """
    check_taken(entries, ports.encoder)
    encoded = {entry: EncodedEntry() for entry in entries}
    role_blind: dict[Modality, bool] = {}
    done = 0
    with closing(ahead(_waiting(entries, ports), places=ENCODE_BATCH)) as waiting:
        for batch in _batches(waiting):
            _encode_batch(batch, ports.encoder, encoded, role_blind)
            done += sum(one.is_last for one in batch)
            if told is not None:
                told(done, len(entries))
    return encoded


def _waiting(entries: Mapping[Entry, Roles], ports: EvaluationPorts) -> Iterator[_Waiting]:
    for entry, roles in entries.items():
        parts = read_parts(entry, ports)
        if "piece" not in roles:
            parts = parts[:1]
        for number, part in enumerate(parts):
            first, last = number == 0, number == len(parts) - 1
            asked = roles if first else AS_PIECE
            yield _Waiting(entry=entry, part=part, roles=asked, is_first=first, is_last=last)


def _batches(waiting: Iterator[_Waiting]) -> Iterator[list[_Waiting]]:
    """Batches of one sense and the same roles."""
    for _, alike in groupby(waiting, key=lambda one: (one.part.modality, one.roles)):
        while batch := list(islice(alike, ENCODE_BATCH)):
            yield batch


def _encode_batch(
    batch: Sequence[_Waiting], encoder: Encoder, encoded: dict[Entry, EncodedEntry], role_blind: dict[Modality, bool]
) -> None:
    modality, roles = batch[0].part.modality, batch[0].roles
    contents = [one.part.content for one in batch]
    vectors = {
        role: check_vectors(encoder.encode(modality, contents, role), encoder.space.width)
        for role in sorted(roles)
        if not (role == "query" and role_blind.get(modality) and len(roles) > 1)
    }
    if len(vectors) > 1:
        role_blind.setdefault(modality, np.array_equal(vectors["piece"], vectors["query"]))
    for row, one in enumerate(batch):
        into = encoded[one.entry]
        if "piece" in roles:
            into.pages.append(one.part.page)
            into.pieces.append(vectors["piece"][row])
        if "query" in roles and one.is_first:
            into.question = vectors.get("query", vectors.get("piece"))[row]  # type: ignore[index]
