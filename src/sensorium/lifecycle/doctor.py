"""The doctor: store against index against files, the encoder against its golden vectors, room on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.errors import SensoriumError
from sensorium.core.items import Modality
from sensorium.core.ports import DetailedEncoder, Encoder, IndexHealth
from sensorium.core.reports import Finding, ModelState
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space, SpaceRole
from sensorium.core.store_ports import SourceStore, StoreHealth
from sensorium.ingest.sources import is_gone

LEAST_FREE_BYTES = 500_000_000
"""Below this a batch of large previews or the rewriting of an index may not fit."""

DAMAGED = "put back a copy of the library's folder, or add the files to a new library"
LACKING = "run `sensorium reembed`, which makes the vectors that can be made"
NEVER = "the index was never written"

NAMED = 5
"""Sources that a finding names; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is looked at. spaces: those that the store holds. sandbox: how far the reading process is shut in.

    models: the spaces with how much each covers. further: other checks, each told whether to mend.
    """

    folder: Path
    scope: Scope
    store: StoreHealth
    sources: SourceStore
    indexes: IndexHealth
    encoder: Encoder
    spaces: tuple[Space, ...]
    sandbox: Callable[[], str]
    models: tuple[ModelState, ...] = ()
    further: tuple[Callable[[bool], Finding], ...] = ()


def examine(patient: Patient, *, mend: bool = False) -> Iterator[Finding]:
    """One finding for each thing that was looked at. mend: set right what can be, and say so."""
    yield _store(patient)
    yield _log(patient, mend=mend)
    yield _index(patient, mend=mend)
    if patient.models:
        yield _models(patient)
    yield _sources(patient)
    yield from (check(mend) for check in patient.further)
    yield _encoder(patient)
    yield _sandbox(patient)
    yield _disk(patient)


def _store(patient: Patient) -> Finding:
    wrong = patient.store.check()
    missing = patient.store.pieces_without_vectors().get(patient.encoder.space.id, 0)
    if missing:
        wrong.append(f"{missing} pieces have no vector in {patient.encoder.space.id}")
    if isinstance(patient.encoder, DetailedEncoder) and patient.encoder.details is not None:
        plain = patient.store.pieces_without_details(patient.encoder.space.id, Modality.IMAGE)
        if plain:
            wrong.append(
                f"{plain} pictures have no details in {patient.encoder.space.id}, and are not looked at closely"
            )
    return Finding(
        check="store",
        healthy=not wrong,
        message="; ".join(wrong) or "every item has its pieces, every piece its vector",
        remedy=(LACKING if missing and len(wrong) == 1 else DAMAGED) if wrong else "",
    )


def _log(patient: Patient, *, mend: bool) -> Finding:
    if not mend:
        due = patient.store.is_scrub_due()
        return Finding(
            check="log",
            healthy=not due,
            message="bytes of what was forgotten may still lie on the disk" if due else "nothing waits to be scrubbed",
            remedy="run `sensorium doctor --mend`" if due else "",
        )
    try:
        patient.store.scrub()
    except SensoriumError as error:
        return Finding(check="log", healthy=False, message=error.what, remedy=error.remedy)
    return Finding(check="log", healthy=True, message="the store was written anew, without what was erased")


def _index(patient: Patient, *, mend: bool) -> Finding:
    if not patient.spaces:
        return Finding(check="index", healthy=True, message="there is nothing to index yet")
    if patient.encoder.space not in patient.spaces:
        held = ", ".join(space.id for space in patient.spaces)
        return Finding(
            check="index",
            healthy=False,
            message=f"the library has {held}, and the encoder is {patient.encoder.space.id}",
            remedy="let the library name its encoder (unset SENSORIUM_ENCODER), or run `sensorium reembed --with NAME`",
        )
    kept = _kept_files(patient)
    wrong = [*patient.indexes.inspect(patient.encoder.space), *(what for found in kept.values() for what in found)]
    if not wrong:
        return Finding(check="index", healthy=True, message="the file is the one that the store remembers")
    message = "; ".join(wrong)
    if not mend:
        remedy = "searches rebuild it in memory; run `sensorium doctor --mend` to write it anew"
        return Finding(check="index", healthy=False, message=message, remedy=remedy)
    for space in (patient.encoder.space, *kept):
        patient.indexes.rebuild(space)
    return Finding(check="index", healthy=False, message=message, mended=True)


def _kept_files(patient: Patient) -> dict[Space, list[str]]:
    """What is wrong with the files of spaces that are not searched now; one that was never written is not missed."""
    others = [one.known.space for one in patient.models if one.known.space != patient.encoder.space]
    told = {space: [f"{space.id}: {what}" for what in patient.indexes.inspect(space)] for space in others}
    return {space: wrong for space, found in told.items() if (wrong := [w for w in found if not w.endswith(NEVER)])}


def _models(patient: Patient) -> Finding:
    """The spaces that are searched or could be. What an unfinished run left is told, and harms nothing."""
    unfinished = [one.known.space.id for one in patient.models if one.known.role is SpaceRole.BUILDING]
    return Finding(
        check="models",
        healthy=True,
        message="; ".join(str(one) for one in patient.models if one.known.role is not SpaceRole.BROUGHT),
        remedy="run `sensorium reembed --with NAME` to finish what was begun, or `sensorium reembed --drop"
        f" {unfinished[0]}`"
        if unfinished
        else "",
    )


def _sources(patient: Patient) -> Finding:
    seen = list(patient.sources.sightings(patient.scope))
    gone = [sighting.source for sighting in seen if is_gone(sighting.source)]
    if not gone:
        return Finding(check="files", healthy=True, message=f"all {len(seen)} are where they were added from")
    named = ", ".join(gone[:NAMED]) + (f" and {len(gone) - NAMED} more" if len(gone) > NAMED else "")
    return Finding(
        check="files",
        healthy=False,
        message=f"{len(gone)} of {len(seen)} are not there any more: {named}",
        remedy="run `sensorium add --prune` with their folder to forget them",
    )


def _encoder(patient: Patient) -> Finding:
    try:
        patient.encoder.verify()
    except SensoriumError as error:
        return Finding(check="encoder", healthy=False, message=str(error), remedy=error.remedy)
    return Finding(check="encoder", healthy=True, message=f"{patient.encoder.space.id} gives its golden vectors")


def _sandbox(patient: Patient) -> Finding:
    try:
        return Finding(check="sandbox", healthy=True, message=patient.sandbox())
    except SensoriumError as error:
        return Finding(check="sandbox", healthy=False, message=str(error), remedy=error.remedy)


def _disk(patient: Patient) -> Finding:
    free = shutil.disk_usage(patient.folder).free
    return Finding(
        check="disk",
        healthy=free >= LEAST_FREE_BYTES,
        message=f"{free / 1e9:.1f} GB are free",
        remedy="" if free >= LEAST_FREE_BYTES else "make room before you add more",
    )
